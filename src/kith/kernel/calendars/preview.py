"""What a calendar means in days: the hours of this week, and what is special about the next weeks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.windows import say_windows

AHEAD = 60  # days


@dataclass(frozen=True)
class Opening:
    """A date: its hours in words ("" when closed), why it is closed or other than usual ("" for an ordinary day)."""

    day: dt.date
    hours: str
    why: str = ""
    special: bool = False


def this_week(calendar: Calendar, today: dt.date, first: int = 0) -> list[Opening]:
    """The seven days of the week `today` is in, which begins on weekday `first` (0: Monday)."""
    begins = today - dt.timedelta((today.weekday() - first) % 7)
    return [_opening(calendar, begins + dt.timedelta(n)) for n in range(7)]


def exceptions(calendar: Calendar, today: dt.date, days: int = AHEAD) -> list[Opening]:
    """Dates from today on that are not as the week says: days off that would have been open, and other hours."""
    ahead = (_opening(calendar, today + dt.timedelta(n)) for n in range(days))
    return [one for one in ahead if one.special or (one.why and calendar.week[one.day.weekday()])]


def _opening(calendar: Calendar, day: dt.date) -> Opening:
    hours = say_windows(calendar.windows_on(day), "–")
    return Opening(day, hours, calendar.why(day), day in calendar.extra)
