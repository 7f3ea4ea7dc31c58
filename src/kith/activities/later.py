"""To when things are mostly put off: tomorrow, Monday, in a week, at the hour they were for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

MONDAY, HOUR = 0, dt.time(9)


def later(activity: Any) -> list[tuple[str, str]]:
    """(moment as forms write it, words) in the active time zone; each day stands once."""
    at = timezone.localtime(activity.due_at).time().replace(second=0, microsecond=0) if activity.due_at else HOUR
    today = timezone.localdate()
    monday = today + dt.timedelta((MONDAY - today.weekday() - 1) % 7 + 1)
    days = {today + dt.timedelta(7): _("In a week"), monday: _("Monday"), today + dt.timedelta(1): _("Tomorrow")}
    return [(f"{dt.datetime.combine(day, at):%Y-%m-%dT%H:%M}", words) for day, words in sorted(days.items())]
