"""A ticket's clocks in words: how each stands, and every stretch of it with its reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.support.clocks.keeping import say_why
from kith.support.clocks.looking import say_clock
from kith.support.clocks.model import State
from kith.support.models import Clock, Ticket

TONES = {State.RUNNING: "", State.PAUSED: "quiet", State.MET: "good", State.BROKEN: "late", State.VOID: "quiet"}


@dataclass(frozen=True)
class Stretch:
    state: str
    words: str
    begins: dt.datetime
    ends: dt.datetime | None
    why: str


@dataclass(frozen=True)
class Shown:
    """`left`: until it is due, negative once it is over; None while it rests or after it ended."""

    kind: str
    title: str
    state: str
    words: str
    tone: str
    policy: str
    due: dt.datetime | None
    left: dt.timedelta | None
    stretches: tuple[Stretch, ...]


def states() -> dict[str, Any]:
    return {
        State.RUNNING: _("runs"), State.PAUSED: _("rests"), State.MET: _("kept"), State.BROKEN: _("broken"), State.VOID: _("dropped"),
    }  # fmt: skip


def clocks_of(ticket: Ticket) -> list[Shown]:
    """Its clocks, those that run first; one query."""
    rows = list(Clock.objects.filter(ticket=ticket).select_related("policy").order_by("started_at", "pk")[:100])
    return [shown(row) for row in sorted(rows, key=lambda row: (row.ended_at is not None, row.due_at is None))]


def shown(row: Clock) -> Shown:
    words = states()
    now = timezone.now()
    state = row.state
    if state == State.RUNNING and row.due_at is not None and row.due_at < now:
        state = State.BROKEN
    live = row.ended_at is None and row.due_at is not None
    tone = TONES[State(state)]
    if live and state == State.RUNNING and row.due_at is not None and row.due_at - now < dt.timedelta(hours=2):
        tone = "warn"
    return Shown(
        row.kind, say_clock(row), state, str(words[State(state)]), tone, row.policy.name if row.policy else "", row.due_at if live else None,
        row.due_at - now if live and row.due_at is not None else None,
        tuple(
            Stretch(s, str(words[State(s)]), dt.datetime.fromisoformat(begins), dt.datetime.fromisoformat(ends) if ends else None, say_why(why))
            for s, begins, ends, why in row.stretches
        ),
    )  # fmt: skip
