"""The door: from any file to the reader that can read it, judged by content and never by its name alone.

What cannot be read is refused with one sentence that says what the file is and how to get a table out of it.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import Any

import filetype

from kith.kernel.errors import Invalid

from . import charset
from .delimited import Delimited
from .jsonrows import JsonRows, looks_like
from .limits import Limits
from .sheetxml import BROKEN
from .source import MARK, Source, too_big
from .table import Row, Table
from .vcard import VCards
from .words import _

HEAD = 1 << 14
CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
TEXT_LIKE = ("application/pdf", "application/rtf")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def open_table(
    path_or_fileobj: Any,
    name: str = "",
    *,
    limits: Limits | None = None,
    encoding: str = "",
    delimiter: str = "",
    quote: str = "",
    sheet: str = "",
    header_row: int = 0,
) -> Table:
    """Open a table file (a path, or a binary file object that can seek; plain or gzip) of any known format.

    What a person chose (`encoding` … `header_row`, a line or row number) overrides what is found out. `name` is what
    messages call the file. Raises Invalid with one sentence when it cannot be read.
    """
    limits = limits or Limits()
    source = Source(path_or_fileobj, name, limits)
    choices = {
        "encoding": encoding,
        "delimiter": delimiter,
        "quote": quote,
        "sheet": sheet,
        "header_row": header_row,
    }
    return reader(source, limits, choices, thorough=True)


@dataclass(frozen=True)
class Sniff:
    """What a preview page shows: how the file is read, and its first rows."""

    name: str
    size: int
    format: str
    encoding: str
    delimiter: str
    quote: str
    sheet: str
    sheets: tuple[str, ...]
    headers: list[str]
    sample: list[Row]
    notes: list[str]
    refused: str = ""  # the sentence with which open_table would refuse it for its size
    table: Table | None = field(default=None, repr=False, compare=False)


def sniff(path_or_fileobj: Any, name: str = "", *, limits: Limits | None = None, rows: int = 20, **choices) -> Sniff:
    """A quick look at a file of any size: only some places of it are read. Takes the choices of open_table."""
    limits = limits or Limits()
    source = Source(path_or_fileobj, name, limits, enforce_size=False)
    table = reader(source, limits, {key: value for key, value in choices.items() if value}, thorough=False)
    sample = [row for row, _again in zip(table.rows(), range(rows), strict=False)]
    return Sniff(
        name=table.name,
        size=table.size,
        format=table.format,
        encoding=table.encoding,
        delimiter=table.delimiter,
        quote=table.quote,
        sheet=table.sheet,
        sheets=table.sheets,
        headers=table.headers,
        sample=sample,
        notes=table.notes,
        refused=too_big(table.name, table.size, limits) if table.size > limits.bytes else "",
        table=table,
    )


def reader(source: Source, limits: Limits, choices: dict[str, Any], *, thorough: bool) -> Table:
    """The reader for this content. `thorough` looks through the whole file where a quick look would do for a preview."""
    head = source.head(HEAD)
    if not head.strip():
        raise Invalid(_("“{name}” is empty. Choose a file with a header row.").format(name=source.name))
    if head.startswith(b"PK\x03\x04"):
        _check_zip(source)
        from .workbook import Workbook  # with openpyxl, which takes a tenth of a start

        return Workbook(source, limits, choices, thorough=thorough)
    _check_binary(source, head)
    encoding = choices.get("encoding") or charset.detect(source, thorough=False)[0]
    if not charset.known(encoding):
        raise Invalid(_("There is no encoding called “{name}”. Leave it empty to have it found.").format(name=encoding))
    text = head.decode(encoding, MARK)
    _check_text(source, text, sure=encoding.startswith("utf"))
    if text.lstrip("\ufeff \t\r\n")[:11].upper() == "BEGIN:VCARD":
        return VCards(source, limits, choices, thorough=thorough)
    if shape := looks_like(text, source.name):
        return JsonRows(source, limits, choices, thorough=thorough, array=shape == "array")
    return Delimited(source, limits, choices, thorough=thorough)


def _check_zip(source: Source) -> None:
    """Raise unless the archive is a workbook of the kind that can be read."""
    try:
        with zipfile.ZipFile(source.seekable()) as archive:
            parts = {part.lower() for part in archive.namelist()}
    except BROKEN as error:
        raise Invalid(
            _("“{name}” is a damaged archive or workbook. Send it again.").format(name=source.name)
        ) from error
    if "xl/workbook.xml" in parts:
        return
    if "xl/workbook.bin" in parts:
        what = _("a binary workbook (.xlsb)")
    elif "content.xml" in parts:
        what = _("an OpenDocument file")
    elif "word/document.xml" in parts:
        what = _("a text document")
    else:
        raise Invalid(_("“{name}” is a ZIP archive. Unpack it and choose the table inside.").format(name=source.name))
    raise _refuse(source, what)


def _check_binary(source: Source, head: bytes) -> None:
    if head.startswith(OLE):
        raise _refuse(source, _("an old or password-protected workbook"))
    if head.startswith(b"SQLite format 3"):
        raise _refuse(source, _("a database"))
    kind = filetype.guess(head)
    # "ID3,name" or "MZ;city" begin like a sound and a program, but only text goes on without control signs.
    if kind is not None and (kind.mime in TEXT_LIKE or NO_TEXT.search(head)):
        raise _refuse(source, _kinds(kind.mime))


def _kinds(mime: str) -> str:
    known = {
        "application/pdf": _("a PDF document"),
        "application/rtf": _("a text document"),
        "image": _("a picture ({format})"),
        "audio": _("a sound"),
        "video": _("a film"),
        "font": _("a font"),
    }
    main, _slash, sub = mime.partition("/")
    return known.get(mime) or known.get(main, _("a file of the type {format}")).format(format=sub.upper())


def _check_text(source: Source, text: str, *, sure: bool) -> None:
    """Raise for other kinds of text, and for binary data. `sure`: the encoding is known, so control signs are text."""
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if re.match(r"<(!doctype html|html|head|body|table|meta|div|script|style)\b", start):
        raise _refuse(source, _("a web page"))
    if re.match(r"<(\?xml|workbook|ss:|svg|rss|feed|kml|gpx)\b", start):
        raise _refuse(source, _("an XML file"))
    if start.startswith("%!ps"):
        raise _refuse(source, _("a PostScript document"))
    if start.startswith("begin:vcalendar"):
        raise Invalid(_("“{name}” is a calendar, not a table of records.").format(name=source.name))
    odd = text.count("\0") + text.count("\udcff") + (0 if sure else len(CONTROL.findall(text)))
    if odd > max(3, len(text) * 0.04):
        raise _refuse(source, _("binary data"))


def _refuse(source: Source, what: str) -> Invalid:
    return Invalid(
        _("“{name}” is {what}, not a table. Save it as CSV, XLSX, JSON lines or vCard and choose that.").format(
            name=source.name, what=what
        )
    )
