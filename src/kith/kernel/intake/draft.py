"""A row on its way in: what was read of it, what it turned out to be, and why it was refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from kith.kernel.intake.mapping import Entry


@dataclass(slots=True)
class Draft:
    """`values` are typed, by column key; `links` still wait to be resolved; `odd` are words to report, as (column of the
    file, where it goes, word, why)."""

    number: int
    cells: list[Any]
    extra: dict[str, Any] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, tuple[Entry, str]] = field(default_factory=dict)
    history: list[tuple[Entry, dt.datetime]] = field(default_factory=list)
    waits: list[tuple[str, str, str, str]] = field(default_factory=list)  # column, by, source, words
    external: str = ""
    at: dt.datetime | None = None
    reasons: list[str] = field(default_factory=list)  # why it is refused
    notes: list[str] = field(default_factory=list)  # what to know although it is not
    odd: list[tuple[str, str, str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # what it is recognised by
    verdict: str = ""
    existing: Any = None  # the row that is there already
    record_id: int | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return bool(self.reasons)

    def refuse(self, sentence: str, column: str = "") -> None:
        self.reasons.append(f"{column}: {sentence}" if column else sentence)
