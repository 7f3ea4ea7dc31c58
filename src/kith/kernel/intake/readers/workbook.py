"""Rows of an XLSX workbook, typed, one row in memory at a time.

openpyxl reads the workbook's structure, styles and dates; the sheet and its words are streamed by `sheetxml`, which
says why. Only the shared words stay in memory (the format refers to them by number), bounded by `Limits.part`.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE, is_date_format, is_timedelta_format
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.datetime import from_excel, from_ISO8601

from kith.kernel.errors import Invalid

from .limits import Limits
from .sheetxml import BROKEN, Cell, SheetParser, SheetRow, WordsParser, unescaped
from .source import Source
from .table import Row, Table, storable, unstorable
from .words import _, short, size

AHEAD = 50  # rows looked at for values to the right of the last column name
LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


class Workbook(Table):
    """One sheet of a workbook: the one named by `sheet`, else the first that holds anything."""

    format = "xlsx"
    unit = "row"

    def __init__(self, source: Source, limits: Limits, choices: dict[str, Any], *, thorough: bool):
        super().__init__(source, limits)
        self._header_row = choices.get("header_row", 0)
        self._told = bool(self._header_row)
        try:
            self._archive = zipfile.ZipFile(source.seekable())
        except BROKEN as error:
            raise self._damaged(error) from error
        self._check_parts()
        self._open()
        self.sheets = tuple(self._paths)
        if not self.sheets:
            raise Invalid(_("The workbook “{name}” has no sheet with cells.").format(name=self.name))
        self._shapes: dict[int, str] = {}
        self._choose(choices.get("sheet", ""))

    def rows(self, start: int = 0) -> Iterator[Row]:
        self._counts.clear()
        before = self._header_row
        for found in self._walk():
            if found.number <= self._header_row:
                continue
            if found.number > before + 1:
                self._count("blank", found.number - before - 1)
            before = found.number
            if found.number >= start and (row := self._row(found)):
                yield row

    def _check_parts(self) -> None:
        for part in self._archive.infolist():
            sheet = part.filename.lower().startswith("xl/worksheets/")
            limit = self._limits.inflated if sheet else self._limits.part
            if part.file_size > limit:
                raise Invalid(
                    _("“{part}” inside the workbook “{name}” unpacks to {size}; the limit is {limit}.").format(
                        part=short(part.filename), name=self.name, size=size(part.file_size), limit=size(limit)
                    )
                )

    def _open(self) -> None:
        try:
            reader = ExcelReader(self._source.seekable(), read_only=True, data_only=True, keep_links=False)
            reader.read_manifest()
            reader.read_workbook()
            apply_stylesheet(reader.archive, reader.wb)
            self._epoch = reader.wb.epoch
            self._styles, self._formats = reader.wb._cell_styles, reader.wb._number_formats
            found = [(sheet, rel) for sheet, rel in reader.parser.find_sheets() if rel.Type.endswith("/worksheet")]
            visible = [(sheet, rel) for sheet, rel in found if sheet.state == "visible"]
            self._paths = {sheet.name: rel.target for sheet, rel in visible or found}
        except Exception as error:  # openpyxl answers damaged structure with almost any exception there is
            raise self._damaged(error) from error
        self._words = self._read_words()

    def _read_words(self) -> list[str]:
        path = next((name for name in self._archive.namelist() if name.lower() == "xl/sharedstrings.xml"), "")
        if not path:
            return []
        try:
            with self._archive.open(path) as stream:
                return list(WordsParser(self._limits.record).walk(stream))
        except BROKEN as error:
            raise self._damaged(error) from error

    def _choose(self, wanted: str) -> None:
        if wanted and wanted not in self._paths:
            raise Invalid(
                _("“{name}” has no sheet “{sheet}”. It has: {sheets}.").format(
                    name=self.name, sheet=wanted, sheets=", ".join(self.sheets)
                )
            )
        for sheet in [wanted] if wanted else self.sheets:
            self.sheet = sheet
            if self._find_header():
                break
        else:
            raise Invalid(_("“{name}” is empty. Choose a workbook with a header row.").format(name=self.name))
        if not wanted and len(self.sheets) > 1:
            self._notes.append(
                _("The workbook has {count} sheets; “{sheet}” is read.").format(
                    count=len(self.sheets), sheet=self.sheet
                )
            )

    def _find_header(self) -> bool:
        rows = (row for row in self._walk() if row.cells and row.number >= self._header_row)
        header = next(rows, None)
        if header is None or (self._told and header.number != self._header_row):
            return False
        names = self._values(header)
        ahead = [row for row, _again in zip(rows, range(AHEAD), strict=False)]
        width = max([len(names)] + [cell.column for row in ahead for cell in row.cells if cell.text])
        self._set_headers(names + [""] * (width - len(names)))
        self._header_row = header.number
        return True

    def _walk(self) -> Iterator[SheetRow]:
        last = 0
        try:
            with self._archive.open(self._path()) as stream:
                for row in SheetParser(self._limits.record, max(self._limits.columns, 1)).walk(stream):
                    if row.number > last and row.cells:
                        last = row.number
                        yield row
        except BROKEN as error:
            raise self._damaged(error) from error

    def _path(self) -> str:
        return self._paths[self.sheet].lstrip("/")

    def _row(self, found: SheetRow) -> Row | None:
        cells = self._values(found)
        width = len(self.headers)
        problem = self._unvalued(found)
        if not problem and all(isinstance(cell, str) and (not cell or cell.isspace()) for cell in cells):
            self._count("blank")
            return None
        cells += [""] * (width - len(cells))
        if len(cells) > width:
            problem = _(
                "Row {row} has more cells ({count}) than there are columns ({columns}). Name the further columns."
            ).format(row=found.number, count=len(cells), columns=width)
        problem = problem or unstorable(self.headers, cells, self._limits.cell)
        return Row(found.number, [storable(cell) for cell in cells] if problem else cells, problem)

    def _unvalued(self, found: SheetRow) -> str:
        for cell in found.cells:
            if cell.formula and not cell.text and cell.kind not in ("str", "inlineStr"):
                header = self.headers[cell.column - 1] if cell.column <= len(self.headers) else str(cell.column)
                return _(
                    "Cell “{header}” in row {row} holds a formula whose result is not stored. Open the workbook in a "
                    "spreadsheet program and save it."
                ).format(header=short(header), row=found.number)
        return ""

    def _values(self, found: SheetRow) -> list[Any]:
        values: list[Any] = [""] * max((cell.column for cell in found.cells if cell.text), default=0)
        for cell in found.cells:
            if cell.text:
                values[cell.column - 1] = self._value(cell)
        return values

    def _value(self, cell: Cell) -> Any:
        try:
            if cell.kind == "s":
                return self._words[int(cell.text)]
            if cell.kind == "n":
                return self._number(float(cell.text), cell.text, self._shape(cell.style))
            if cell.kind == "b":
                return bool(int(cell.text))
            if cell.kind == "d":
                return from_ISO8601(cell.text)
        except (ValueError, OverflowError, IndexError, TypeError):
            return cell.text  # shown as stored: the column's kind will say what is wrong with it
        return unescaped(cell.text)

    def _number(self, number: float, text: str, shape: str) -> Any:
        if shape in ("day", "moment", "hour"):
            return _moment(from_excel(number, self._epoch), shape)
        if shape == "span":
            return from_excel(number, self._epoch, timedelta=True)
        if not number.is_integer() or abs(number) >= 1e15:
            return int(text) if text.isdecimal() else float(f"{number:.15g}")  # no more digits than are shown
        return str(int(number)).zfill(len(shape)) if shape and number >= 0 else int(number)

    def _shape(self, style: int) -> str:
        """How numbers of this style are shown: "day", "moment", "hour", "span", zeros to fill up to, or ""."""
        if style not in self._shapes:
            self._shapes[style] = _shape(self._format(style))
        return self._shapes[style]

    def _format(self, style: int) -> str:
        try:
            number = self._styles[style].numFmtId
            if number < BUILTIN_FORMATS_MAX_SIZE:
                return BUILTIN_FORMATS.get(number, "General")
            return self._formats[number - BUILTIN_FORMATS_MAX_SIZE]
        except IndexError:
            return "General"

    def _damaged(self, error: BaseException) -> Invalid:
        if isinstance(error, Invalid):
            return error
        return Invalid(
            _(
                "The workbook “{name}” cannot be read ({why}). Open it in a spreadsheet program and save it as .xlsx."
            ).format(name=self.name, why=short(error, 120) or type(error).__name__)
        )


def _shape(code: str) -> str:
    if re.fullmatch("0{2,}", code):
        return code
    if is_timedelta_format(code):
        return "span"
    if not is_date_format(code):
        return ""
    plain = LITERAL.sub("", code.split(";")[0]).lower()
    clock = bool(re.search("[hs]", plain))
    dated = bool(re.search("[yd]", plain)) or ("m" in plain and not clock)
    return "moment" if clock and dated else "hour" if clock else "day"


def _moment(value: Any, shape: str) -> Any:
    """A date where only a date is shown, a time of day where only that is shown."""
    if isinstance(value, datetime.datetime):
        if shape == "day" and value.time() == datetime.time():
            return value.date()
        if shape == "hour" and value.date() == datetime.date(1899, 12, 30):
            return value.time()
    return value
