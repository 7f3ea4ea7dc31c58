"""All open stretches of some years in a row, in order, with what was worked before each: the table `Calendar` searches.

A line is never changed: a longer one takes its place, so that threads may share a calendar.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

FIRST, LAST = 1900, 2199  # years in which there is business time
FAR = 2**62

Stretch = tuple[int, int]  # opens, closes: stamps


@dataclass(frozen=True, slots=True)
class Year:
    """The open stretches of one year in order, and the ordinals of the days they stand on."""

    begins: int
    ends: int
    stretches: tuple[Stretch, ...]
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Years `first` to `last`, known from stamp `begins` until before `ends`. `before[n]`: worked before stretch n."""

    first: int
    last: int
    begins: int
    ends: int
    opens: list[int]
    closes: list[int]
    before: list[int]
    days: list[int]
    total: int

    def place(self, us: int) -> int:
        """The last stretch that opened at `us` or before; -1: none did."""
        return bisect_right(self.opens, us) - 1

    def worked(self, us: int) -> int:
        """Microseconds open from the start of the line until `us`."""
        n = bisect_right(self.opens, us) - 1
        return 0 if n < 0 else self.before[n] + min(us, self.closes[n]) - self.opens[n]

    def reached(self, worked: int) -> int:
        """The first stamp at which so much was worked; more than 0, at most the total."""
        n = bisect_left(self.before, worked) - 1
        return self.opens[n] + worked - self.before[n]

    def left(self, worked: int) -> int:
        """The last stamp at which so much was worked; less than the total."""
        n = bisect_right(self.before, worked) - 1
        return self.opens[n] + worked - self.before[n]

    def in_or_after(self, us: int) -> int | None:
        """`us` inside a stretch, its end included, else the next opening; None: not on this line."""
        n = self.place(us)
        if n >= 0 and us <= self.closes[n]:
            return us
        return self.opens[n + 1] if n + 1 < len(self.opens) else None

    def in_or_before(self, us: int) -> int | None:
        """`us` inside a stretch, else the last closing; None: not on this line."""
        n = self.place(us)
        return None if n < 0 else min(us, self.closes[n])


def line_of(years: Iterable[Year], first: int, last: int) -> Line:
    """One line of the years from `first` to `last`. Stretches that touch (a night, a calendar that never closes) become one."""
    opens: list[int] = []
    closes: list[int] = []
    days: list[int] = []
    begins, ends = FAR, -FAR
    for year in years:
        begins, ends = min(begins, year.begins), max(ends, year.ends)
        days += year.days
        for start, end in year.stretches:
            if closes and start <= closes[-1]:
                closes[-1] = max(end, closes[-1])
            else:
                opens.append(start)
                closes.append(end)
    before, total = [], 0
    for start, end in zip(opens, closes, strict=True):
        before.append(total)
        total += end - start
    begins, ends = (-FAR if first == FIRST else begins), (FAR if last == LAST else ends)
    return Line(first, last, begins, ends, opens, closes, before, days, total)
