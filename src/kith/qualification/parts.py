"""What a person is worth as a lead, for programs: every point, what moved them, and what the predicted chance is made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Integer, Moment, Number, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.qualification.models import Changed
from kith.qualification.models import Part as Half
from kith.qualification.panels import lead_of, why_moved


@dataclass(frozen=True)
class Point:
    """A line of the score: the rule by its id and name, under fit or engagement; `n` times, the last `at`."""

    rule: int | None
    name: str
    part: str
    points: int
    n: int
    at: dt.datetime | None


@dataclass(frozen=True)
class Reason:
    """Raises the chance where `effect` is above 0, and lowers it below."""

    label: str
    value: str
    effect: float


@dataclass(frozen=True)
class Moved:
    """A score that moved; `why` names the rules with what each gave or took."""

    row: Changed

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    @property
    def why(self) -> str:
        return why_moved(self.row)


def _points(actor: Actor, person: Any) -> list[Point]:
    lead = lead_of(person)
    lines = sorted(lead.lines, key=lambda one: (one["part"] != Half.FIT, -abs(one["points"]))) if lead else []
    return [
        Point(one.get("rule"), one["name"], one["part"], one["points"], one["n"],
              dt.datetime.fromisoformat(one["at"]) if one["at"] else None)
        for one in lines
    ]  # fmt: skip


def _moves(actor: Actor, person: Any) -> list[Moved]:
    return [Moved(row) for row in Changed.objects.filter(person=person).order_by("-pk")]


def _reasons(actor: Actor, person: Any) -> list[Reason]:
    lead = lead_of(person)
    return [Reason(one["label"], str(one["value"]), one["effect"]) for one in (lead.reasons if lead else ())]


SCORE = Part(
    "score", _("Score"),
    {"rule": Integer(), "name": Text(200), "part": Choice(dict(Half.choices)), "points": Integer(), "n": Integer(), "at": Moment()},
    _points,
)  # fmt: skip
HISTORY = Part(
    "score_history", _("What moved it"),
    {"at": Moment(), "fit_before": Integer(), "fit": Integer(), "engagement_before": Integer(), "engagement": Integer(),
     "band_before": Text(60), "band": Text(60), "why": Text(2000)},
    _moves,
)  # fmt: skip
CHANCE = Part(
    "chance", _("Predicted chance"), {"label": Text(300), "value": Text(300), "effect": Number(12, 4)}, _reasons
)
registry.lend_parts("person", SCORE, HISTORY, CHANCE)
