"""Hand-overs for programs: what there is to hand over with a journey, and what was, each as it was offered and answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Colleague, Integer, LongText, Moment, Text
from kith.kernel.records.parts import Part
from kith.process.handovers.dossier import Dossier, known
from kith.process.handovers.offering import may_answer, waiting_of
from kith.process.models import Handover, Journey


@dataclass(frozen=True)
class Told:
    """A hand-over in flat words: people and dates one a line, as the action takes them."""

    handover: Handover
    yours: bool  # it waits for an answer of whoever asks

    def __getattr__(self, name: str) -> Any:
        return getattr(self.handover, name)

    @property
    def team(self) -> str:
        return str(self.handover.team or "")

    @property
    def stakeholders(self) -> str:
        return Dossier(people=self.handover.stakeholders).people_words

    @property
    def dates(self) -> str:
        return Dossier(dates=self.handover.dates).dates_words


@dataclass(frozen=True)
class Known:
    """What may be handed over now, in the same flat words."""

    dossier: Dossier

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dossier, name)

    @property
    def stakeholders(self) -> str:
        return self.dossier.people_words

    @property
    def dates(self) -> str:
        return self.dossier.dates_words

    @property
    def promises(self) -> str:
        return "\n".join(one.wording for one in self.dossier.promises)

    @property
    def documents(self) -> str:
        return "\n".join(one.name for one in self.dossier.documents)


def _told(actor: Actor, journey: Journey) -> list[Told]:
    rows = Handover.objects.filter(journey=journey).select_related("giver", "receiver", "team")
    waits = waiting_of(journey)
    yours = waits.pk if waits is not None and may_answer(waits, actor) else None
    return [Told(row, row.pk == yours) for row in rows.order_by("offered_at", "pk")]


DOSSIER = Part(
    "dossier", _("What there is to hand over"),
    {"goals": LongText(), "stakeholders": LongText(), "dates": LongText(), "risks": LongText(), "promises": LongText(), "documents": LongText()},
    lambda actor, journey: [Known(known(actor, journey))],
)  # fmt: skip
HANDOVERS = Part(
    "handovers", _("Hand-overs"),
    {"id": Integer(), "stage": Text(60), "giver": Colleague(), "receiver": Colleague(), "team": Text(120), "yours": Bool(), "says": LongText(), "goals": LongText(),
     "stakeholders": LongText(), "dates": LongText(), "risks": LongText(), "offered_at": Moment(), "accepted_at": Moment(),
     "returned_at": Moment(), "missing": LongText(), "withdrawn_at": Moment()},
    _told,
)  # fmt: skip
