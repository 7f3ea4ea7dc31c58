"""When somebody is at work: Monday to Friday from nine to five on the organisation's clock.

The one place that automation asks, so that a calendar with holidays and several windows a day can answer instead.
"""

from __future__ import annotations

import datetime as dt

from kith.kernel.organisation.models import current
from kith.kernel.zones import zone

OPENS, CLOSES, WORKDAYS = dt.time(9), dt.time(17), 5


def _works(day: dt.date) -> bool:
    return day.weekday() < WORKDAYS


def next_open(moment: dt.datetime) -> dt.datetime:
    """`moment` itself while somebody is at work, else the next time that work begins."""
    here = moment.astimezone(zone(current().time_zone))
    if _works(here.date()) and OPENS <= here.time() < CLOSES:
        return moment
    day = here.date() if here.time() < OPENS else here.date() + dt.timedelta(1)
    while not _works(day):
        day += dt.timedelta(1)
    return dt.datetime.combine(day, OPENS, here.tzinfo)


def days_after(moment: dt.datetime, days: int) -> dt.datetime:
    """So many working days later, or earlier when negative, at the same time of day."""
    here = moment.astimezone(zone(current().time_zone))
    day, step = here.date(), dt.timedelta(1 if days > 0 else -1)
    for _n in range(abs(days)):
        day += step
        while not _works(day):
            day += step
    return dt.datetime.combine(day, here.time(), here.tzinfo)
