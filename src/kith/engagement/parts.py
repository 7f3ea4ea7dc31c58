"""Questions they ask, for programs: the answers to one, who asked it, and what became of the deals in which it came up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.engagement.asked import outcomes, who_asked
from kith.engagement.models import Answer, Objection
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Colleague, Integer, Link, LongText, Moment, Text
from kith.kernel.records.parts import Part

MOST = 1000


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


def _who_asked(actor: Actor, objection: Objection) -> list[Any]:
    return who_asked(actor, objection, MOST)[0]


ANSWERS = Part(
    "answers", _("Answers"),
    {"id": Integer(), "text": LongText(), "author": Colleague(), "at": Moment(), "best": Bool()}, _answers,
)  # fmt: skip
OUTCOMES = Part("outcomes", _("What became of it"), {"status": Text(20), "deals": Integer()}, _outcomes)
OCCURRENCES = Part(
    "occurrences", _("Who asked"),
    {"id": Integer(), "at": Moment(), "words": LongText(), "person": Link("person"), "company": Link("company"), "deal": Link("deal"),
     "author": Colleague()},
    _who_asked,
)  # fmt: skip
