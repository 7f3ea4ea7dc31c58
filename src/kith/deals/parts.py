"""Products, the buying committee and the time in each stage for programs: what the panels show, in JSON, with the ids that their verbs ask for."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.deals.models import CommitteeMember, CommitteeRole, Deal, LineItem
from kith.deals.queries import lines, stage_intervals
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Integer, Link, Moment, Number, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry


@dataclass(frozen=True)
class Seat:
    """A seat in the committee. person: None where the reader may not see them."""

    id: int
    person: Any
    role: str
    influence: int | None
    sentiment: int | None


def _lines(actor: Actor, deal: Deal) -> list[LineItem]:
    return lines(deal)


def _seats(actor: Actor, deal: Deal) -> list[Seat]:
    members = list(CommitteeMember.objects.filter(deal=deal).select_related("person").order_by("id"))
    seen = set(
        registry["person"].rows(actor).filter(pk__in=[m.person_id for m in members]).values_list("pk", flat=True)
    )
    return [Seat(m.pk, m.person if m.person_id in seen else None, m.role, m.influence, m.sentiment) for m in members]


def _stays(actor: Actor, deal: Deal) -> list[Any]:
    """Every stay in a stage, the first one first; `left` is None where it stands now."""
    return [
        SimpleNamespace(stage=one.stage, entered=one.entered, left=one.left, days=round(one.days, 2))
        for one in stage_intervals([deal.pk])
    ]


LINES = Part(
    "lines", _("Products"),
    {"id": Integer(), "product": Link("product"), "quantity": Number(12, 2), "unit_price": Number(18, 2),
     "discount": Number(5, 2), "discount_reason": Text(200), "ramp": Text(200), "total": Number(18, 2)},
    _lines,
)  # fmt: skip
SEATS = Part(
    "committee", _("Buying committee"),
    {"id": Integer(), "person": Link("person"), "role": Choice(dict(CommitteeRole.choices)), "influence": Integer(1, 5),
     "sentiment": Integer(1, 5)},
    _seats,
)  # fmt: skip
STAYS = Part(
    "stages", _("Time in stage"),
    {"stage": Link("stage"), "entered": Moment(), "left": Moment(), "days": Number(12, 2)},
    _stays,
)  # fmt: skip
