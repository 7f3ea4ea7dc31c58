"""Somebody comes to us by some way: whose are they? Asked by every room through which people come, answered by the one that
takes people in.

    register_door(door)                  at start-up, by the room that knows how people are recognised
    register_way("booking", taken)       at start-up, by a room through which they come: taken(ref, person, by)
    come(Newcomer(…), by=by)             the room says that somebody came

`taken` is called in the same transaction where it is plain who they are, or they are new; later, when a colleague has
looked at it, where it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kith.kernel.access.actor import Actor


@dataclass(frozen=True)
class Newcomer:
    """What somebody said of themselves. `through` is a key ("booking"), `ref` the row of the room they came through, `source`
    what people call it, `known` the person whose own link they used."""

    through: str
    ref: int
    name: str
    email: str
    phone: str = ""
    source: str = ""
    text: str = ""
    known: int | None = None


Door = Callable[[Newcomer, Actor], None]
Taken = Callable[[int, Any, Actor], None]
_doors: list[Door] = []
_ways: dict[str, Taken] = {}


def register_door(door: Door) -> None:
    """Say how people are taken in. The last one registered decides."""
    _doors[:] = [door]


def register_way(through: str, taken: Taken) -> None:
    """Say what follows once it is known who came this way."""
    _ways[through] = taken


def ways() -> dict[str, Taken]:
    return _ways


def come(newcomer: Newcomer, *, by: Actor) -> None:
    """Have somebody taken in."""
    for door in _doors:
        door(newcomer, by)
