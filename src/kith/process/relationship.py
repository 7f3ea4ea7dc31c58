"""What a record page shows of a relationship: its line, the gate it stands at, the playbook. Read once for each page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Definition, Stage
from kith.process.gates import Gate, gate_of
from kith.process.handovers import waiting_of
from kith.process.journeys.customers import BEARERS
from kith.process.models import Handover, Journey, Stay
from kith.process.versions import definition_of, in_use

KEPT = "_relationship"  # on the row, so that the parts of one page read it once


@dataclass(frozen=True)
class Relationship:
    """A journey with the definition it is held to and the stays it made, in order of time."""

    journey: Journey
    definition: Definition
    stays: tuple[Stay, ...]

    @property
    def stage(self) -> Stage | None:
        return self.definition.by_key.get(self.journey.stage)

    @property
    def next(self) -> Stage | None:
        return self.definition.next_of(self.journey.stage, self.journey.segment) if self.stage else None

    @cached_property
    def gate(self) -> Gate:
        return gate_of(self.journey, self.definition, self.next)

    @cached_property
    def handover(self) -> Handover | None:
        return waiting_of(self.journey)


def relationship_of(actor: Actor, record: Any, row: Any) -> Relationship | None:
    """The relationship that a journey, a customer or something about a customer is part of, as far as the actor may see it:
    the running one, else the one that ended last. Two queries; none while no process is in use."""
    if not in_use():
        return None
    if KEPT not in row.__dict__:
        row.__dict__[KEPT] = _read(actor, record, row)
    found: Relationship | None = row.__dict__[KEPT]
    return found


def _read(actor: Actor, record: Any, row: Any) -> Relationship | None:
    if record.name == "journey":
        journey = row
    else:
        rows = registry["journey"].rows(actor, archived=False).filter(_customer_is(record, row))
        journey = rows.order_by(F("closed_at").desc(nulls_first=True)).first()
    if journey is None:
        return None
    stays = tuple(Stay.objects.filter(journey=journey.pk).order_by("entered_at", "id"))
    return Relationship(journey, definition_of(journey.process_id, journey.held_to), stays)


def _customer_is(record: Any, row: Any) -> Q:
    """Whose journey a row belongs to: its own, its company's, that of what it is about; a company comes before a person."""
    at = dict(row.about()) | ({record.name: row.pk} if record.name in BEARERS else {})
    if company := getattr(row, "company_id", None) or at.get("company"):
        return Q(company=company)
    if person := at.get("person"):
        colleagues = registry["person"].model._default_manager.filter(pk=person).values("company")
        return Q(person=person) if record.name == "person" else Q(person=person) | Q(company__in=colleagues)
    return Q(pk__in=())


def late_by(stay: Stay) -> dt.timedelta | None:
    """How much longer than it might it was left, or has stood until now; None where it was not late."""
    if stay.due_at is None:
        return None
    over = (stay.left_at or timezone.now()) - stay.due_at
    return over if over > dt.timedelta(0) else None
