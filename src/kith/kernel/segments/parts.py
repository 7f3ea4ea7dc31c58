"""Who is kept out of a segment, for programs: what the panel shows, in JSON, with the ids that `admit` asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Integer, Link, Moment, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Segment
from kith.kernel.segments.queries import exclusions


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


EXCLUSIONS = Part(
    "exclusions",
    _("Kept out"),
    {"id": Integer(), "segment": Link("segment"), "row": Integer(), "words": Text(300), "at": Moment()},
    kept_out,
)
