"""Pages of automation that no list or record page gives: replay before switching on, and the switch that pauses all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kith.automation import actions, queries
from kith.automation.models import Run, RunState, Workflow
from kith.automation.replay import replay
from kith.automation.saying import in_one
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import page

SHOWN = 50


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Settings, automation: every workflow as a sentence with how its runs went, what failed last, the pause of all."""
    actor = actor_of(request)
    actor.require("settings.manage")
    rows = list(registry["workflow"].rows(actor, archived=False).order_by("-active", "name"))
    counts = queries.counts_of([row.pk for row in rows])
    failed = Run.objects.filter(state=RunState.FAILED).prefetch_related("steps").order_by("-ended_at")[:10]
    context = {
        "workflows": [{"row": row, "words": _words(row, actor), "counts": counts.get(row.pk, {})} for row in rows],
        "failed": failed, "paused": queries.paused(),
    }  # fmt: skip
    return page(request, "automation/overview.html", context)


def _words(row: Workflow, actor: object) -> str:
    return in_one(row.draft, actor) if row.draft else _("Nothing is said yet.")  # type: ignore[arg-type]


@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Pause all automation, or let it go on."""
    actor = actor_of(request)
    if request.POST.get("do") == "resume":
        actions.resume_all(by=actor)
        messages.success(request, _("Automation goes on."))
    else:
        actions.pause_all(by=actor)
        messages.success(request, _("All automation rests. What happens meanwhile starts nothing."))
    return HttpResponseRedirect("/settings/automation/")


@require_GET
def replay_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the draft would have done in the last 90 days. Nothing is written."""
    actor = actor_of(request)
    actor.require("settings.manage")
    workflow = registry["workflow"].get(actor, pk)
    told = replay(workflow, by=actor, shown=SHOWN)
    return page(request, "automation/replay.html", {"workflow": workflow, "told": told})
