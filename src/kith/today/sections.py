"""What stands on Today, as data: sections of rows, said in words, whatever room they come from.

A room adds a section with `register_section`; pages, API and command line show all of them by one template and one shape.
Words are ready to be shown; a row names the record it is about, so that programs can go on from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kith.kernel.access.actor import Actor
from kith.today.scope import Scope

SHAPES = ("work", "loose", "care")  # one line a person; a name and a button; shares of one bar


@dataclass(frozen=True)
class Do:
    """Something that can be done about a row. `href` answers with a question over the page (`asks`), is posted to
    (`post`), or is simply followed (a phone number). key: the single key that presses it; words: shown beside the icon,
    else only said; main: the first thing to do."""

    label: str
    icon: str
    href: str
    asks: bool = True
    post: bool = False
    key: str = ""
    words: bool = False
    main: bool = False
    value: str = ""  # what to say on an open row instead of the label: the number to call


@dataclass(frozen=True)
class Item:
    """One row. `name` and `under` say who, `what` and `small` what about; `mark` is a figure or a word (`mark_icon` beside
    it), or the `stage` they stand in; `when` and `when_small` the time, coloured by `tone`; `step` the number of a step of
    the process. `tick` is where it is finished; `opened` what was said last, on the row that is open; `done`: just finished, about to leave; `share`:
    whole percent of a care bar."""

    record: str
    pk: int
    name: str
    href: str
    under: str = ""
    what: str = ""
    small: str = ""
    mark: str = ""
    mark_icon: str = ""
    stage: bool = False  # the mark is the name of `step`
    when: str = ""
    when_small: str = ""
    tone: str = ""
    step: int = 0
    tick: str = ""
    actions: tuple[Do, ...] = ()
    opened: Opened | None = None
    done: bool = False
    about: tuple[str, int] = ("", 0)  # the person or company it concerns, to count those who wait
    share: int = 0

    @property
    def key(self) -> str:
        return f"{self.record}-{self.pk}"


@dataclass(frozen=True)
class Opened:
    """The inside of the row in hand: the last words about it, who said them and when, and what to do first."""

    words: str = ""
    said: str = ""
    actions: tuple[Do, ...] = ()


@dataclass(frozen=True)
class More:
    """The rest of a section in its own list: the same rows, the same count."""

    label: str
    href: str


@dataclass(frozen=True)
class Section:
    """Rows with their head. `total` counts all of them; `exact` is False where counting stopped ("1,000+")."""

    items: tuple[Item, ...] = ()
    tone: str = ""
    hint: str = ""
    more: tuple[More, ...] = ()
    total: int = -1  # as many as there are items, unless said
    exact: bool = True
    shape: str = "work"
    key: str = ""
    title: str = ""

    @property
    def count(self) -> int:
        return len(self.items) if self.total < 0 else self.total


Read = Callable[[Actor, Scope], "Section | None"]


@dataclass(frozen=True)
class Registered:
    key: str
    title: Any
    order: int
    read: Read = field(repr=False)


_sections: dict[str, Registered] = {}


def register_section(key: str, title: Any, order: int, read: Read) -> None:
    """Put a section on Today; the same key again replaces it. `read(actor, scope)` reads through the one door, in one
    query whatever the number of rows, and gives None where there is nothing to show."""
    _sections[key] = Registered(key, title, order, read)


def registered() -> list[Registered]:
    return sorted(_sections.values(), key=lambda s: (s.order, s.key))
