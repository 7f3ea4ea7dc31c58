"""Costs and members of a campaign for programs: what panels show, in JSON, with the ids that its verbs ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.awareness.models import Campaign, CostLine, Member, State
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Day, Integer, Link, Moment, Number, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry

MOST = 10_000


@dataclass(frozen=True)
class Belonging:
    person: Any
    state: str
    since: Any


def _costs(actor: Actor, campaign: Campaign) -> list[CostLine]:
    return list(CostLine.objects.filter(campaign=campaign).order_by("day", "pk"))


def _members(actor: Actor, campaign: Campaign) -> list[Belonging]:
    seen = registry["person"].rows(actor)
    rows = Member.objects.filter(campaign=campaign, person__in=seen)
    found = list(rows.select_related("person").order_by("pk")[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(
            _("The campaign has %(n)d members, more than the %(most)d that are read at once; read them page by page: "
              "/api/v1/people?filter=campaign.is:%(key)s")
            % {"n": rows.count(), "most": MOST, "key": campaign.key}
        )  # fmt: skip
    return [Belonging(m.person, m.state, m.since) for m in found]


COSTS = Part(
    "costs", _("Costs"),
    {"id": Integer(), "day": Day(), "amount": Number(18, 2), "currency": Text(3), "note": Text(200)}, _costs,
)  # fmt: skip
MEMBERS = Part(
    "members",
    _("Members"),
    {"person": Link("person"), "state": Choice(dict(State.choices)), "since": Moment()},
    _members,
)
