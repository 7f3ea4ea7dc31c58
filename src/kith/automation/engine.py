"""Carrying a run on, step by step, each in a transaction with the note of what became of it.

A run is `queued` while something is to be done now, and `waiting` while time, an event or a person is needed. A worker
that dies in the middle of a step leaves the run as it was before the step.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.automation.definition import Definition
from kith.automation.hand import Hand
from kith.automation.models import GOES_ON, Run, RunState, RunStep, StepState
from kith.automation.queries import definition_of, paused
from kith.automation.starting import switch_off
from kith.automation.steps import KINDS, Done, Going, Goto, Hold
from kith.automation.steps.base import Look
from kith.kernel.access.actor import Actor, system
from kith.kernel.database.notify import announce
from kith.kernel.errors import KithError
from kith.kernel.jobs import enqueue
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.steps import Instruction, program
from kith.kernel.zones import zone

TOGETHER = 20  # runs of which a step is done in one transaction
MOST_DONE = 500  # steps of one run, over all its branches
log = logging.getLogger("kith.automation")


def advance_all(most: int = 1000) -> int:
    """Do queued steps until none is left, at most so many; returns how many were done."""
    count = 0
    while count < most and not paused() and (done := _advance(min(TOGETHER, most - count))):
        count += done
    return count


def _advance(most: int) -> int:
    """Some steps together; where the database breaks one off (a deadlock), the next one by itself."""
    try:
        return advance_some(most)
    except OperationalError:
        if most == 1:
            raise
        return advance_some(1)


def advance_some(most: int) -> int:
    """Take up queued runs that nobody else has in hand and do the next step of each, in one transaction; returns how many.
    A step that may have changed another run ends it, so that the next ones are read again."""
    with transaction.atomic():
        free = (
            Run.objects.select_for_update(of=("self",), skip_locked=True).filter(state=RunState.QUEUED).order_by("id")
        )
        hand = Hand(free.select_related("workflow__author")[:most])
        told: list[str] = []
        for run in hand.runs:
            place = _one_step(run, hand)
            told.append(f"run:{run.pk}")
            if place is not None and place.step is not None and KINDS[place.step["do"]].reaches_runs(run.record):
                break
        if told:
            announce(["run", *told])
    return len(told)


def _one_step(run: Run, hand: Hand) -> Instruction | None:
    """Do the step the run stands at, or end it; returns the step. The caller holds its lock."""
    run.started_at = run.started_at or timezone.now()
    definition = definition_of(run.workflow_id, run.version_number)
    if definition is None:
        return end(run, RunState.STOPPED, run.why or _("The workflow was never published."))
    line = program(definition.steps)
    by = hand.author(run)
    if by is None or (lacking := lost_rights(definition, by)):
        why = _("Its author is not at work any more; publish it again as somebody else.") if by is None else _(
            "Its author, %(who)s, no longer has the right “%(right)s”.") % {"who": by.name, "right": lacking}  # fmt: skip
        switch_off(run.workflow, why)
        return end(run, RunState.STOPPED, why)
    if run.at_step >= len(line) or (run.at_step < 0 and not run.afresh):
        return end(run, RunState.DONE)
    if run.steps_done >= MOST_DONE:
        return end(run, RunState.STOPPED, _("Stopped after %s steps.") % MOST_DONE)
    with as_author(by):
        if run.at_step < 0:
            _do_again(run, line, by, hand)
            return None
        place = line[run.at_step]
        if place.step is None:
            return move(run, place.target)
        _do(run, definition, place, by, hand)
    return place


def _do(run: Run, definition: Definition, place: Instruction, by: Actor, hand: Hand) -> None:
    """Do one real step and note what became of it."""
    note, came = _attempt(run, place, run.at_step, by, hand)
    if came is None:
        return None
    if isinstance(came, Hold):
        return hold(run, note, came)
    _note_done(note, came)
    if isinstance(came, Goto) and came.end:
        return end(run, RunState.DONE)
    there = place.target if isinstance(came, Goto) and not came.met else run.at_step + 1
    return move(run, there) if there < len(program(definition.steps)) else end(run, RunState.DONE)


def _do_again(run: Run, line: list[Instruction], by: Actor, hand: Hand) -> None:
    """Do again the first step that failed after it was done, and no other: what followed it was done."""
    position = run.afresh[0]
    if position < len(line) and line[position].step is not None:
        note, came = _attempt(run, line[position], position, by, hand, again=True)
        if came is None:
            return None
        _note_done(note, came)
    run.afresh = run.afresh[1:]
    return move(run, -1) if run.afresh else end(run, RunState.DONE)


def _note_done(note: RunStep, came: Any) -> None:
    note.result, note.ended_at = came.result, timezone.now()
    if isinstance(came, Done):
        note.operation, note.wrote = came.operation, came.wrote
    note.save()


def _attempt(
    run: Run, place: Instruction, position: int, by: Actor, hand: Hand, *, again: bool = False
) -> tuple[RunStep, Any]:
    """(the note, what came of it), None where it failed: the run stands as failed then."""
    assert place.step is not None
    kind, record = KINDS[place.step["do"]], registry.get(run.record)
    note = RunStep(run=run, position=position, kind=kind.name, number=place.number, state=StepState.DONE)
    note.what = kind.say(place.step, Look(record, by, run.name))
    going = None
    try:
        with transaction.atomic():
            going = Going(run, record, hand.subject(run, by), by.because(run.cause), position)
            came = kind.again(place.step, going) if again else kind.run(place.step, going)
    except KithError as problem:
        if going is not None:
            kind.failed(place.step, going, problem.message)
        return note, fail(run, note, problem.message)
    except (OperationalError, InterfaceError):
        raise  # a deadlock, a lost connection: the job tries again
    except Exception as problem:
        log.exception("A step of run %s failed.", run.pk)
        return note, fail(run, note, unexpected(problem))
    run.steps_done += 1
    return note, came


def unexpected(problem: Exception) -> str:
    """A fault that nobody foresaw, for whoever reads of it."""
    return _("Something unexpected went wrong: %s") % f"{type(problem).__name__}: {problem}"[:400]


def lost_rights(definition: Definition, by: Actor) -> str:
    """The first right that the steps need and this actor does not have, or ""."""
    from kith.kernel.steps import every_step

    look = Look(registry.get(definition.record), by)
    needed = {r for _n, step in every_step(definition.steps) for r in KINDS[step["do"]].rights(step, look)}
    return next((right for right in sorted(needed) if not by.can(right)), "")


class as_author:
    """Words and times are the author's: their language, the organisation's clock."""

    def __init__(self, by: Actor):
        self.language = translation.override(getattr(by.user, "language", None) or None)
        self.clock = timezone.override(zone(getattr(by.user, "time_zone", "") or current().time_zone))

    def __enter__(self) -> None:
        self.language.__enter__()
        self.clock.__enter__()

    def __exit__(self, *problem: Any) -> None:
        self.clock.__exit__(*problem)
        self.language.__exit__(*problem)


# --- what becomes of a run -------------------------------------------------------------------------------------------


def move(run: Run, place: int) -> None:
    """On to another place of the line; the run stays queued."""
    run.at_step = place
    for key, value in GOES_ON.items():
        setattr(run, key, value)
    run.save()


def end(run: Run, state: str, why: str = "") -> None:
    """It ends. One that would be done has failed where a step of it did so after it was done; trying again does that one."""
    failed = state == RunState.DONE and bool(run.afresh)
    if failed:
        state, run.at_step, why = RunState.FAILED, -1, why or _("A mail of it was not delivered.")
    run.state, run.why, run.ended_at = state, why[:500], timezone.now()
    run.waits_for, run.waits_until, run.asked = "", None, None
    run.save()
    if failed:
        _tell_author(run)


def fail(run: Run, note: RunStep, error: str) -> None:
    """The step failed: the run stands at it, and can be tried again from there."""
    note.state, note.error, note.ended_at = StepState.FAILED, error, timezone.now()
    note.save()
    end(run, RunState.FAILED, _("Step %s failed.") % note.number)  # the error may quote the row, which not all may see
    _tell_author(run)


def _tell_author(run: Run) -> None:
    """Once a workflow and hour, however many of its runs fail: the line leads to all that stand as failed."""
    author, hour = run.workflow.author, timezone.now().strftime("%Y%m%d%H")
    if author is not None and author.is_active:
        words = _("Runs of “%(name)s” fail: %(why)s They can be tried again, together if they are many.")
        said = words % {"name": run.workflow.name, "why": run.why}
        path = f"/runs/?filter=workflow.is:{run.workflow_id},state.is:failed"
        notify([author], said, kind="workflow", key=f"failed:{run.workflow_id}:{hour}", by=system(), path=path)


def hold(run: Run, note: RunStep, came: Hold) -> None:
    note.state, note.result = StepState.WAITING, came.why
    note.save()
    run.state, run.waits_until, run.waits_for, run.asked = RunState.WAITING, came.until, came.verb, came.asked
    run.why = _("%s is asked.") % came.asked if came.asked is not None else ""
    run.save()
    if came.job:
        enqueue(came.job, step=note.pk)


def settle_wait(run: Run, why: str, *, go_on: bool = True) -> None:
    """The wait a run stands in has ended; the caller holds its lock. A run that was held back has not begun."""
    note = run.steps.filter(position=run.at_step, state=StepState.WAITING).order_by("-pk").first()
    if note is None:
        return move(run, run.at_step)
    note.state, note.result, note.ended_at = StepState.DONE, why, timezone.now()
    note.save(update_fields=["state", "result", "ended_at"])
    return move(run, run.at_step + 1) if go_on else end(run, RunState.STOPPED, why)


def limit_passed(run: Run) -> None:
    """The time a run waits at most has passed; the caller holds its lock."""
    definition = definition_of(run.workflow_id, run.version_number)
    line = program(definition.steps) if definition else []
    step = (line[run.at_step].step if 0 <= run.at_step < len(line) else None) or {}
    if run.waits_for == "approval":
        return settle_wait(run, _("Nobody answered in time."), go_on=False)
    if not run.waits_for:
        return settle_wait(run, _("The time has come."))
    return settle_wait(run, _("It did not happen in time."), go_on=step.get("otherwise") != "stop")
