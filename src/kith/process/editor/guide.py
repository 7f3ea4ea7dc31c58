"""Quick reference for everybody: what each step is for, what it needs, how long it may take, how to go about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kith.kernel.errors import NotFound
from kith.process.editor.wholepages import read_stages
from kith.process.editor.words import say_rule
from kith.process.evidence.advised import advised_to
from kith.process.versions import in_use, standard
from kith.ui.pages.base import actor_of
from kith.ui.render import page


@require_GET
def guides(request: HttpRequest) -> HttpResponse:
    """The guide of the process in which new customers begin."""
    running = standard() or next(iter(in_use().values()), None)
    if running is None:
        return page(request, "process/guide.html", {"running": None, "others": []})
    return HttpResponseRedirect(f"/process/guide/{running.process.key}/")


@require_GET
def guide(request: HttpRequest, key: str) -> HttpResponse:
    """`?team=Sales` keeps to the steps of one team."""
    running = next((one for one in in_use().values() if one.process.key == key), None)
    if running is None:
        raise NotFound(_("There is no process “%s” in force.") % key)
    teams = list(
        dict.fromkeys(team for s in running.definition.stages for team in (s.team, *s.team_for.values()) if team)
    )
    team = request.GET.get("team", "")
    team = team if team in teams else ""
    stages = [
        s
        for s in read_stages(running.definition, actor_of(request))
        if not team or team in (s["stage"].team, *s["stage"].team_for.values())
    ]
    others = [one.process for one in in_use().values() if one.process.key != key]
    context = {
        "running": running,
        "read": running.definition,
        "stages_told": stages,
        "teams": teams,
        "team": team,
        "others": others,
        "advice": advised_to(actor_of(request), running.process.pk),
        "whom": say_rule(running.definition.whom, actor_of(request)),
    }
    return page(request, "process/guide.html", context)
