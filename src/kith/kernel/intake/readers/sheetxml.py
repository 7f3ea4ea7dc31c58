"""The two large parts of a workbook, read as a stream: its sheet and its shared words.

openpyxl's own reader keeps an element per row until the end (a million rows are then not constant memory), walks
through every row number up to whatever a hostile file states, and cannot tell an empty cell from a formula whose value
was never stored. These parsers hold one row at a time. Document type declarations are refused, so entities cannot grow.
"""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

CHUNK = 1 << 16
ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
REFERENCE = re.compile(r"([A-Z]{1,4})([0-9]{1,9})\Z")


class Damaged(Exception):
    """The XML is not what a workbook holds."""


# What the archive and the parsers raise on damaged files, besides Damaged (RuntimeError: it wants a password).
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError, EOFError, OSError),
    *(KeyError, ValueError, IndexError, RuntimeError, Damaged),
)


@dataclass(slots=True)
class Cell:
    """`kind` is the cell's type as stored (n, s, str, inlineStr, b, d, e), `style` an index into the styles."""

    column: int
    kind: str
    style: int
    text: str = ""
    formula: bool = False


@dataclass(slots=True)
class SheetRow:
    number: int
    cells: list[Cell] = field(default_factory=list)


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written _x000D_ by spreadsheet programs."""
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def column_number(letters: str) -> int:
    """Columns count from one: "A" -> 1, "AA" -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class _Parser:
    """Feeds a stream to expat and hands over what the callbacks below have finished."""

    def __init__(self, longest: int):
        self.done: list = []
        self._longest = longest
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = lambda name, attributes: self.start(name.rpartition(" ")[2], attributes)
        self._expat.EndElementHandler = lambda name: self.end(name.rpartition(" ")[2])
        self._expat.CharacterDataHandler = self.characters
        self._expat.StartDoctypeDeclHandler = self._refuse
        self._words: list[str] | None = None
        self._held = 0

    def walk(self, stream: IO[bytes]) -> Iterator:
        try:
            while chunk := stream.read(CHUNK):
                self._expat.Parse(chunk, False)
                yield from self.done
                self.done.clear()
            self._expat.Parse(b"", True)
        except (expat.ExpatError, ValueError, OverflowError) as error:
            raise Damaged(str(error)) from error
        yield from self.done

    def _refuse(self, *_names: object) -> None:
        raise Damaged("it holds a document type declaration")

    def characters(self, data: str) -> None:
        if self._words is not None:
            self._held += len(data)
            if self._held > self._longest:
                raise Damaged(f"one row holds more than {self._longest} characters")
            self._words.append(data)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, name: str) -> None:
        raise NotImplementedError


class SheetParser(_Parser):
    """Rows that hold at least one value, in the order of the file."""

    def __init__(self, longest: int, columns: int):
        super().__init__(longest)
        self._columns = columns
        self._row: SheetRow | None = None
        self._cell: Cell | None = None
        self._last = 0
        self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c" and self._row is not None:
            self._cell = self._begin_cell(self._row, attributes)
        elif name in ("v", "t") and self._cell is not None and not self._phonetic:
            self._words = []
        elif name == "f" and self._cell is not None:
            self._cell.formula = True
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            self._last = int(float(attributes["r"])) if "r" in attributes else self._last + 1
            self._row, self._held = SheetRow(self._last), 0

    def end(self, name: str) -> None:
        if name in ("v", "t") and self._words is not None and self._cell is not None:
            self._cell.text += "".join(self._words)
            self._words = None
        elif name == "c" and self._cell is not None and self._row is not None:
            if self._cell.text or self._cell.formula:
                if self._cell.column > self._columns:
                    raise Damaged(
                        f"row {self._row.number} has a value in column {self._cell.column}, the limit is {self._columns}"
                    )
                self._row.cells.append(self._cell)
            self._cell = None
        elif name == "rPh":
            self._phonetic = False
        elif name == "row" and self._row is not None:
            self.done.append(self._row)
            self._row = None

    def _begin_cell(self, row: SheetRow, attributes: dict[str, str]) -> Cell:
        column = row.cells[-1].column + 1 if row.cells else 1
        if found := REFERENCE.match(attributes.get("r", "")):
            column = column_number(found[1])
        return Cell(column, attributes.get("t", "n"), int(attributes.get("s", 0)))


class WordsParser(_Parser):
    """The shared words of a workbook, one string each."""

    def __init__(self, longest: int):
        super().__init__(longest)
        self._phonetic = False
        self._parts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts, self._held = [], 0
        elif name == "rPh":
            self._phonetic = True
        elif name == "t" and not self._phonetic:
            self._words = []

    def end(self, name: str) -> None:
        if name == "t" and self._words is not None:
            self._parts += self._words
            self._words = None
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.done.append(unescaped("".join(self._parts)))
