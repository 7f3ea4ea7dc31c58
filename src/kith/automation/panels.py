"""Parts of the pages of workflows and runs: the workflow in sentences, its versions, what became of each step."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.automation.models import Run, RunStep, Version, Workflow
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.entries import readable_by
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.types import type_of
from kith.ui.panels import Panel

MANAGE = "settings.manage"
MOST_SHOWN = 100


def sentences(actor: Actor, workflow: Workflow) -> dict[str, Any]:
    """The draft in sentences, what keeps it from being published, and whether it differs from what counts."""
    from kith.automation import calls
    from kith.automation.checking import faults_of
    from kith.automation.saying import lines_of
    from kith.automation.stages.shown import home_of

    version = Version.objects.filter(workflow=workflow, number=workflow.number).first() if workflow.number else None
    manages = actor.can(MANAGE)
    hears = manages and "webhook" in (workflow.draft.get("when") or {})
    sends = manages and "webhook" in str(workflow.draft.get("steps"))
    return {
        "home": home_of(workflow), "workflow": workflow, "hint": _state(workflow), "lines": lines_of(workflow.draft, actor) if workflow.draft else [], "manages": manages,
        "faults": faults_of(workflow.draft, actor, workflow.name) if workflow.draft else [],
        "changed": version is not None and version.document != workflow.draft,
        "address": f"/hooks/{calls.address_token(workflow)}" if hears else "",
        "secret": calls.secret_of(workflow) if hears or sends else "",
    }  # fmt: skip


def _state(workflow: Workflow) -> str:
    if workflow.number is None:
        return __("not published yet")
    nobody = "Kith" if workflow.process_id else "–"
    words = {"n": workflow.number, "who": workflow.author or nobody}
    return (__("on, version %(n)s, acts as %(who)s") if workflow.active else __("off, version %(n)s")) % words


def versions(actor: Actor, workflow: Workflow) -> dict[str, Any] | None:
    """Published versions, newest first, each with what it changed; and how its runs went."""
    from kith.automation.queries import counts_of
    from kith.automation.saying import difference

    rows = list(Version.objects.filter(workflow=workflow).select_related("author").order_by("-number")[:10])
    if not rows:
        return None
    older = [*rows[1:], None]
    told = [
        {"version": row, "current": row.number == workflow.number,
         "changes": [d for d in difference(before.document, row.document, actor) if d[0] != " "] if before else []}
        for row, before in zip(rows, older, strict=True)
    ]  # fmt: skip
    hour = Run.objects.filter(workflow=workflow, created_at__gt=timezone.now() - dt.timedelta(hours=1)).count()
    return {
        "versions": told, "counts": counts_of([workflow.pk]).get(workflow.pk), "workflow": workflow, "hour": hour,
    }  # fmt: skip


def steps(actor: Actor, run: Run) -> dict[str, Any]:
    """What it is about, what caused it, and each step. Names and words of a row out of reach are not told."""
    record = registry.get(run.record)
    row = record.rows(actor).filter(pk=run.record_id).first() if record is not None and run.record_id else None
    seen = row is not None or not run.record_id
    cause = next(iter(readable_by(actor, Event.objects.filter(pk=run.cause))), None)
    found = list(RunStep.objects.filter(run=run).order_by("pk")[:MOST_SHOWN]) if seen else []
    if not actor.can(MANAGE):
        _without_addresses(run, found)
    undone = set(
        Operation.objects.filter(pk__in=[s.operation for s in found if s.operation], undone_at__isnull=False)
        .values_list("pk", flat=True)
    )  # fmt: skip
    return {
        "trial": f"/workflows/{run.workflow_id}/replay?about={run.record_id}" if row is not None and actor.can(MANAGE) and run.workflow.draft else "",
        "run": run, "steps": found, "undone": undone, "seen": seen, "count": len(found) or None,
        "about": (record.label, record.name_of(row), record.url(row.pk)) if record is not None and row is not None else None,
        "cause": (cause.actor_name, type_of(cause.verb).say(cause.payload), cause.at) if cause is not None and seen else None,
    }  # fmt: skip


def _without_addresses(run: Run, found: list[RunStep]) -> None:
    """Which machine a call went to, and what that said, is for those who may edit the workflow."""
    from kith.automation.queries import definition_of
    from kith.kernel.steps import program

    definition = definition_of(run.workflow_id, run.version_number)
    line = program(definition.steps) if definition else []
    for step in found:
        if step.position >= len(line) or (line[step.position].step or {}).get("do") == "webhook":
            step.what, step.result, step.error = __("call another system"), "", __("It failed.") if step.error else ""


SENTENCES = Panel("sentences", _("In words"), "automation/panel_sentences.html", sentences, place="main", order=5)
VERSIONS = Panel(
    "versions", _("Versions and runs"), "automation/panel_versions.html", versions, depends_on=("run",), order=10
)
STEPS = Panel("steps", _("Step by step"), "automation/panel_steps.html", steps, place="main", order=5)
