"""Business time: what a calendar's opening hours make of a span of real time. Pure: no database, no settings.

    calendar.add(start, dt.timedelta(hours=8))     8 working hours on; negative goes back
    calendar.between(a, b)                         working time from a to b, negative when b comes first
    calendar.add_days(start, 3)                    3 business days on

Windows are wall time of the calendar's zone; working time is real time that passed in them. A window opens when clocks
first show its start and closes when they first show its end, so that a day on which clocks change is an hour longer or
shorter only for those who are open then. Every open stretch stands in one sorted line (`line.py`); a question is two
searches in it.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from calendar import isleap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kith.kernel.calendars.clock import EPOCH, MICROSECOND, first_shows, moment, stamp
from kith.kernel.calendars.line import FIRST, LAST, Line, Year, line_of
from kith.kernel.calendars.windows import MIDNIGHT, Windows
from kith.kernel.errors import Invalid
from kith.kernel.zones import UTC

DaysOff = Callable[[int], Mapping[dt.date, str]]
_BEGINNING = stamp(dt.datetime(FIRST, 1, 3, tzinfo=dt.UTC))
_END = stamp(dt.datetime(LAST, 12, 29, tzinfo=dt.UTC))


def no_days_off(year: int) -> Mapping[dt.date, str]:
    return {}


@dataclass(frozen=True, eq=False)
class Calendar:
    """When work is done. `week`: windows of seven days, Monday first. `days_off(year)`: dates of that year that are
    closed, and why. `extra`: dates with windows of their own, whatever weekday or day off they would be, and `notes` why.

    Keep one and ask it again: what it worked out about a year stays with it. Business time is known from 1900 to 2199;
    outside of these years it is closed.
    """

    zone: ZoneInfo
    week: tuple[Windows, ...]
    days_off: DaysOff = no_days_off
    extra: Mapping[dt.date, Windows] = field(default_factory=lambda: MappingProxyType({}))
    notes: Mapping[dt.date, str] = field(default_factory=lambda: MappingProxyType({}))
    name: str = ""
    _line: list[Line] = field(default_factory=list, init=False, repr=False)
    _years: dict[int, Year] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError(f"A calendar has windows for seven days, not for {len(self.week)}.")
        if not any(self.week):
            raise Invalid(_("A calendar that never opens measures nothing; give at least one day opening hours."))

    # --- working time
    def between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """Working time from `a` to `b` (aware); negative when `b` comes first."""
        start, end = stamp(a), stamp(b)
        line = self._covering(start, end)
        return dt.timedelta(microseconds=line.worked(end) - line.worked(start))

    def add(self, start: dt.datetime, business: dt.timedelta) -> dt.datetime:
        """The moment at which `business` time has passed since `start`, as early as can be said: eight hours from 09:00
        end with the day at 17:00, not on the next morning. Negative: the latest moment from which that much time leads
        to `start`. Nothing added changes nothing. In the zone of `start`."""
        us, wanted = stamp(start), business // MICROSECOND
        if not wanted:
            return start
        line = self._covering(us, us)
        while not 0 <= (goal := line.worked(us) + wanted) <= line.total:
            line = self._further(line, wanted > 0)
        return moment(line.reached(goal) if wanted > 0 else line.left(goal), start)

    def line(self, first: dt.datetime, last: dt.datetime) -> Line:
        """The open stretches of a time that holds both moments: for who counts many spans elsewhere, as a database does."""
        return self._covering(stamp(first), stamp(last))

    def is_open(self, at: dt.datetime) -> bool:
        us = stamp(at)
        line = self._covering(us, us)
        place = line.place(us)
        return place >= 0 and us < line.closes[place]

    def next_open(self, at: dt.datetime) -> dt.datetime:
        """`at` itself when open, else when it opens next."""
        us = stamp(at)
        line = self._covering(us, us)
        while True:
            place = line.place(us)
            if place >= 0 and us < line.closes[place]:
                return at
            if place + 1 < len(line.opens):
                return moment(line.opens[place + 1], at)
            line = self._further(line, forward=True)

    def closes(self, at: dt.datetime) -> dt.datetime | None:
        """When it closes, while it is open at `at`; None while it is closed."""
        us = stamp(at)
        line = self._covering(us, us)
        place = line.place(us)
        return moment(line.closes[place], at) if place >= 0 and us < line.closes[place] else None

    # --- business days
    def add_days(self, start: dt.datetime, days: int) -> dt.datetime:
        """`days` working days on, at the same clock time: 3 business days from Monday 14:00 are Thursday 14:00.

        That is what "within one business day" means to who waits, and it keeps the hour of day fair: not the end of the
        last day (what comes at 16:59 would lose a day) and not so many working hours (short days would spill over).
        What starts outside opening hours counts from when it opens next (going back: from when it closed last). Where
        the last day is closed at that clock time, it is the last open moment before it on that day, or its opening.
        """
        if not days:
            return start
        us = stamp(start)
        line = self._covering(us - 1, us)  # what ends with a year ends on the day before
        while True:
            begin = line.in_or_after(us) if days > 0 else line.in_or_before(us)
            if begin is not None:
                home = self._home(line, begin)
                if 0 <= home + days < len(line.days):
                    return moment(self._same_time(line, begin, home, home + days), start)
            line = self._further(line, days > 0)

    def _home(self, line: Line, us: int) -> int:
        """The place among working days of the day that an open moment, or the end of one, belongs to."""
        place = bisect_right(line.days, self._wall(us).toordinal()) - 1
        return max(place, 0)

    def _same_time(self, line: Line, us: int, home: int, goal: int) -> int:
        clock = self._wall(us) - _midnight(line.days[home])
        day = dt.date.fromordinal(line.days[goal])
        opens = self._shows(day, self.windows_on(day)[0][0])
        wanted = first_shows(_midnight(line.days[goal]) + clock, self.zone)
        if wanted <= opens:
            return opens
        return min(wanted, line.closes[line.place(wanted)])

    # --- days
    def windows_on(self, day: dt.date) -> Windows:
        """The windows of a date; () when it is closed."""
        if day in self.extra:
            return self.extra[day]
        return () if day in self.days_off(day.year) else self.week[day.weekday()]

    def why(self, day: dt.date) -> str:
        """What makes a date other than its weekday: the name of the day off, or of the day with hours of its own; ""."""
        return self.notes.get(day, "") if day in self.extra else self.days_off(day.year).get(day, "")

    def _shows(self, day: dt.date, minutes: int) -> int:
        return first_shows(_midnight(day.toordinal()) + dt.timedelta(minutes=minutes), self.zone)

    def _wall(self, us: int) -> dt.datetime:
        return (EPOCH + us * MICROSECOND).astimezone(self.zone).replace(tzinfo=None)

    # --- the line
    def _covering(self, first: int, last: int) -> Line:
        """The line, long enough to hold both stamps."""
        line = self._line[0] if self._line else None
        if line is not None and line.begins <= first < line.ends and line.begins <= last < line.ends:
            return line
        years = [self._year_of(first), self._year_of(last)]
        if line is not None:
            years += [line.first, line.last]
        return self._lay(min(years), max(years))

    def _further(self, line: Line, forward: bool) -> Line:
        """A line twice as long; Invalid where the years end."""
        if (line.last if forward else line.first) == (LAST if forward else FIRST):
            raise Invalid(
                _("That leads beyond the years for which business time is known, %(first)d to %(last)d.")
                % {"first": FIRST, "last": LAST}
            )
        more = line.last - line.first + 1
        if forward:
            return self._lay(line.first, min(line.last + more, LAST))
        return self._lay(max(line.first - more, FIRST), line.last)

    def _lay(self, first: int, last: int) -> Line:
        line = line_of((self._year(year) for year in range(first, last + 1)), first, last)
        self._line[:] = [line]
        return line

    def _year_of(self, us: int) -> int:
        """The year a stamp belongs to here; the first or the last one for what lies beyond."""
        if us < _BEGINNING:
            return FIRST
        return LAST if us > _END else min(max(self._wall(us).year, FIRST), LAST)

    def _year(self, year: int) -> Year:
        if year not in self._years:
            self._years[year] = self._worked_out(year)
        return self._years[year]

    def _worked_out(self, year: int) -> Year:
        off, stretches, days = self.days_off(year), [], []
        first = dt.date(year, 1, 1)
        for n in range(366 if isleap(year) else 365):
            day = first + dt.timedelta(n)
            windows = self.extra[day] if day in self.extra else () if day in off else self.week[day.weekday()]
            real = [(a, b) for a, b in ((self._shows(day, s), self._shows(day, e)) for s, e in windows) if a < b]
            if real:  # clocks may have jumped over all of it
                stretches += real
                days.append(day.toordinal())
        return Year(self._shows(first, 0), self._shows(dt.date(year + 1, 1, 1), 0), tuple(stretches), tuple(days))


def _midnight(ordinal: int) -> dt.datetime:
    """The beginning of a day on the wall clock."""
    return dt.datetime.combine(dt.date.fromordinal(ordinal), dt.time())


def always_open(zone: ZoneInfo = UTC) -> Calendar:
    """The calendar "24/7": business time is time."""
    return Calendar(zone, (((0, MIDNIGHT),),) * 7, name="24/7")
