"""What rooms above add to a person's own page: what else we keep of them, for them to see and to act on.

TRAIL = Section("trail", "awareness/own_trail.html", trail_of, delete, done=_("It is deleted."))
register_section(TRAIL)                                            in `AppConfig.ready()`
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """`context(person)` gives what the template needs, None where there is nothing to show. `act(person, by=)` is what its one
    button does (`name="do"` with the key as its value), and `done` says that it was done. The words are customers'."""

    key: str
    template: str
    context: Callable[[Any], dict[str, Any] | None]
    act: Callable[..., Any]
    done: Any


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    _sections[section.key] = section


def section_of(key: str) -> Section | None:
    return _sections.get(key)


def sections_of(person: Any) -> list[tuple[Section, dict[str, Any]]]:
    """Those that have something to show of this person."""
    found = ((section, section.context(person)) for section in _sections.values())
    return [(section, context) for section, context in found if context is not None]
