"""Moving a journey to another stage, by hand or because something happened. One rule for both.

Forward through a soft gate something may be missing and stages may be skipped, if somebody says why; both are told by the
event, counted, and stand on the record. Through a strict gate nothing passes, nor past it. Back never happens by itself.
Into a stage of another team nothing goes by itself before a hand-over is accepted: an event and a workflow wait for it alike.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput, NotAllowed
from kith.kernel.timeline.change import change
from kith.process.definition.naming import stage_called
from kith.process.definition.shape import Definition, Stage
from kith.process.events import Held, StageEntered
from kith.process.gates import Barred, Gate, gate_of, not_accepted, taken_over, ways_words
from kith.process.journeys.entering import enter, entered
from kith.process.journeys.leading import Leading
from kith.process.models import Journey
from kith.process.versions import definition_of


def move(journey: Journey, *, stage: str, reason: str = "", at: dt.datetime | None = None, by: Actor) -> Journey:
    """Move a journey by hand. `at`: when it really happened, if earlier (then `reason` is needed). Raises Invalid where the
    way is closed, NeedsInput where a reason opens it."""
    with change(journey, by=by, at=at) as c:
        row: Journey = c.row
        definition = definition_of(row.process_id, row.held_to)
        to = stage_called(definition, stage)
        if not row.is_running:
            raise Invalid(_("This relationship has ended; take it up again first."))
        if to.key == row.stage:
            return row
        when = _when(row, at)
        step = _step(row, definition, to, reason, by)
        if unattended(by) and not step.back and to.handover and not taken_over(to, [row]):
            for held in hold(row, Held(row.stage, definition.by_key[row.stage].name, to.key, not_accepted().says)):
                c.says(held)
            return c.row
        if at is not None and not reason:
            raise why_not(_("Say why this is dated back."))
        c.says(move_row(row, definition, to, when, step))
    return c.row


@dataclass(frozen=True)
class Step:
    """What one move leaves out, and why it was made all the same."""

    skipped: tuple[Stage, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""
    on: str = ""
    met: str = ""
    back: bool = False


def move_row(row: Journey, definition: Definition, to: Stage, at: dt.datetime, step: Step) -> StageEntered:
    """Stand in `to` since `at`; returns what is to be said of it."""
    old = definition.by_key[row.stage]
    enter(row, definition, to, at)
    row.skipped = [k for k in dict.fromkeys([*row.skipped, *(s.key for s in step.skipped)]) if k != to.key]
    return StageEntered(
        **entered(row, to), old=old.key, old_name=old.name, skipped=tuple(s.key for s in step.skipped),
        skipped_names=tuple(s.name for s in step.skipped), missing=step.missing, reason=step.reason, on=step.on, met=step.met,
        back=step.back,
    )  # fmt: skip


def _when(row: Journey, at: dt.datetime | None) -> dt.datetime:
    if at is None:
        return timezone.now()
    if at > timezone.now():
        raise Invalid(_("A move happens now or happened before; this date is still to come."), "at")
    if at < row.entered_at:
        raise Invalid(
            _("It entered its stage later than that; date the move after %s.")
            % timezone.localtime(row.entered_at).strftime("%Y-%m-%d %H:%M"),
            "at",
        )
    return at


def unattended(by: Actor) -> bool:
    """Is no one there? Then a hand-over that is not accepted is waited for instead of asked about."""
    return by.channel == "automation"


def hold(row: Journey, held: Held | None) -> list[Held]:
    """Let it wait; told once for each stage that it waits for."""
    if held is None or row.wanted == held.wanted:
        return []
    row.wanted = held.wanted
    return [held]


def _step(row: Journey, definition: Definition, to: Stage, reason: str, by: Actor) -> Step:
    if definition.order[to.key] < definition.order[row.stage]:
        if not definition.may_go_back(row.stage, to.key):
            raise Invalid(_("From here one does not go back to %s.") % to.name, "stage")
        if not reason:
            raise why_not(_("Say why it goes back to %s.") % to.name)
        return Step(reason=reason, back=True)
    gate = gate_of(row, definition, to)
    if unattended(by):
        gate = replace(gate, asked=tuple(a for a in gate.asked if a.need.by != "handover"))
    missing = gate.lacks
    if gate.barred:
        raise Invalid(" ".join(refused(one) for one in gate.barred))
    if missing and gate.stage.lead_only and not (leading := Leading(row, gate.stage, to)).may(by):
        said = {"what": ", ".join(missing), "stage": gate.stage.name, "who": leading.words}
        raise NotAllowed(_("Missing: %(what)s. Only %(who)s passes %(stage)s without, or somebody who manages.") % said)
    if (missing or gate.skipped or gate.instead) and not reason:
        raise why_not(_why(gate, missing))
    return Step(gate.skipped, missing, reason)


def refused(one: Barred) -> str:
    """Why a strict gate lets nothing through."""
    return " ".join([_("%s is a strict gate.") % one.stage.name, one.says()])


def why_not(words: str) -> NeedsInput:
    """A reason is asked for, and its field says what for."""
    return NeedsInput(words, ("reason",), {"reason": [words]})


def _why(gate: Gate, missing: tuple[str, ...]) -> str:
    said = []
    if missing:
        said.append(_("Missing: %s.") % ", ".join(missing))
    if gate.instead:
        said.append(ways_words(gate.stage, gate.instead))
    for stage in gate.skipped:
        said.append(_("This skips %(stage)s. %(why)s") % {"stage": stage.name, "why": stage.prevents or stage.purpose})
    return " ".join([*(words.strip() for words in said), _("To go on all the same, say why.")])
