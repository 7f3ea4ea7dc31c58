"""What a person agreed to, for programs: every purpose with what holds now, since when, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.contacts.consent.models import State, Through
from kith.contacts.consent.queries import Standing, standing_of
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Choice, Integer, LongText, Moment, Text
from kith.kernel.records.parts import Part


@dataclass(frozen=True)
class Told:
    """A purpose and the last that was said about it; nothing of that where they were never asked."""

    standing: Standing

    def __getattr__(self, name: str) -> Any:
        return getattr(self.standing.last, name, None)

    @property
    def purpose(self) -> int:
        return self.standing.purpose.pk

    @property
    def key(self) -> str:
        return self.standing.purpose.key

    @property
    def name(self) -> str:
        return self.standing.purpose.name

    @property
    def holds(self) -> bool:
        return self.standing.holds

    @property
    def until(self) -> Any:
        return self.standing.until


def _standing(actor: Actor, person: Any) -> list[Told]:
    return [Told(one) for one in standing_of(person.pk)]


CONSENTS = Part(
    "consents", _("What they agreed to"),
    {"purpose": Integer(), "key": Text(60), "name": Text(120), "holds": Bool(), "until": Moment(),
     "state": Choice(dict(State.choices)), "at": Moment(), "through": Choice(dict(Through.choices)), "source": Text(200),
     "page": Text(1000), "reason": Text(500), "wording": LongText(), "wording_number": Integer(), "language": Text(12)},
    _standing,
)  # fmt: skip
