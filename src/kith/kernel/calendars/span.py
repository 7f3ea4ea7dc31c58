"""Durations as people say them: "2 h", "90 min", "14 days", "3 business days", "10 business hours".

A span keeps the words it was said in, so that a file or a form gives back what was typed: `parse(str(span)) == span`.
Minutes and hours are real time; days and weeks keep the clock time of the calendar's zone, as in a diary; "business" ones
pass only while the calendar is open.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.calendars.clock import first_shows, moment
from kith.kernel.calendars.hours import Calendar
from kith.kernel.errors import Invalid

LONGEST = dt.timedelta(days=366 * 20)
UNITS = {
    "min": dt.timedelta(minutes=1),
    "h": dt.timedelta(hours=1),
    "days": dt.timedelta(days=1),
    "weeks": dt.timedelta(days=7),
}
_WORDS = {  # (unit, business): what one is called, and several
    ("min", False): ("min", "min"), ("h", False): ("h", "h"),
    ("days", False): ("day", "days"), ("weeks", False): ("week", "weeks"),
    ("min", True): ("business minute", "business minutes"), ("h", True): ("business hour", "business hours"),
    ("days", True): ("business day", "business days"),
}  # fmt: skip
_CALLED = {
    "m": "min", "min": "min", "mins": "min", "minute": "min", "minutes": "min",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "d": "days", "day": "days", "days": "days", "w": "weeks", "week": "weeks", "weeks": "weeks",
}  # fmt: skip
_SAID = re.compile(r"(\d{1,9})\s*(?:(business|working|work)\s+)?([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """`n` units; `unit` is "min", "h", "days" or "weeks", `business` says that only working time counts."""

    n: int
    unit: str
    business: bool = False

    def __post_init__(self) -> None:
        if (self.unit, self.business) not in _WORDS:
            raise Invalid(_("There are no business weeks; say business days, for example 5 business days."))
        if self.n < 1:
            raise Invalid(_("A span of time is at least 1, for example 1 h."))
        if self.n * UNITS[self.unit] > LONGEST:
            raise Invalid(_("“%s” is longer than 20 years.") % self)

    def __str__(self) -> str:
        """The words that `parse` reads back, the same in every language: for files and forms."""
        one, many = _WORDS[self.unit, self.business]
        return f"{self.n} {one if self.n == 1 else many}"

    def show(self) -> str:
        """The words for people, in their language."""
        words = {
            ("min", False): ngettext("%d min", "%d min", self.n), ("h", False): ngettext("%d h", "%d h", self.n),
            ("days", False): ngettext("%d day", "%d days", self.n), ("weeks", False): ngettext("%d week", "%d weeks", self.n),
            ("min", True): ngettext("%d business minute", "%d business minutes", self.n),
            ("h", True): ngettext("%d business hour", "%d business hours", self.n),
            ("days", True): ngettext("%d business day", "%d business days", self.n),
        }  # fmt: skip
        return words[self.unit, self.business] % self.n

    @property
    def length(self) -> dt.timedelta:
        """The span as a plain length; for business days that of as many days."""
        return self.n * UNITS[self.unit]

    def after(self, start: dt.datetime, calendar: Calendar) -> dt.datetime:
        """When it is over, begun at `start` (aware). Raises Invalid beyond the years a calendar knows."""
        return self._from(start, calendar, 1)

    def before(self, end: dt.datetime, calendar: Calendar) -> dt.datetime:
        """When it must begin to be over at `end`: "warn 4 business hours before"."""
        return self._from(end, calendar, -1)

    def _from(self, at: dt.datetime, calendar: Calendar, way: int) -> dt.datetime:
        if self.business:
            if self.unit == "days":
                return calendar.add_days(at, way * self.n)
            return calendar.add(at, way * self.length)
        try:
            if self.unit in ("min", "h"):
                return (at.astimezone(dt.UTC) + way * self.length).astimezone(at.tzinfo)
            wall = at.astimezone(calendar.zone).replace(tzinfo=None) + way * self.length
            return moment(first_shows(wall, calendar.zone), at)
        except OverflowError:
            raise Invalid(_("%(span)s from %(day)s is no date.") % {"span": self.show(), "day": at.date()}) from None

    def elapsed(self, start: dt.datetime, now: dt.datetime, calendar: Calendar) -> dt.timedelta:
        """What its clock shows at `now`: working time for business spans, real time for the others."""
        return calendar.between(start, now) if self.business else now - start


def parse_span(text: str) -> Span:
    """A span from words. Raises Invalid in a sentence with examples."""
    words = " ".join(text.split())
    match = _SAID.fullmatch(words)
    unit = _CALLED.get(match[3].casefold()) if match else None
    if match is None or unit is None:
        raise Invalid(
            _("“%s” is no span of time; write it as 90 min, 2 h, 14 days, 10 business hours or 3 business days.")
            % (words if len(words) <= 60 else f"{words[:59]}…")
        )
    return Span(int(match[1]), unit, bool(match[2]))
