"""Segments for programs: who is kept out, with the ids that `admit` asks for; who came and left, and why; and in which segments
a row is and was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Integer, Link, LongText, Moment, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.kernel.segments.explaining import came_and_left, say_came, say_left
from kith.kernel.segments.models import Membership, Segment
from kith.kernel.segments.queries import Passage, exclusions, passages, was_in

MOST = 500


@dataclass(frozen=True)
class KeptOut:
    """`segment`: everybody of another segment; `row`: one row; else `words` are an address, whoever has it."""

    id: int
    segment: Any
    row: int | None
    words: str
    at: Any
    of_segment: bool = False


def kept_out(actor: Actor, segment: Segment) -> list[KeptOut]:
    """Rows and segments out of the actor's reach have neither name nor id."""
    found, record = exclusions(segment), registry.get(segment.subject)
    ids = [one.row_id for one in found if one.row_id]
    seen = set(record.rows(actor).filter(pk__in=ids).values_list("pk", flat=True)) if record and ids else set()
    others = [one.other_id for one in found if one.other_id]
    known = {row.pk: row for row in registry["segment"].rows(actor).filter(pk__in=others)} if others else {}
    return [
        KeptOut(
            one.pk,
            known.get(one.other_id),
            one.row_id if one.row_id in seen else None,
            _words(one, seen, known),
            one.at,
            bool(one.other_id),
        )
        for one in found
    ]


def _words(one: Any, seen: set[int], known: dict[int, Any]) -> str:
    if one.other_id:
        return str(known[one.other_id]) if one.other_id in known else ""
    return one.words if one.row_id is None or one.row_id in seen else ""


@dataclass(frozen=True)
class Move:
    """Somebody came or left, and the condition that decided."""

    passage: Passage
    name: str
    why: str

    @property
    def at(self) -> Any:
        return self.passage.at

    @property
    def row(self) -> int:
        return int(self.passage.row.pk)

    @property
    def came(self) -> bool:
        return self.passage.came


@dataclass(frozen=True)
class Stay:
    """A stay of a row in a segment; nothing of leaving while it lasts."""

    stay: Membership
    came_why: str
    left_why: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stay, name)

    @property
    def inside(self) -> bool:
        return self.stay.left_at is None


def moves(actor: Actor, segment: Segment, most: int = MOST) -> list[Move]:
    """Who came and left last, of those whom the actor sees, the latest first."""
    record, say = registry.get(segment.subject), {True: say_came, False: say_left}
    if record is None:
        return []
    return [
        Move(one, record.name_of(one.row), say[one.came](one.stay, segment, actor))
        for one in passages(actor, segment, most)
    ]


def stays(record: str) -> Part:
    """In which segments a row of this type is and was, of those that the reader may see; the latest first."""

    def read(actor: Actor, row: Any) -> list[Stay]:
        return [Stay(one, *came_and_left(one, one.segment, actor)) for one in was_in(actor, record, row.pk)]

    return Part(
        "segments",
        _("Segments it is and was in"),
        {"segment": Link("segment"), "inside": Bool(), "came_at": Moment(), "came_why": LongText(),
         "left_at": Moment(), "left_why": LongText()},
        read,
    )  # fmt: skip


MOVES = Part(
    "moves", _("Came and left"),
    {"at": Moment(), "row": Integer(), "name": Text(300), "came": Bool(), "why": LongText()}, moves,
)  # fmt: skip
EXCLUSIONS = Part(
    "exclusions",
    _("Kept out"),
    {"id": Integer(), "segment": Link("segment"), "row": Integer(), "words": Text(300), "at": Moment()},
    kept_out,
)
