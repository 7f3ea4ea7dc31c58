"""CSV and JSON lines, written piece by piece so that an export of any size needs no memory.

Each writer comes in two forms: `…_chunks` yields bytes for a streamed answer, `write_…` puts them into a binary file.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from .guard import guard
from .values import plain, text

ROWS = 500  # rows per chunk
# A row with any of these is quoted as a whole, so that whoever guesses the delimiter, the quotation mark or the spaces
# of our file guesses right.
FRAGILE = re.compile(r"[;\t|'\\#\ufeff]|\A[\[{<]|(?:\A|\0)\s|\s(?:\0|\Z)")  # over the cells joined by NUL


def csv_chunks(
    rows: Iterable[Sequence[Any]], headers: Sequence[str], *, bom: bool = False, delimiter: str = ","
) -> Iterator[bytes]:
    """The table as UTF-8 with CRLF line ends. `bom` is for Excel, which otherwise takes it for a local encoding."""
    buffer = io.StringIO(newline="")
    spare = csv.writer(buffer, delimiter=delimiter)
    full = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    if bom:
        buffer.write("\ufeff")
    for count, row in enumerate(_with_first(headers, rows), 1):
        cells = [guard(cell) if isinstance(cell, str) else text(cell) for cell in row]
        (full if FRAGILE.search("\0".join(cells)) or len(cells) == 1 else spare).writerow(cells)
        if count % ROWS == 0:
            yield _take(buffer)
    yield _take(buffer)


def jsonl_chunks(rows: Iterable[Sequence[Any]], headers: Sequence[str]) -> Iterator[bytes]:
    """One object a line, typed: numbers and booleans stay, dates are ISO 8601, blank is null."""
    lines: list[str] = []
    for row in rows:
        record = {header: plain(cell) for header, cell in zip(headers, row, strict=True)}
        lines.append(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
        if len(lines) == ROWS:
            yield "".join(lines).encode("utf-8", "replace")
            lines.clear()
    if lines:
        yield "".join(lines).encode("utf-8", "replace")


def write_csv(
    rows: Iterable[Sequence[Any]], headers: Sequence[str], fileobj: BinaryIO, *, bom: bool = False, delimiter: str = ","
) -> None:
    for chunk in csv_chunks(rows, headers, bom=bom, delimiter=delimiter):
        fileobj.write(chunk)


def write_jsonl(rows: Iterable[Sequence[Any]], headers: Sequence[str], fileobj: BinaryIO) -> None:
    for chunk in jsonl_chunks(rows, headers):
        fileobj.write(chunk)


def _with_first(first: Sequence[Any], others: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield first
    yield from others


def _take(buffer: io.StringIO) -> bytes:
    written = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return written.encode("utf-8", "replace")
