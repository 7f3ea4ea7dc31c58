"""What a relationship was of effort to its customer in each step of its way: tickets count for the step in which they were opened.

Steps without a ticket stand there too, so that one sees where it went by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Integer, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.process.models import Stay
from kith.process.relationship import Relationship, relationship_of
from kith.ui.panels import Panel, register_panel

MOST = 2000
COUNTED = ("repeats", "transfers", "reasked", "reopened")


@dataclass
class Step:
    """One step: tickets opened in it, and what they were of effort by what it was."""

    name: str
    tickets: int = 0
    repeats: int = 0
    transfers: int = 0
    reasked: int = 0
    reopened: int = 0

    @property
    def total(self) -> int:
        return self.repeats + self.transfers + self.reasked + self.reopened


def by_step(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The steps of a customer's relationship with their effort; None where there is no relationship, or no ticket."""
    record = registry.by_model(type(row))
    found = relationship_of(actor, record, row)
    if found is None:
        return None
    steps = {stay.stage: Step(_name(found, stay.stage)) for stay in found.stays}
    tickets = _tickets(actor, found)
    for ticket in tickets:
        at = _stood(found.stays, ticket.opened_at)
        if at is None:
            continue
        step = steps[at.stage]
        step.tickets += 1
        for key in COUNTED:
            setattr(step, key, getattr(step, key) + int(getattr(ticket, key)))
    if not any(step.tickets for step in steps.values()):
        return None
    most = max(step.total for step in steps.values())
    return {"steps": list(steps.values()), "most": most, "total": sum(step.total for step in steps.values())}


def _name(found: Relationship, key: str) -> str:
    stage = found.definition.by_key.get(key)
    return stage.name if stage is not None else key


def _tickets(actor: Actor, found: Relationship) -> list[Any]:
    journey = found.journey
    mine = Q(company=journey.company_id) if journey.company_id else Q(person=journey.person_id)
    rows = registry["ticket"].rows(actor, archived=False).filter(mine).order_by("-opened_at")
    return list(rows.only("opened_at", *COUNTED)[:MOST])


def _stood(stays: tuple[Stay, ...], at: Any) -> Stay | None:
    """The stay of that moment, the later one of two that meet."""
    return next((stay for stay in reversed(stays) if stay.entered_at <= at and (stay.left_at is None or at <= stay.left_at)), None)  # fmt: skip


PART = Part(
    "effort_by_step", _("Effort by step"), {"name": Text(200), **dict.fromkeys(("tickets", *COUNTED, "total"), Integer())},
    lambda actor, row: (by_step(actor, row) or {"steps": []})["steps"],
)  # fmt: skip


def join() -> None:
    """Put it on customers and their journeys, and where programs read it."""
    told = Panel(
        "effort_by_step", _("Effort by step"), "process/panel_effort.html", by_step, depends_on=("ticket", "journey"),
        place="related", order=34, lazy=True, covers=("ticket",),
    )  # fmt: skip
    for record in ("person", "company", "journey"):
        register_panel(told, on=record)
        registry.lend_parts(record, PART)
