"""Hand-overs for programs: what was handed over with a journey, each as it was offered, and how it was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Colleague, Integer, LongText, Moment, Text
from kith.kernel.records.parts import Part
from kith.process.handovers.dossier import Dossier
from kith.process.handovers.offering import may_answer
from kith.process.models import Handover, Journey


@dataclass(frozen=True)
class Told:
    """A hand-over in flat words: people and dates one a line, as the action takes them."""

    handover: Handover
    actor: Actor

    def __getattr__(self, name: str) -> Any:
        return getattr(self.handover, name)

    @property
    def yours(self) -> bool:
        """Does it wait for an answer of whoever asks?"""
        row = self.handover
        waits = not (row.accepted_at or row.returned_at or row.withdrawn_at) and row.journey.is_running
        asked = row.receiver_id is not None or row.stage == row.journey.wanted
        return waits and asked and may_answer(row, self.actor)

    @property
    def team(self) -> str:
        return str(self.handover.team or "")

    @property
    def stakeholders(self) -> str:
        return Dossier(people=self.handover.stakeholders).people_words

    @property
    def dates(self) -> str:
        return Dossier(dates=self.handover.dates).dates_words


def _told(actor: Actor, journey: Journey) -> list[Told]:
    rows = Handover.objects.filter(journey=journey).select_related("giver", "receiver", "team", "journey")
    return [Told(row, actor) for row in rows.order_by("offered_at", "pk")]


HANDOVERS = Part(
    "handovers", _("Hand-overs"),
    {"id": Integer(), "stage": Text(60), "giver": Colleague(), "receiver": Colleague(), "team": Text(120), "yours": Bool(), "says": LongText(), "goals": LongText(),
     "stakeholders": LongText(), "dates": LongText(), "risks": LongText(), "offered_at": Moment(), "accepted_at": Moment(),
     "returned_at": Moment(), "missing": LongText(), "withdrawn_at": Moment()},
    _told,
)  # fmt: skip
