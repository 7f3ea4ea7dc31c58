"""When a process is reviewed next: every so many weeks from its first meeting on, never on a day on which nobody works."""

from __future__ import annotations

import datetime as dt

from kith.kernel.calendars.hours import Calendar
from kith.process.review.models import Rhythm

PREPARED_BEFORE = 5  # working days
WEEKS = 8  # looked back upon where no rhythm says how long
MOST_MOVED = 31  # days that a meeting is moved on to find one on which somebody works


def next_meeting(rhythm: Rhythm, after: dt.date, calendar: Calendar) -> tuple[dt.date, dt.datetime]:
    """(the day that the rhythm gives, when to meet) of the first meeting after a day. The rhythm goes on from the day it gives,
    however the meeting is moved; the hour stays the same on the clock of the calendar."""
    first = rhythm.first.astimezone(calendar.zone)
    step = 7 * rhythm.weeks
    turns = max(0, (after - first.date()).days // step + 1)
    planned = first.date() + dt.timedelta(turns * step)
    day = planned
    while not calendar.windows_on(day) and (day - planned).days < MOST_MOVED:
        day += dt.timedelta(1)
    return planned, dt.datetime.combine(day, first.time(), tzinfo=calendar.zone)


def prepared_from(meets_at: dt.datetime, calendar: Calendar) -> dt.datetime:
    """From when the meeting is prepared."""
    return calendar.add_days(meets_at, -PREPARED_BEFORE)
