"""Physical lines for the CSV parser, remembered until their record is complete.

A quotation mark that never closes makes a CSV parser swallow the rest of the file as one cell. Because the lines of
the record being read are kept, such a record is given up at its first line and the others are read again as rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

END = "\0end of the file\0"  # an extra last line: when it turns up inside a cell, a quotation mark is still open
CUT = "\0cut\0"
ESCAPED = re.compile(r'\\(["\'\\])')


class Runaway(Exception):
    """A record passed the size of a row: its quotation mark does not close."""


class Lines:
    """Iterate it to feed csv.reader. `record` are the lines handed out since the consumer last cleared it."""

    def __init__(self, stream: TextIO, longest: int, escaped_quote: str = ""):
        self._read = stream.readline
        self._longest = longest
        self._escaped = escaped_quote
        self._again: list[str] = []
        self.record: list[str] = []
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        read, longest, record, again, escaped = self._read, self._longest, self.record, self._again, self._escaped
        held = 0
        while True:
            if again:
                line = again.pop()
            else:
                line = read(longest)
                if not line:
                    break
                if len(line) == longest and line[-1] not in "\r\n":
                    line = self._cut(line)
                if escaped and "\\" in line:
                    line = ESCAPED.sub(self._unescape, line)
            held = held + len(line) if record else len(line)
            record.append(line)
            if held > longest + len(CUT) + 1:
                raise Runaway
            yield line
        self.ended = True
        yield END

    def give_up(self) -> str:
        """The first line of the record being read; the others will be handed out once more."""
        first, *others = self.record
        self._again.extend(reversed(others))
        self.record.clear()
        self.ended = False
        return first

    def _cut(self, line: str) -> str:
        """The beginning of a line that is too long to hold, with a mark that its row will be known by."""
        while (rest := self._read(self._longest)) and rest[-1] not in "\r\n":
            pass
        return line + CUT + "\n"

    def _unescape(self, found: re.Match[str]) -> str:
        return found[1] * 2 if found[1] == self._escaped else "\\" if found[1] == "\\" else found[0]
