"""Things to do by name in the palette: go somewhere, make something, change a setting.

Packages register theirs at start-up; what an actor may not do is not offered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.text import words


@dataclass(frozen=True)
class Command:
    """`needs`: a right such as "person.create" ("" for everybody); `also`: further words that find it."""

    label: Any
    href: str
    icon: str = "arrow"
    key: str = ""
    needs: str = ""
    also: Any = ""


_sources: list[Callable[[Actor], list[Command]]] = []


def register(source: Callable[[Actor], list[Command]]) -> None:
    """Add a function that gives commands for an actor."""
    _sources.append(source)


def commands(actor: Actor, text: str = "", limit: int = 8) -> list[Command]:
    """Commands the actor may use whose words match, in any order by prefix."""
    asked = words(text)
    out = []
    for command in (c for source in _sources for c in source(actor)):
        if command.needs and not actor.can(command.needs):
            continue
        own = words(f"{command.label} {command.also}")
        if all(any(w.startswith(a) for w in own) for a in asked):
            out.append(command)
    return out[:limit]
