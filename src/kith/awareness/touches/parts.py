"""How somebody found us, for programs: every touch of a person, as their page shows it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.awareness.models import Channel
from kith.awareness.touches.converting import converting
from kith.awareness.touches.queries import trail
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Choice, Integer, Link, Moment, Text
from kith.kernel.records.parts import Part

MOST = 1000


def _touches(actor: Actor, person: Any) -> list[Any]:
    found = trail(actor, person, MOST)
    led = converting(person.pk, found)
    for touch in found:
        touch.converting = touch is led
    return found


TOUCHES = Part(
    "touches", _("How they found us"),
    {"id": Integer(), "at": Moment(), "channel": Choice(dict(Channel.choices)), "through": Text(20), "campaign": Link("campaign"),
     "word": Text(200), "source": Text(200), "medium": Text(200), "content": Text(200), "term": Text(200),
     "landing": Text(500), "referrer": Text(500), "converting": Bool()},
    _touches,
)  # fmt: skip
