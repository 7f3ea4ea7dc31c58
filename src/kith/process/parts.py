"""A relationship for programs: what the gate where it stands asks for and whether that is met, where it stood when, and
the stages that it may be moved to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Integer, LongText, Moment, Text
from kith.kernel.kinds.document import Document
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.process.gates import Asked, gate_of
from kith.process.journeys.offers import landable
from kith.process.models import Journey, Stay
from kith.process.relationship import late_by, relationship_of
from kith.process.suggesting import Suggestion, suggestion
from kith.process.versions import definition_of


@dataclass(frozen=True)
class Point:
    """One thing that a gate asks for, in flat words."""

    asked: Asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self.asked if name in ("met", "at", "fault") else self.asked.need, name)


@dataclass(frozen=True)
class Stood:
    stay: Stay

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stay, name)

    @property
    def name(self) -> str:
        """What the stage was called then."""
        found = definition_of(self.stay.journey.process_id, self.stay.held_to).by_key.get(self.stay.stage)
        return found.name if found is not None else self.stay.stage

    @property
    def late(self) -> bool:
        return late_by(self.stay) is not None


def _points(actor: Actor, journey: Journey) -> list[Point]:
    """As the card says it: of the way to the next stage, with who may enter there; none once it ended."""
    definition = definition_of(journey.process_id, journey.held_to)
    if not journey.is_running or journey.stage not in definition.by_key:
        return []
    to = definition.next_of(journey.stage, journey.segment)
    return [Point(asked) for asked in gate_of(journey, definition, to).asked]


def _stood(actor: Actor, journey: Journey) -> list[Stood]:
    stays = Stay.objects.filter(journey=journey).select_related("journey").order_by("entered_at", "pk")
    return [Stood(stay) for stay in stays]


@dataclass(frozen=True)
class Choosable:
    """A stage of the version that holds for a relationship. `meant`: for its segment."""

    stage: str
    name: str
    here: bool
    meant: bool


def _stages(actor: Actor, journey: Journey) -> list[Choosable]:
    definition = definition_of(journey.process_id, journey.held_to)
    return [Choosable(s.key, s.name, s.key == journey.stage, s.is_for(journey.segment)) for s in definition.stages]


@dataclass(frozen=True)
class Suggested:
    one: Suggestion

    def __getattr__(self, name: str) -> Any:
        return dict(self.one.inputs) if name == "inputs" else getattr(self.one, name)


def _suggested(actor: Actor, journey: Journey) -> list[Suggested]:
    found = relationship_of(actor, registry["journey"], journey)
    one = suggestion(actor, found, journey) if found is not None else None
    return [Suggested(one)] if one is not None else []


SUGGESTION = Part(
    "suggestion",
    _("Suggested next step"),
    {
        "kind": Text(20),
        "says": LongText(),
        "why": LongText(),
        "do": Text(60),
        "path": Text(200),
        "inputs": Document(),
        "href": Text(400),
    },
    _suggested,
)
GATE = Part(
    "gate", _("Gate"),
    {"key": Text(60), "says": LongText(), "by": Text(20), "of": Text(20), "column": Text(60), "event": Text(60), "met": Bool(),
     "at": Moment(), "fault": LongText()},
    _points,
)  # fmt: skip
STAYS = Part(
    "stays", _("Where it stood"),
    {"stage": Text(60), "name": Text(120), "held_to": Integer(), "entered_at": Moment(), "left_at": Moment(), "due_at": Moment(),
     "late": Bool()},
    _stood,
)  # fmt: skip
LANDINGS = Part(
    "landings",
    _("Where it may go on in another process"),
    {"process": Text(60), "stage": Text(60), "name": Text(120), "offered": Bool(), "why": Text(300)},
    lambda actor, journey: landable(journey),
)
STAGES = Part(
    "stages",
    _("Stages of its process"),
    {"stage": Text(60), "name": Text(120), "here": Bool(), "meant": Bool()},
    _stages,
)
