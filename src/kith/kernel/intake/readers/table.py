"""What every reader gives: a `Table` with headers, notes and rows that can be walked as often as one likes.

A `Row` is a plain tuple because imports make a million of them. A row that is broken is still given, with one
sentence in `problem`, so that the rest of the file goes on and nothing disappears.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from kith.kernel.errors import Invalid

from .limits import Limits
from .source import Source
from .words import _, short

UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # what PostgreSQL text and UTF-8 cannot hold


class Row(NamedTuple):
    """One row. `cells` stands in the order of the headers; a blank cell is "".

    When `problem` is set the cells are as found: there may be more or fewer of them than headers. `extra` holds
    values for which there is no column (a JSON key that first turned up late).
    """

    number: int
    cells: list[Any]
    problem: str = ""
    extra: dict[str, Any] | None = None


class Table:
    """A table file opened for reading.

    `format` is csv, xlsx, jsonl or vcard. `unit` says what `Row.number` counts: "line", "row", "item" or "card".
    `notes` are sentences about everything that was repaired, guessed or left out; those that count rows are complete
    once rows() has been walked to its end.
    """

    format: ClassVar[str]
    unit: str = "line"
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    headers: list[str]

    def __init__(self, source: Source, limits: Limits):
        self._source = source
        self._limits = limits
        self.name = source.name
        self.size = source.size
        self.headers = []
        self._notes: list[str] = list(source.notes)
        self._counts: dict[str, int] = {}

    @property
    def notes(self) -> list[str]:
        return self._notes + [
            _(COUNTED[what][0] if count == 1 else COUNTED[what][1]).format(count=count)
            for what, count in self._counts.items()
            if count
        ]

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Every row from number `start` on; may be called again. Invalid where the file itself breaks off."""
        raise NotImplementedError

    def _count(self, what: str, by: int = 1) -> None:
        self._counts[what] = self._counts.get(what, 0) + by

    def _set_headers(self, names: Sequence[Any]) -> None:
        if not any(str(name).strip() for name in names):
            raise Invalid(_("“{name}” holds no table: no column names were found in it.").format(name=self.name))
        if len(names) > self._limits.columns:
            raise Invalid(
                _("“{name}” has {count} columns; the limit is {limit}. Leave out columns that are not needed.").format(
                    name=self.name, count=len(names), limit=self._limits.columns
                )
            )
        self.headers, notes = named(names, self._limits.header)
        self._notes += notes


COUNTED = {
    "blank": ("{count} blank row was skipped.", "{count} blank rows were skipped."),
    "comment": (
        "{count} comment row that begins with # was skipped.",
        "{count} comment rows that begin with # were skipped.",
    ),
    "guarded": (
        "{count} row had an apostrophe put before a formula sign by an export; it was taken off again.",
        "{count} rows had an apostrophe put before a formula sign by an export; it was taken off again.",
    ),
    "late": (
        "{count} row holds values under a name that the first rows do not have; they are kept beside the row.",
        "{count} rows hold values under names that the first rows do not have; they are kept beside the row.",
    ),
}


def named(names: Sequence[Any], longest: int) -> tuple[list[str], list[str]]:
    """Column names made unique and never blank -> (names, one sentence for each repair)."""
    wanted = [" ".join(UNSTORABLE.sub("\ufffd", str(name)).split()) for name in names]
    taken: set[str] = set()
    result, notes = [], []
    for position, name in enumerate(wanted, 1):
        new = name
        if not name:
            new = _free(_("Column {number}").format(number=position), taken, wanted)
            notes.append(_("Column {number} has no name; it is called “{new}”.").format(number=position, new=new))
        elif len(name) > longest:
            new = _free(name[: longest - 1] + "…", taken, wanted)
            notes.append(
                _("The name of column {number} is longer than {limit} characters; it is shortened.").format(
                    number=position, limit=longest
                )
            )
        elif name in taken:
            new = _free(name, taken, wanted)
            notes.append(
                _("The name “{name}” stands over more than one column; column {number} is called “{new}”.").format(
                    name=short(name), number=position, new=short(new)
                )
            )
        taken.add(new)
        result.append(new)
    return result, notes


def _free(name: str, taken: set[str], wanted: list[str]) -> str:
    if name not in taken and name not in wanted:
        return name
    number = 2
    while f"{name} {number}" in taken or f"{name} {number}" in wanted:
        number += 1
    return f"{name} {number}"


def unstorable(headers: Sequence[str], cells: Sequence[Any], longest: int) -> str:
    """The sentence for the first cell that cannot be kept as text ("" when all can)."""
    for position, cell in enumerate(cells):
        if not isinstance(cell, str):
            continue
        header = short(headers[position]) if position < len(headers) else str(position + 1)
        if len(cell) > longest:
            return _("Cell “{header}” holds {count} characters; the limit is {limit}. Shorten it.").format(
                header=header, count=len(cell), limit=longest
            )
        if not UNSTORABLE.search(cell):
            continue
        if "\0" in cell:
            return _("Cell “{header}” holds a NUL character. Remove it.").format(header=header)
        return _(
            "Cell “{header}” holds bytes that are no text in the encoding of this file. Save the file as UTF-8."
        ).format(header=header)
    return ""


def storable(cell: Any) -> Any:
    """The same cell with every character that cannot be stored shown as �."""
    return UNSTORABLE.sub("\ufffd", cell) if isinstance(cell, str) else cell
