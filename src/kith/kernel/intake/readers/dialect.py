"""How a text table is written: delimiter, quotation mark, escapes, spaces and comments, judged from its first lines.

The standard library's own guesser looks at letter frequencies and is easily wrong; here each candidate simply reads
the lines, and the one under which most rows have as many cells as the first row is taken.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

DELIMITERS = ",;\t|"
LINES = 200
NEVER = "\uffff"  # not a character of any text: the parser wants a delimiter even for a single column


@dataclass(frozen=True)
class Dialect:
    """`delimiter` is "" for a single column. `first` is the line number of the header, as far as known."""

    delimiter: str = ""
    quote: str = '"'
    backslash: bool = False  # \" stands for a quotation mark inside quotes
    spaced: bool = False  # a space follows each delimiter and belongs to no value
    comments: bool = False  # lines that begin with # and do not fit the table are remarks
    first: int = 1

    def options(self) -> dict:
        return {
            "delimiter": self.delimiter or NEVER,
            "quotechar": self.quote,
            "skipinitialspace": self.spaced,
            "doublequote": True,
            "strict": False,
        }


def judge(sample: str, *, delimiter: str = "", quote: str = "", complete: bool = True) -> Dialect:
    """The dialect of the text that `sample` is the beginning of; what a person chose is kept."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", sample)[: LINES + 1]
    if not complete and len(lines) > 1:
        lines.pop()
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    declared = re.match(r"sep=(.)\s*\Z", numbered[0][1], re.IGNORECASE | re.DOTALL) if numbered else None
    if declared:
        delimiter = delimiter or declared[1]
        numbered = numbered[1:]
    body = [line for _number, line in numbered]
    quote = quote or _quote(body)
    hashed = 0
    while hashed < len(body) - 1 and body[hashed].startswith("#"):
        hashed += 1
    delimiter = delimiter or _delimiter(body[hashed:], quote) or _delimiter(body, quote)
    headed = hashed > 0 and _fits(body, hashed, delimiter, quote)  # the last of them is the header
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        backslash=_backslash(sample, quote, delimiter),
        spaced=_spaced(body[hashed:], delimiter),
        comments=hashed > headed,
        first=numbered[hashed - headed][0] if hashed or (declared and numbered) else 1,
    )


def cells(lines: list[str], delimiter: str, quote: str) -> list[list[str]]:
    """The lines read plainly, blank ones left out."""
    reader = csv.reader(lines, delimiter=delimiter or NEVER, quotechar=quote)
    return [row for row in reader if row]


def _quote(lines: list[str]) -> str:
    """Apostrophes count as quotation marks only where they clearly enclose cells and no " does."""
    border = r"(?:^|[,;\t|]){0}[^{0}\r\n]*{0}(?=[,;\t|]|\s*$)"
    single = sum(bool(re.search(border.format("'"), line)) for line in lines)
    double = sum(bool(re.search(border.format('"'), line)) for line in lines)
    return "'" if single >= 2 and not double and single * 2 >= sum(bool(line.strip()) for line in lines) else '"'


def _delimiter(lines: list[str], quote: str) -> str:
    best, score = "", (0.0, 0)
    for candidate in DELIMITERS:
        counts = [len(row) for row in cells(lines, candidate, quote)]
        if not counts or counts[0] < 2:
            continue
        share = sum(count == counts[0] for count in counts) / len(counts)
        share *= 1 if _tidy(lines, candidate, quote) else 0.5
        if (share, counts[0]) > score:
            best, score = candidate, (share, counts[0])
    return best


def _tidy(lines: list[str], delimiter: str, quote: str) -> bool:
    """Whether every quotation mark that opens a cell also ends one; those before a false delimiter do not."""
    try:
        for _row in csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error)  # the sample ends inside a cell
    return True


def _fits(body: list[str], hashed: int, delimiter: str, quote: str) -> bool:
    """Whether the last line that begins with # has as many cells as the rows after it: then it is the header."""
    rows = cells(body[hashed - 1 :], delimiter, quote)
    usual = Counter(len(row) for row in rows[1:]).most_common(1)
    return bool(usual) and len(rows[0]) == usual[0][0]


def _backslash(sample: str, quote: str, delimiter: str) -> bool:
    q, d = re.escape(quote), re.escape(delimiter or NEVER)
    escaped = rf"(?:^|{d}) ?{q}(?:[^{q}\\\r\n]|{q}{q}|\\.)*?\\{q}(?!{q}|{d}|\r|\n|\Z)"
    return bool(re.search(escaped, sample, re.MULTILINE))


def _spaced(lines: list[str], delimiter: str) -> bool:
    if not delimiter or delimiter.isspace():
        return False
    later = [cell for row in (line.rstrip("\r\n").split(delimiter) for line in lines) for cell in row[1:]]
    return len(lines) > 1 and any(later) and all(cell.startswith(" ") for cell in later if cell)
