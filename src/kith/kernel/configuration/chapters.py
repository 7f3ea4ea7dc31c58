"""The chapters of a configuration: one for each sort of thing that it is made of, each in a folder of its own.

Record types that say `configured` are chapters by themselves (`rows.py`); what is kept otherwise (fields of one's own,
processes) is one by `register_chapter`. Whoever exports, compares, applies and shows knows chapters and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from difflib import ndiff
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.yamltext import read_yaml, write_yaml

MOST = 1_000_000  # characters of one file
Document = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Item:
    """Something that is here: its key, what a file says of it, the row. `prepared`: the document that waits as its draft."""

    key: Key
    document: Document
    row: Any
    prepared: Document | None = None


@dataclass(frozen=True)
class Change:
    """One column: what is here and what the file says, in words ("" for nothing)."""

    column: str
    label: str
    old: str
    new: str

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Of a long text: the lines that go ("-") and those that come ("+"); none where one line says it."""
        if "\n" not in self.old + self.new:
            return []
        told = ndiff(self.old.splitlines(), self.new.splitlines())
        return [(line[0], line[2:]) for line in told if line[0] in "+-"]


class Chapter:
    """See the module docstring. `name` is its folder; `after` names chapters that must be applied before."""

    name: str = ""
    publishes: bool = False  # what it brings counts only once it is published
    tells: bool = True  # its writes are told in events, which an undo takes back

    @property
    def label(self) -> str:
        raise NotImplementedError

    def after(self) -> tuple[str, ...]:
        return ()

    def here(self, by: Actor) -> list[Item]:
        """All that is here, in the order of the files."""
        raise NotImplementedError

    def key(self, document: Document) -> Key:
        """What tells this one from others of its chapter. Raises Invalid where the document lacks it."""
        raise NotImplementedError

    def checked(self, document: Document, by: Actor) -> Document:
        """The document as `here` would give it. Raises Invalid or InvalidMany; what hangs on other rows is checked by `put`."""
        return document

    def changes(self, old: Document, new: Document, by: Actor) -> list[Change]:
        """What differs, column by column; {} stands for a row that is not there."""
        raise NotImplementedError

    def put(self, item: Item | None, document: Document, by: Actor) -> Any:
        """Make it, or change what is here; returns the row."""
        raise NotImplementedError

    def remove(self, item: Item, by: Actor) -> None:
        """Put it away as its own page does."""
        raise NotImplementedError

    def publish(self, row: Any, document: Document, by: Actor) -> None:
        """Let what was brought count."""

    def notes(self, item: Item | None, document: Document) -> list[str]:
        """Sentences to know before it is applied: what publishing would do."""
        return []

    def to_take_back(self, op: Any) -> None:
        """What must be done before the changes of an operation are taken back."""

    def taken_back(self, op: Any, by: Actor) -> None:
        """What follows from an operation whose changes were just taken back."""

    def put_back(self, key: Key, before: Document | None, after: Document | None, by: Actor) -> list[str]:
        """Take a write back where no event tells of it (`tells` is off); sentences about what stays."""
        return []

    def read(self, text: str) -> Document:
        """The document of a file. Raises Invalid naming the line."""
        data = read_yaml(text, most=MOST)
        if not isinstance(data, dict):
            raise Invalid(_("A file has one name and value a line, like “name: Museums”."))
        read: Document = _without_dates(data)
        return read

    def text(self, document: Document) -> str:
        return write_yaml(document)

    def words(self, key: Key) -> str:
        """The key as people say it; files are named after it."""
        return " ".join(str(part) for part in key if part not in (None, ""))


def _without_dates(data: Any) -> Any:
    """Days that YAML understands by itself are words in a file, as everywhere else."""
    if isinstance(data, dict):
        return {key: _without_dates(held) for key, held in data.items()}
    if isinstance(data, list):
        return [_without_dates(one) for one in data]
    return data.isoformat() if isinstance(data, dt.date | dt.time) else data


_made: dict[str, Callable[[], Chapter]] = {}


def register_chapter(chapter: Callable[[], Chapter]) -> None:
    """A chapter of its own; called at start-up."""
    made = chapter()
    _made[made.name] = chapter


def chapters() -> list[Chapter]:
    """All of them, those that others need first; within that, by name."""
    from kith.kernel.configuration.rows import RowChapter
    from kith.kernel.records.registry import registry

    found: dict[str, Chapter] = {name: make() for name, make in _made.items()}
    found |= {made.name: made for record in registry if record.configured for made in [RowChapter(record)]}
    out: list[Chapter] = []

    def add(name: str, above: tuple[str, ...]) -> None:
        if name not in found or name in above or any(one.name == name for one in out):
            return
        for other in sorted(found[name].after()):
            add(other, (*above, name))
        out.append(found[name])

    for name in sorted(found, key=lambda one: (one not in _made, one)):
        add(name, ())
    return out
