"""Calendars of Tidewell and moments in Berlin, for the tests of business time."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from kith.kernel.calendars.hours import Calendar, no_days_off
from kith.kernel.calendars.windows import DAYS, read_week, read_windows

BERLIN = ZoneInfo("Europe/Berlin")
H, M = dt.timedelta(hours=1), dt.timedelta(minutes=1)


def calendar(week="Mon-Fri 09:00-17:00", zone=BERLIN, off=(), extra=None):
    """A calendar from words; `off` are ISO dates, `extra` maps ISO dates to hours."""
    known = read_week(week)
    days = {dt.date.fromisoformat(day): "Day off" for day in off}
    return Calendar(
        zone,
        tuple(read_windows(known.get(day, "")) for day in DAYS),
        (lambda year: {d: why for d, why in days.items() if d.year == year}) if days else no_days_off,
        {dt.date.fromisoformat(day): read_windows(hours) for day, hours in (extra or {}).items()},
    )


def at(words, zone=BERLIN, fold=0):
    """ "2026-03-12 09:30" as a moment there."""
    return dt.datetime.fromisoformat(words).replace(tzinfo=zone, fold=fold)


def shown(moment, zone=BERLIN):
    return moment.astimezone(zone).strftime("%a %Y-%m-%d %H:%M")
