"""The calls of runs: what is sent, and what becomes of the run when the other system answers or does not."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.automation import calls, deliveries, engine
from kith.automation.hand import Hand
from kith.automation.models import Run, RunState, RunStep, StepState
from kith.automation.queries import author_of, definition_of
from kith.automation.starting import set_off
from kith.kernel.errors import Invalid, KithError
from kith.kernel.records.registry import registry
from kith.kernel.steps import program

IN_ORDER = dt.timedelta(hours=1)


def must_wait(step: int) -> bool:
    """Whether an earlier call of the same workflow about the same row is still on its way: calls about one row go out in the
    order in which they came up. One that came up longer ago than all its tries take holds up nobody."""
    note = RunStep.objects.select_related("run").filter(pk=step).first()
    if note is None or not note.run.record or note.run.record_id is None:
        return False
    earlier = RunStep.objects.filter(
        pk__lt=step, kind=deliveries.CALL, state=StepState.WAITING, started_at__gt=timezone.now() - IN_ORDER,
        run__workflow=note.run.workflow_id, run__record=note.run.record, run__record_id=note.run.record_id,
        run__state=RunState.WAITING, run__waits_for="answer",
    )  # fmt: skip
    return earlier.exists()


def call(step: int, tried: int, most: int) -> None:
    """Make the call of this step, if its run still waits for it. Raises CallFailed, Invalid."""
    note = RunStep.objects.select_related("run__workflow__author").filter(pk=step, state=StepState.WAITING).first()
    if note is None or note.run.state != RunState.WAITING:
        return
    url, body = _what(note)
    try:
        answer = calls.post(
            url, body, secret=calls.secret_of(note.run.workflow), delivery=f"{note.run_id}-{note.position}"
        )
    except calls.CallFailed as problem:
        said = _("Try %(n)s of %(most)s: %(why)s") % {"n": tried, "most": most, "why": problem}
        RunStep.objects.filter(pk=step).update(attempts=tried, result=said)
        raise
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).get(pk=note.run_id)
        if run.state == RunState.WAITING and run.waits_for == "answer":
            RunStep.objects.filter(pk=step).update(attempts=tried)
            engine.settle_wait(run, _("answered %s") % answer.status)
            set_off()


def once_more(step: int, tried: int) -> None:
    """Send a call again by itself: its run stays as it is. Raises CallFailed; what can never work is given up at once."""
    note = RunStep.objects.select_related("run__workflow__author").filter(pk=step, kind=deliveries.CALL).first()
    if note is None or note.state not in (StepState.DONE, StepState.FAILED):
        return
    try:
        url, body = _what(note)
        secret = calls.secret_of(note.run.workflow)
        answer = calls.post(url, body, secret=secret, delivery=f"{note.run_id}-{note.position}")
    except calls.CallFailed:
        raise
    except KithError as problem:
        deliveries.mark(step, tried, problem.message, failed=True)
    else:
        deliveries.mark(step, tried, _("sent again: answered %s") % answer.status, failed=False)


def give_up(step: int, why: str) -> None:
    """The last try failed: the run stands as failed at this step, to be tried again by hand."""
    with transaction.atomic():
        note = RunStep.objects.select_for_update(of=("self",)).get(pk=step)
        run = Run.objects.select_for_update(of=("self",)).get(pk=note.run_id)
        if run.state == RunState.WAITING and note.state == StepState.WAITING:
            engine.fail(run, note, why)


def _what(note: RunStep) -> tuple[str, bytes]:
    """Address and body of the call. The row is sent as its author may see it."""
    run = note.run
    definition = definition_of(run.workflow_id, run.version_number)
    by = author_of(run.workflow)
    if definition is None or by is None:
        raise Invalid(_("Its author is not at work any more; publish it again as somebody else."))
    step = program(definition.steps)[note.position].step or {}
    row = Hand().subject(run, by)
    body: dict[str, Any] = {
        "workflow": {"id": run.workflow_id, "name": run.name, "version": run.version_number}, "run": run.pk,
        "cause": str(run.cause), "at": timezone.now().isoformat(), "record": run.record or None,
        "row": _row(run.record, row, by) if row is not None else None, "payload": run.payload or None,
    }  # fmt: skip
    return str(step.get("url", "")), json.dumps(body, default=str).encode()


def _row(name: str, row: Any, by: Any) -> dict[str, Any]:
    """The row's own columns in their JSON form; what links to rows out of reach is left out."""
    from kith.kernel.records.reach import hides, unseen_links

    record = registry[name]
    columns = [c for c in record.columns(by).values() if c.expr is None and not c.facts.of and "api" in c.facts.faces]
    unseen = unseen_links(by, columns, [row])
    return {"id": row.pk, **{c.key: c.raw(row) for c in columns if not hides(c, row, unseen)}}
