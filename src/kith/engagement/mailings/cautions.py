"""Words of caution at the check of a mailing: what keeps nothing from leaving, and is better known before. Rooms above say them.

They are kept with the check for everybody who sees the mailing, so they name nothing that its readers might not see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kith.engagement.models import Mailing
from kith.kernel.access.actor import Actor


@dataclass(frozen=True)
class Caution:
    """A sentence, and the address of what it speaks of."""

    words: str
    href: str


_SAID: list[Callable[[Mailing, Actor], Iterable[Caution]]] = []


def register_caution(says: Callable[[Mailing, Actor], Iterable[Caution]]) -> None:
    """`says` is asked at every check, as whoever checks."""
    _SAID.append(says)


def cautions(mailing: Mailing, by: Actor) -> list[Caution]:
    return [caution for says in _SAID for caution in says(mailing, by)]
