"""Pages of automation that no list or record page gives: replay before switching on, and the switch that pauses all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kith.automation import actions, deliveries, queries, shipped
from kith.automation.definition import read
from kith.automation.models import Run, RunState, Workflow
from kith.automation.replay import replay
from kith.automation.saying import in_one
from kith.automation.stages.shown import home_of, line_of, standing_for
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Link, Moment
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.ui.forms import Ask, field_of, read_form
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
        "calls": deliveries.gave_up(actor).count(),
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
    return _replayed(request, registry["workflow"].get(actor, pk), f"/workflows/{pk}")


def _replayed(request: HttpRequest, workflow: Workflow, back: str) -> HttpResponse:
    """Over the last 90 days, or on the one row that was chosen."""
    actor, problem, row = actor_of(request), "", None
    record = registry.get(read(workflow.draft).record) if workflow.draft else None
    asks = [Ask("about", record.label, Link(record.name), True)] if record is not None else []
    raw = read_form(asks, request.GET)
    try:
        row = asks[0].kind.parse(raw["about"], actor=actor) if asks else None
    except Invalid as refused:
        problem = refused.message
    context = {
        "workflow": workflow, "back": back, "about": row, "told": replay(workflow, by=actor, shown=SHOWN, about=row and row.pk),
        "fields": [field_of(ask, raw[ask.key], actor=actor, errors=[problem] if problem else ()) for ask in asks],
    }  # fmt: skip
    return page(request, "automation/replay.html", context, 422 if problem else 200)


@require_GET
def try_stage(request: HttpRequest, key: str, stage: str, at: int) -> HttpResponse:
    """What an automation of a stage would have done, as the process is worked on. Nothing is written."""
    actor = actor_of(request)
    actor.require("settings.manage")
    workflow = standing_for(key, stage, at, actor)
    return _replayed(request, workflow, f"/settings/process/{key}/{stage}/#automations")


@require_http_methods(["GET", "POST"])
def calls(request: HttpRequest) -> HttpResponse:
    """Calls to other systems that were given up, to be sent again, and those of a stretch of time to be sent once more."""
    actor, problem = actor_of(request), ""
    found = deliveries.gave_up(actor)
    asks = [
        Ask("since", _("From"), Moment(), True),
        Ask("until", _("Until"), Moment(), True),
        Ask("workflow", _("Only of"), Link("workflow")),
    ]
    raw = read_form(asks, request.POST)
    if request.method == "POST":
        try:
            messages.success(request, _send_calls(actor, request.POST, raw))
            return HttpResponseRedirect("/settings/automation/calls")
        except Invalid as refused:
            problem = refused.message
    context = {
        "calls": deliveries.told(actor, found[:SHOWN]), "count": found.count(), "problem": problem,
        "fields": [field_of(ask, raw[ask.key], actor=actor) for ask in asks],
    }  # fmt: skip
    return page(request, "automation/calls.html", context, 422 if problem else 200)


def _send_calls(actor: Actor, sent: Any, raw: dict[str, Any]) -> str:
    """Do what a button of the page says, `raw` being its form as it was read; returns what came of it. Raises Invalid."""
    if sent.get("do") == "replay":
        since, until = (Moment().parse(raw[key], actor=actor) for key in ("since", "until"))
        if since is None or until is None:
            raise Invalid(_("Say from when until when."))
        workflow = Link("workflow").parse(raw["workflow"], actor=actor)
        n = deliveries.replay(actor, since, until, workflow.pk if workflow else None)
    else:
        ids = [int(one) for one in sent.getlist("id") if one.isdecimal() and len(one) < 18]
        n = deliveries.again(actor, None if sent.get("do") == "all" else ids)
    return ngettext("%(n)s call is on its way again.", "%(n)s calls are on their way again.", n) % {"n": f"{n:,}"}
