"""What is known to be true of a relationship of the sample company: planted, not measured.

Nothing here asks the product. Promises and Tidewell's hours stand here once more, counted in plain steps, so that what the
audit, the map and the cost of skipping say can be held against something they did not make themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kith.process.journeys.telling import Entry

# What is promised at each stage, in the words of the process.
LEVELS = {
    "capture": "2 business hours", "qualify": "2 business days", "engage": "60 days", "deal": "90 days",
    "convert": "2 business days", "onboard": "14 days",
}  # fmt: skip
OPENS, CLOSES = dt.time(9), dt.time(17)  # Monday to Friday
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Fate:
    """What becomes of a customer who was onboarded, or who was not: days from then until they left, and until they
    recommended us; None where they never do."""

    left: float | None
    recommends: float | None

    def kept(self, days: int) -> bool:
        return self.left is None or self.left >= days

    def recommended(self, days: int) -> bool:
        return self.recommends is not None and self.recommends < days and self.kept(days)


@dataclass(frozen=True)
class Planted:
    """What is known of one journey: keys of the stages that it skipped, was late in, entered again, and entered out of order.

    `fates`: of a customer, what becomes of them "onboarded" and "skipped". One of them happened, and both are known: the mean
    of their differences is what skipping Onboard costs.
    """

    skipped: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    astray: tuple[str, ...] = ()
    small: bool = False
    churned: bool = False
    fates: Mapping[str, Fate] = field(default_factory=dict)

    def settled(self, entries: Sequence[Entry], until: dt.datetime, order: Mapping[str, int]) -> Planted:
        """The same once it is known how far the way went: only what lies behind its furthest stage was skipped."""
        told = {one.stage for one in entries}
        far = max(order[key] for key in told)
        kept = tuple(key for key in dict.fromkeys(self.skipped) if key not in told and order[key] < far)
        return replace(self, skipped=kept, late=late_in(entries, until))


def late_in(entries: Sequence[Entry], until: dt.datetime) -> tuple[str, ...]:
    """The stages in which a promise was broken, by who left or is still there at `until`."""
    ends = [*(one.at for one in entries[1:]), until]
    broken = [one.stage for one, end in zip(entries, ends, strict=True) if one.stage in LEVELS and end > due(one)]
    return tuple(dict.fromkeys(broken))


def due(one: Entry) -> dt.datetime:
    """When somebody who entered the stage was to leave it."""
    number, _space, unit = LEVELS[one.stage].partition(" ")
    if unit == "days":
        return one.at + int(number) * DAY
    return _working_days(one.at, int(number)) if unit == "business days" else _working_hours(one.at, int(number))


def _open(at: dt.datetime) -> dt.datetime:
    """`at` itself in working hours, else when work begins next."""
    if at.weekday() < 5 and at.time() < CLOSES:
        return max(at, _at(at, OPENS))
    at = _at(at + DAY, OPENS)
    while at.weekday() > 4:
        at += DAY
    return at


def _working_days(at: dt.datetime, days: int) -> dt.datetime:
    at = _open(at)
    for _n in range(days):
        at = _open(at + DAY)
    return at


def _working_hours(at: dt.datetime, hours: int) -> dt.datetime:
    at, left = _open(at), dt.timedelta(hours=hours)
    while at + left > (closing := _at(at, CLOSES)):
        left -= closing - at
        at = _open(closing)
    return at + left


def _at(day: dt.datetime, time: dt.time) -> dt.datetime:
    return day.replace(hour=time.hour, minute=time.minute, second=0, microsecond=0)
