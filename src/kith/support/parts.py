"""Parts of a ticket for programs: what was said, its clocks, who had it, and solved ones like it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Integer, LongText, Moment, Text
from kith.kernel.records.parts import Part
from kith.support.clocks.keeping import say_why
from kith.support.given import came
from kith.support.models import Clock, Entry
from kith.support.similar import solved_alike

MOST = 200


class _Said:
    def __init__(self, row: Entry):
        self.id, self.at, self.side, self.channel, self.name, self.text = (
            row.pk,
            row.at,
            row.side,
            row.channel,
            row.name,
            row.text,
        )
        passed = getattr(row, "passed", None)
        self.passage, self.problem = (passed.state, passed.problem) if passed is not None else ("", "")


def _entries(actor: Actor, row: Any) -> list[_Said]:
    """The last of what was said, in order."""
    rows = Entry.objects.filter(ticket=row).select_related("passed").order_by("-at", "-pk")[:MOST]
    return [_Said(one) for one in reversed(rows)]


class _Ticks:
    def __init__(self, row: Clock):
        self.kind, self.number, self.state, self.target = row.kind, row.number, row.state, row.target
        self.started_at, self.due_at, self.broke_at, self.ended_at = (
            row.started_at,
            row.due_at,
            row.broke_at,
            row.ended_at,
        )
        self.history = "\n".join(say_stretch(*one) for one in row.stretches)


def say_stretch(state: str, begins: str, ends: str | None, why: str) -> str:
    """ "2026-03-12 09:00 – 10:00 running, because Marta wrote"."""
    return f"{begins} – {ends or ''} {state}: {say_why(why)}"


def clocks_of(actor: Actor, row: Any) -> list[_Ticks]:
    return [_Ticks(one) for one in Clock.objects.filter(ticket=row).order_by("started_at", "kind", "number")[:MOST]]


def moment(words: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(words) if words else None


ENTRIES = Part(
    "entries", _("What was said"),
    {"id": Integer(), "at": Moment(), "side": Text(10), "channel": Text(10), "name": Text(200), "text": LongText(),
     "passage": Text(6), "problem": Text(500)}, _entries,
)  # fmt: skip
CLOCKS = Part(
    "clocks", _("Clocks"),
    {"kind": Text(10), "number": Integer(), "state": Text(10), "target": Text(40), "started_at": Moment(), "due_at": Moment(),
     "broke_at": Moment(), "ended_at": Moment(), "history": LongText()},
    clocks_of,
)  # fmt: skip
SIMILAR = Part(
    "similar", _("Solved ones like it"),
    {"id": Integer(), "subject": Text(300), "cause": Text(200), "resolution": LongText(), "solved_at": Moment()}, solved_alike,
)  # fmt: skip
GIVEN = Part(
    "given",
    _("Who had it, and why"),
    {"at": Moment(), "who": Text(200), "how": Text(10), "why": LongText(), "weight": Integer()},
    came,
)
