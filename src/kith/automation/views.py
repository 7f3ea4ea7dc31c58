"""Pages of automation that no list or record page gives: replay before switching on, and the switch that pauses all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kith.automation import actions, queries, shipped
from kith.automation.models import Run, RunState, Workflow
from kith.automation.replay import replay
from kith.automation.saying import in_one
from kith.automation.stages.shown import home_of, line_of, standing_for
from kith.kernel.access.actor import Actor
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import fragment, is_htmx, page

SHOWN = 50
NO_RUNS = {"runs": 0, "open": 0, "failed": 0}


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Settings, automation: every workflow as a sentence with how its runs went, what failed last, the pause of all."""
    actor = actor_of(request)
    actor.require("settings.manage")
    rows = list(registry["workflow"].rows(actor, archived=False).select_related("process").order_by("-active", "name"))
    counts = queries.counts_of([row.pk for row in rows])
    failed = Run.objects.filter(state=RunState.FAILED).prefetch_related("steps").order_by("-ended_at")[:10]
    context = {
        "workflows": [_told(row, actor, counts) for row in rows if row.process is None],
        "of_stages": [_told(row, actor, counts) for row in sorted(rows, key=lambda r: (r.process_id, r.pk)) if row.process],
        "failed": [(run, _last_error(run)) for run in failed],
        "paused": queries.paused(),
        "offered": [{"one": one, "words": in_one(one.document, actor)} for one in shipped.offered(actor)],
    }  # fmt: skip
    return page(request, "automation/overview.html", context)


def _told(row: Workflow, actor: Actor, counts: dict[int, dict[str, int]]) -> dict[str, Any]:
    return {"row": row, "words": _words(row, actor), "counts": counts.get(row.pk, NO_RUNS), "home": home_of(row)}


def _last_error(run: Run) -> str:
    """What went wrong last, from its steps as they were fetched."""
    said = [(step.pk, step.error) for step in run.steps.all() if step.error]
    return max(said)[1] if said else ""


def _words(row: Workflow, actor: Actor) -> str:
    return in_one(row.draft, actor) if row.draft else _("Nothing is said yet.")


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch one automation of a stage off or on, beside its line; answers with the switch as it is by now."""
    actor = actor_of(request)
    row = registry["workflow"].get(actor, pk)
    perform(ACTIONS["workflow.switch_off" if row.active else "workflow.switch_on"], row, {}, by=actor)
    row.refresh_from_db()
    if not is_htmx(request):
        home = home_of(row)
        return HttpResponseRedirect(home.href if home else registry["workflow"].url(row.pk))
    return fragment(request, "process/line_switch.html", "switch", {"ran": line_of(row), "what": row.name})


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


@require_POST
def add_shipped(request: HttpRequest, key: str) -> HttpResponse:
    """Take up a workflow that comes with Kith: not published, switched off."""
    row = shipped.add(key, by=actor_of(request))
    messages.success(request, _("Added, switched off. Try it on the last 90 days before you publish it."))
    return HttpResponseRedirect(f"/workflows/{row.pk}")


@require_GET
def replay_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the draft would have done in the last 90 days. Nothing is written."""
    actor = actor_of(request)
    actor.require("settings.manage")
    workflow = registry["workflow"].get(actor, pk)
    told = replay(workflow, by=actor, shown=SHOWN)
    return page(request, "automation/replay.html", {"workflow": workflow, "told": told, "back": f"/workflows/{pk}"})


@require_GET
def try_stage(request: HttpRequest, key: str, stage: str, at: int) -> HttpResponse:
    """What an automation of a stage would have done, as the process is worked on. Nothing is written."""
    actor = actor_of(request)
    actor.require("settings.manage")
    workflow = standing_for(key, stage, at, actor)
    told = replay(workflow, by=actor, shown=SHOWN)
    back = f"/settings/process/{key}/{stage}/#automations"
    return page(request, "automation/replay.html", {"workflow": workflow, "told": told, "back": back})
