"""Rows of JSON: one object a line, or one array of objects, streamed.

The columns are the keys of the first rows; a key that turns up only later is kept in `Row.extra` and counted in the
notes. Nested values stay as they are. Python's own parser reads single values; a streaming library was left out
because those tried replace broken characters and large numbers without saying so.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

from kith.kernel.errors import Invalid

from . import charset
from .limits import Limits
from .source import Source
from .table import Row, Table, storable, unstorable
from .words import _, short

FIRST = 1000  # rows whose keys make the columns
CHUNK = 1 << 16
SEPARATORS = re.compile(r"[\s,\ufeff]*")
WRAPPERS = ("records", "results", "data", "items", "value", "rows")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(_("the key “{key}” stands there twice").format(key=short(twice)))
    return result


def _float(text: str) -> float | str:
    """A number, or its digits as text where a floating-point number would lose some of them."""
    value = float(text)
    return value if len(text) <= 16 and math.isfinite(value) else text


def _int(text: str) -> int | str:
    return int(text) if len(text) <= 18 else text


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=str)


class JsonRows(Table):
    """`unit` is "line" for JSON lines and "item" for an array (its first element is item 1)."""

    format = "jsonl"

    def __init__(self, source: Source, limits: Limits, choices: dict[str, Any], *, thorough: bool, array: bool):
        super().__init__(source, limits)
        self.unit = "item" if array else "line"
        wanted = choices.get("encoding", "")
        self.encoding, note = (wanted, "") if wanted else charset.detect(source, thorough=thorough)
        self._notes += [note] if note else []
        keys: dict[str, None] = {}
        for _number, value, _problem in islice(self._values(), FIRST):
            if isinstance(value, dict):
                keys.update(dict.fromkeys(value))
        if not keys:
            raise Invalid(self._no_objects())
        self._keys = {key: position for position, key in enumerate(keys)}
        self._set_headers(list(keys))

    def rows(self, start: int = 0) -> Iterator[Row]:
        self._counts.clear()
        for number, value, problem in self._values():
            if number >= start:
                yield self._row(number, value, problem)

    def _row(self, number: int, value: Any, problem: str) -> Row:
        if not isinstance(value, dict):
            problem = problem or _("{place} is not an object in braces.").format(place=self._place(number))
            return Row(number, [storable(value if isinstance(value, str) else json.dumps(value))], problem)
        cells: list[Any] = [""] * len(self._keys)
        extra: dict[str, Any] | None = None
        for key, item in value.items():
            position = self._keys.get(key)
            if position is None:
                extra = {**(extra or {}), key: item}
            elif item is not None:
                cells[position] = item
        if extra:
            self._count("late")
        problem = unstorable(self.headers, cells, self._limits.cell) or self._unstorable_inside(cells, extra)
        return Row(number, [storable(cell) for cell in cells] if problem else cells, problem, extra)

    def _unstorable_inside(self, cells: list[Any], extra: dict[str, Any] | None) -> str:
        for value in [cell for cell in cells if isinstance(cell, (dict, list))] + ([extra] if extra else []):
            text = json.dumps(value)
            if "\\u0000" in text or re.search(r"\\ud[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f]", text):
                return _("A nested value holds a NUL or half a character. Remove it.")
        return ""

    def _values(self) -> Iterator[tuple[int, Any, str]]:
        with self._source.text(self.encoding) as stream:
            yield from self._elements(stream) if self.unit == "item" else self._objects(stream)

    def _objects(self, stream: TextIO) -> Iterator[tuple[int, Any, str]]:
        longest, number = self._limits.record, 0
        while line := stream.readline(longest):
            number += 1
            if len(line) == longest and line[-1] not in "\r\n":
                while (rest := stream.readline(longest)) and rest[-1] not in "\r\n":
                    pass
                problem = _("Line {line} is longer than {limit} characters; it cannot be read.")
                yield number, line, problem.format(line=number, limit=longest)
            elif line.isspace():
                self._count("blank")
            else:
                yield number, *_one(line.strip().lstrip("\ufeff"), self._place(number))

    def _elements(self, stream: TextIO) -> Iterator[tuple[int, Any, str]]:
        """The elements of the array. A damaged one ends it, because nothing says where the next begins."""
        number, text, at = 0, stream.read(CHUNK), 0
        at = _past_separators(text, 0) + 1  # past the opening bracket
        while True:
            at = _past_separators(text, at)
            try:
                if text[at : at + 1] == "]":
                    if (text[at + 1 :] + stream.read(CHUNK)).strip():
                        yield number + 1, text[at + 1 : at + 200], _("There is more text after the end of the list.")
                    return
                value, after = DECODER.raw_decode(text, at)
                if after == len(text) and isinstance(value, (int, float)):
                    raise ValueError("a number may go on in the next piece")
            except (ValueError, RecursionError) as error:
                more = stream.read(max(CHUNK, len(text) - at)) if len(text) - at <= self._limits.record else ""
                if more:
                    text, at = text[at:] + more, 0
                    continue
                problem = _("{place} is not valid JSON ({why}); the rest of the file cannot be read.")
                place = self._place(number + 1)
                yield number + 1, text[at : at + 200], problem.format(place=place, why=short(_why(error)))
                return
            number, at = number + 1, after
            yield number, value, ""

    def _place(self, number: int) -> str:
        return (_("Item {number}") if self.unit == "item" else _("Line {number}")).format(number=number)

    def _no_objects(self) -> str:
        first = next(self._values(), (0, None, ""))
        return _("“{name}” is JSON, but not a list of objects{why}. Save one object a line, or one array.").format(
            name=self.name, why=f" ({first[2].rstrip('.')})" if first[2] else ""
        )


def _past_separators(text: str, at: int) -> int:
    found = SEPARATORS.match(text, at)
    return found.end() if found else at


def _one(line: str, place: str) -> tuple[Any, str]:
    try:
        return DECODER.decode(line), ""
    except (ValueError, RecursionError) as error:
        return line, _("{place} is not valid JSON ({why}).").format(place=place, why=short(_why(error)))


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, {_('character')} {error.pos + 1}"
    return _("it is nested too deeply") if isinstance(error, RecursionError) else str(error)


def looks_like(head: str, name: str) -> str:
    """One of "lines", "array" and "" (something else), for the beginning of a text file. Invalid for other JSON."""
    text = head.lstrip("\ufeff \t\r\n")
    named = name.lower().removesuffix(".gz").endswith((".json", ".jsonl", ".ndjson"))
    if re.match(r"\[\s*(\{|\])", text):
        return "array"
    if not text.startswith("{"):
        if named:
            raise Invalid(_("“{name}” is not JSON: it does not begin with a brace or bracket.").format(name=name))
        return ""
    line = text.splitlines()[0]
    value, problem = _one(line, "")
    if isinstance(value, dict) and not problem:
        wrapped = [key for key in WRAPPERS if isinstance(value.get(key), list)]
        if wrapped and text[len(line) :].strip() == "":
            raise Invalid(_wrapped(name, wrapped[0]))
        return "lines"
    if not named and not re.match(r'\{\s*"', text):
        return ""
    return "" if _wraps(text, name) else "lines"


def _wraps(text: str, name: str) -> bool:
    """Raise for one large object around the list, as web services answer it."""
    for key in WRAPPERS:
        if re.search(rf'"{key}"\s*:\s*\[', text):
            raise Invalid(_wrapped(name, key))
    return False


def _wrapped(name: str, key: str) -> str:
    return _("“{name}” holds one JSON object; its rows lie under “{key}”. Save only that list.").format(
        name=name, key=key
    )
