"""XLSX with typed cells, one row in memory at a time.

What a sheet cannot hold is not lost in silence: text that is too long for a cell ends with a sentence that says so,
rows beyond the last one go on in another sheet, and numbers with more digits than a spreadsheet keeps stay text.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from kith.kernel.intake.readers.words import _

from .values import text

LAST_ROW = 1_048_576
LONGEST = 32_767
DIGITS = 15
FIRST_DAY = datetime.date(1900, 3, 1)  # spreadsheets count days before it wrongly
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
CLOCK, DAY = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"


def write_xlsx(
    rows: Iterable[Sequence[Any]],
    headers: Sequence[str],
    fileobj: BinaryIO,
    *,
    sheet: str = "",
    time_zone: datetime.tzinfo = datetime.UTC,
) -> int:
    """Write a workbook and return the number of rows. Moments are shown in `time_zone`: sheets know none."""
    book = Workbook(write_only=True)
    title = re.sub(r"[\[\]:*?/\\]", " ", sheet).strip("' ")[:25] or _("Export")
    page = _page(book, title, headers)
    count = 0
    for row in rows:
        if count and count % (LAST_ROW - 1) == 0:
            page = _page(book, title, headers)
        page.append([_cell(page, value, time_zone) for value in row])
        count += 1
    book.save(fileobj)
    return count


def _page(book: Workbook, title: str, headers: Sequence[str]) -> Any:
    number = len(book.worksheets) + 1
    page = book.create_sheet(title if number == 1 else f"{title} {number}")
    page.freeze_panes = "A2"
    page.append([_words(page, header) for header in headers])
    return page


def _cell(page: Any, value: Any, time_zone: datetime.tzinfo) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return value if _exact(value) else _words(page, text(value))
    if isinstance(value, datetime.datetime):
        local = value.astimezone(time_zone).replace(tzinfo=None) if value.tzinfo else value
        return _dated(page, local, CLOCK) if local.date() >= FIRST_DAY else _words(page, text(value))
    if isinstance(value, datetime.date):
        return _dated(page, value, DAY) if value >= FIRST_DAY else _words(page, text(value))
    return _words(page, text(value))


def _exact(number: int | float | Decimal) -> bool:
    if isinstance(number, Decimal):
        return number.is_finite() and len(number.normalize().as_tuple().digits) <= DIGITS
    return math.isfinite(number) and (isinstance(number, float) or abs(number) < 10**DIGITS)


def _dated(page: Any, value: Any, shape: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value)
    cell.number_format = shape
    return cell


def _words(page: Any, words: str) -> WriteOnlyCell:
    """Text that stays text, whatever it begins with: the type is stated, so no formula comes of it."""
    escaped = FORBIDDEN.sub(lambda found: f"_x{ord(found[0]):04X}_", words)
    if len(escaped) > LONGEST:
        note = _(" … (cut: {count} characters; export as CSV to have all)").format(count=len(words))
        escaped = re.sub(r"_(x[0-9A-F]{0,4})?\Z", "", escaped[: LONGEST - len(note)]) + note
    cell = WriteOnlyCell(page, None)
    cell.value, cell.data_type = escaped, "s"
    return cell
