"""Questions they ask, for programs: the answers to one, and what became of the deals in which it came up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.engagement.asked import outcomes
from kith.engagement.models import Answer, Objection
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Colleague, Integer, LongText, Moment, Text
from kith.kernel.records.parts import Part


@dataclass(frozen=True)
class Outcome:
    """So many of the deals in which it came up, as far as the reader may see them, are in this state."""

    status: str
    deals: int


def _answers(actor: Actor, objection: Objection) -> list[Any]:
    rows = Answer.objects.filter(objection=objection).select_related("author")
    return list(rows.order_by("-best", "-at", "-pk"))


def _outcomes(actor: Actor, objection: Objection) -> list[Outcome]:
    return [Outcome(status, n) for status, n in outcomes(actor, objection).items()]


ANSWERS = Part(
    "answers", _("Answers"),
    {"id": Integer(), "text": LongText(), "author": Colleague(), "at": Moment(), "best": Bool()}, _answers,
)  # fmt: skip
OUTCOMES = Part("outcomes", _("What became of it"), {"status": Text(20), "deals": Integer()}, _outcomes)
