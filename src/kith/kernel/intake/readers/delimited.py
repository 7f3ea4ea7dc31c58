"""Rows of CSV, TSV and their kin, at about three microseconds a row.

The standard parser splits; one check over the joined cells finds nearly every fault at once, and only rows that fail
it are looked at closely. Nothing is trimmed or converted: "007" stays "007".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from kith.kernel.errors import Invalid
from kith.kernel.intake.writers.guard import unguard

from . import charset
from .dialect import Dialect, judge
from .limits import Limits
from .lines import CUT, END, Lines, Runaway
from .source import Source
from .table import Row, Table, storable, unstorable
from .words import _

SAMPLE = 1 << 17
SURROGATE = re.compile("[\ud800-\udfff]")
csv.field_size_limit(2**31 - 1)  # the parser's own bound is per process and too small; `Lines` bounds a row instead


class Delimited(Table):
    """A text table. `header_row` (a line number, 0 = find it) and the other choices are a person's word."""

    format = "csv"
    unit = "line"
    _header_height = 1  # lines that the header row takes up

    def __init__(self, source: Source, limits: Limits, choices: dict[str, Any], *, thorough: bool):
        super().__init__(source, limits)
        self._choose_encoding(choices.get("encoding", ""), thorough)
        with source.text(self.encoding) as stream:
            sample = stream.read(SAMPLE)
        self._dialect = judge(
            sample,
            delimiter=choices.get("delimiter", ""),
            quote=choices.get("quote", ""),
            complete=len(sample) < SAMPLE,
        )
        self.delimiter, self.quote = self._dialect.delimiter, self._dialect.quote
        self._note_dialect(self._dialect)
        self._header_line = choices.get("header_row", 0) or self._dialect.first
        self._find_header(bool(choices.get("header_row", 0)))

    def rows(self, start: int = 0) -> Iterator[Row]:
        self._counts.clear()
        return self._walk(max(start, self._header_line + 1))

    def _choose_encoding(self, wanted: str, thorough: bool) -> None:
        if wanted and not charset.known(wanted):
            raise Invalid(
                _("There is no encoding called “{name}”. Leave it empty to have it found.").format(name=wanted)
            )
        self.encoding, note = (wanted, "") if wanted else charset.detect(self._source, thorough=thorough)
        self._notes += [note] if note else []

    def _note_dialect(self, dialect: Dialect) -> None:
        if dialect.backslash:
            self._notes.append(_("A backslash before a quotation mark is read as an escape sign."))
        if dialect.spaced:
            self._notes.append(_("A space follows every delimiter; it is not read as part of the values."))
        if dialect.quote == "'":
            self._notes.append(_("Cells are enclosed in apostrophes; these are not part of the values."))

    def _find_header(self, told: bool) -> None:
        first = next(self._walk(self._header_line), None)
        if first is None or (told and first.number != self._header_line):
            raise Invalid(
                _("“{name}” has no column names in line {line}. Choose the line that holds them.").format(
                    name=self.name, line=self._header_line
                )
                if told
                else _("“{name}” is empty. Choose a file with a header row and at least one row.").format(
                    name=self.name
                )
            )
        if first.problem:
            raise Invalid(first.problem)
        self._header_line = first.number + self._header_height - 1
        self._set_headers(first.cells)

    def _walk(self, start: int) -> Iterator[Row]:
        """Rows whose line number is `start` or higher; while there are no headers yet, every row counts as whole."""
        width, longest, number = len(self.headers), self._limits.cell, 1
        runaways = 0
        with self._source.text(self.encoding) as stream:
            lines = Lines(stream, self._limits.record, self._dialect.quote if self._dialect.backslash else "")
            record = lines.record
            while True:
                try:
                    for cells in csv.reader(lines, **self._dialect.options()):
                        text = "".join(cells)
                        if (
                            len(cells) == width
                            and len(text) <= longest
                            and (text.isascii() or not SURROGATE.search(text))
                            and "\0" not in text
                            and "'" not in text
                            and text
                            and not text.isspace()
                        ):
                            if number >= start:
                                yield Row(number, cells)
                        elif lines.ended and cells and cells[-1].endswith(END):
                            if record:
                                raise Runaway
                            return
                        elif (row := self._odd(number, cells, text, record)) and number >= start:
                            yield row
                        number += len(record)
                        record.clear()
                    return
                except (Runaway, csv.Error):
                    runaways += 1
                    row = self._runaway(number, lines, runaways)
                    if number >= start:
                        yield row
                    number += 1

    def _odd(self, number: int, cells: list[str], text: str, record: list[str]) -> Row | None:
        """A row that did not pass at first sight: skipped with a count, mended, or given with its problem."""
        if not text or text.isspace():
            self._count("blank")
            return None
        width = len(self.headers)
        if width and len(cells) != width and self._dialect.comments and record[0].startswith("#"):
            self._count("comment")
            return None
        if not width:
            self._header_height = len(record)
            return Row(number, [storable(unguard(cell)) for cell in cells])
        if len(cells) > width and not any(cells[width:]):
            del cells[width:]
        problem = ""
        if len(cells) != width:
            problem = self._ragged(number, cells, len(record))
        elif CUT in text:
            problem = _("Line {line} is longer than {limit} characters; it cannot be read.").format(
                line=number, limit=self._limits.record
            )
        problem = problem or unstorable(self.headers, cells, self._limits.cell)
        if "'" in text:
            bare = [unguard(cell) for cell in cells]
            self._count("guarded", bare != cells)
            cells = bare
        return Row(number, [storable(cell) for cell in cells] if problem else cells, problem)

    def _ragged(self, number: int, cells: list[str], height: int) -> str:
        if height > 1:
            sentence = _(
                "Lines {line} to {last} read as one row; its number of cells ({count}) is not that of the columns "
                "({columns}). Look for a quotation mark that closes too late."
            )
        elif len(cells) < len(self.headers):
            sentence = _(
                "Line {line} has fewer cells ({count}) than there are columns ({columns}). Look for a missing delimiter."
            )
        else:
            sentence = _(
                "Line {line} has more cells ({count}) than there are columns ({columns}). Put quotes around text that "
                "holds the delimiter."
            )
        return sentence.format(line=number, last=number + height - 1, count=len(cells), columns=len(self.headers))

    def _runaway(self, number: int, lines: Lines, so_far: int) -> Row:
        if so_far > self._limits.runaways:
            raise Invalid(
                _(
                    "More than {limit} rows of “{name}”, the last in line {line}, open a quotation mark that never "
                    "closes. Choose another quotation mark, or mend the file."
                ).format(limit=self._limits.runaways, name=self.name, line=number)
            )
        first = lines.give_up()
        cells = next(csv.reader([first.replace(CUT, "")], **self._dialect.options()), [])
        problem = _("Line {line} opens a quotation mark that never closes. Close it, or write it twice.").format(
            line=number
        )
        return Row(number, [storable(cell) for cell in cells], problem)
