"""The contact budget of a person, for programs: how much of it is used, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.engagement.budget.spending import KINDS, THROUGH, Room, Use, rooms, told, uses
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Integer, Moment, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry


@dataclass(frozen=True)
class Heard:
    use: Use

    def __getattr__(self, name: str) -> Any:
        return getattr(self.use, name)

    @property
    def id(self) -> int | None:
        return self.use.pk


def _room(actor: Actor, person: Any) -> list[Room]:
    return rooms(uses([person.pk], words=False).get(person.pk, []))


def _heard(actor: Actor, person: Any) -> list[Heard]:
    return [Heard(use) for use in reversed(told(actor, uses([person.pk]).get(person.pk, [])))]


BUDGET = Part(
    "budget", _("Contact budget"),
    {"kind": Choice(KINDS), "used": Integer(), "most": Integer(), "waits_until": Moment()}, _room,
)  # fmt: skip
HEARD = Part(
    "heard", _("Heard from us this week"),
    {"at": Moment(), "kind": Choice(KINDS), "through": Choice(THROUGH), "name": Text(200), "record": Text(40), "id": Integer()},
    _heard,
)  # fmt: skip
registry.lend_parts("person", BUDGET, HEARD)
