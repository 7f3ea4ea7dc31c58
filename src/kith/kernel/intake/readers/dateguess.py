"""Dates as people write them, and which of day and month comes first.

The order is taken from the values alone: a first number above 12 must be a day. Where no value tells, the order stays
open and the sentence shows a value that can be read both ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .words import _

CLOCK = r"(?P<clock>[T ,]+\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?\Z"
YEAR_FIRST = re.compile(r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})\.?" + CLOCK, re.IGNORECASE)
NUMBERS = re.compile(
    r"(?P<a>\d{1,2})(?P<sign>[-/.]) ?(?P<b>\d{1,2})(?P=sign) ?(?P<y>\d{4}|\d{2})" + CLOCK, re.IGNORECASE
)
COMPACT = re.compile(r"(?P<y>(19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(T\d{6}Z?)?\Z")
MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
NAMED = re.compile(
    rf"((\d{{1,2}})(st|nd|rd|th)?[ .-]+{MONTH}|{MONTH}[ -]+(\d{{1,2}})(st|nd|rd|th)?)[ ,.-]+'?(\d{{4}}|\d{{2}})"
    + CLOCK,
    re.IGNORECASE,
)
MIDNIGHT = re.compile(r"[T ,]+0{1,2}:00(:00([.,]0+)?)?\Z")


@dataclass
class Dates:
    """`order` is YMD, DMY, MDY, "named" (month in words) or "" when the values leave it open."""

    kind: str
    order: str
    doubt: str = ""
    others: list[str] = field(default_factory=list)


@dataclass
class _Count:
    others: list[str] = field(default_factory=list)
    year_first: int = 0
    named: int = 0
    day_first: str = ""  # an example that proves it
    month_first: str = ""
    open: str = ""
    dotted: bool = False
    short_year: str = ""
    clocks: int = 0


def look(words: list[str], *, compact: bool) -> Dates | None:
    """None when no value is a date. `compact` also takes 20240131, which may as well be a number."""
    count = _Count()
    for word in words:
        if not _take(word, count, compact):
            count.others.append(word)
    if len(count.others) == len(words):
        return None
    order, doubt = _order(count)
    if count.short_year:
        doubt = f"{doubt} " + _("The year has two digits, as in “{example}”.").format(example=count.short_year)
    return Dates("moment" if count.clocks else "day", order, doubt.strip(), count.others)


def _take(word: str, count: _Count, compact: bool) -> bool:
    found = YEAR_FIRST.match(word) or (COMPACT.match(word) if compact else None)
    if found:
        count.year_first += 1
        count.clocks += _has_clock(found, word)
        return 1 <= int(found["m"]) <= 12 and 1 <= int(found["d"]) <= 31
    if found := NAMED.match(word):
        count.named += 1
        count.clocks += _has_clock(found, word)
        return True
    found = NUMBERS.match(word)
    if not found:
        return False
    first, second = int(found["a"]), int(found["b"])
    if not (1 <= first <= 31 and 1 <= second <= 31) or (first > 12 and second > 12):
        return False
    count.clocks += _has_clock(found, word)
    count.dotted = count.dotted or found["sign"] == "."
    if len(found["y"]) == 2:
        count.short_year = count.short_year or word
    if first > 12:
        count.day_first = count.day_first or word
    elif second > 12:
        count.month_first = count.month_first or word
    elif first != second:
        count.open = count.open or word
    return True


def _has_clock(found: re.Match[str], word: str) -> bool:
    clock = found.groupdict().get("clock") or ("T" if "T" in word[8:9] else "")
    return bool(clock) and not MIDNIGHT.match(clock)


def _order(count: _Count) -> tuple[str, str]:
    if count.day_first and count.month_first:
        return "", _("“{one}” begins with the day and “{other}” with the month.").format(
            one=count.day_first, other=count.month_first
        )
    if count.day_first or (count.dotted and not count.month_first):
        return "DMY", ""  # 3.4.2020: with points the day comes first wherever they are used
    if count.month_first:
        return "MDY", ""
    if count.open:
        return "", _("No value shows whether the day or the month comes first, as in “{example}”.").format(
            example=count.open
        )
    if count.year_first and count.named:
        return "", _("Some dates begin with the year, others name the month.")
    return ("YMD" if count.year_first else "named" if count.named else "DMY"), ""
