"""The calendar to measure with, made once per configuration stamp and process."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.calendars.dates import days_of
from kith.kernel.calendars.hours import Calendar, DaysOff
from kith.kernel.calendars.models import BusinessCalendar, office_week
from kith.kernel.calendars.public import public_holidays
from kith.kernel.calendars.windows import DAYS, read_windows
from kith.kernel.errors import NotFound
from kith.kernel.organisation.models import cached, current
from kith.kernel.zones import zone


def calendar_of(pk: int | None = None) -> Calendar:
    """The calendar of that id, archived or not; None: the default one. Costs nothing when asked again.

    While an organisation has no default, office hours in its time zone count. Raises NotFound.
    """
    every: dict[int | None, Calendar] = cached("business_calendars", _load)
    if pk in every:
        return every[pk]
    row = BusinessCalendar.objects.filter(id=pk or 0).first()  # made a moment ago by another process
    if row is None:
        raise NotFound(__("There is no business calendar %s.") % pk)
    return calendar_from(row)


def calendar_called(name: str) -> Calendar:
    """The calendar of that name; "" is the default one. Raises NotFound naming those there are."""
    if not name:
        return calendar_of()
    by_name = calendar_names()
    if name not in by_name:
        said = {"name": name, "known": ", ".join(by_name) or __("none")}
        raise NotFound(__("There is no business calendar “%(name)s”; there is: %(known)s.") % said)
    return calendar_of(by_name[name])


def calendar_names() -> dict[str, int]:
    """{name: id} of the calendars in use."""
    made: dict[str, int] = cached("business_calendars:names", _names)
    return made


def _names() -> dict[str, int]:
    rows = BusinessCalendar.objects.filter(archived_at__isnull=True).order_by("name", "-pk")
    return dict(rows.values_list("name", "pk"))


def _load() -> dict[int | None, Calendar]:
    out: dict[int | None, Calendar] = {None: calendar_from(BusinessCalendar(name="", windows=office_week()))}
    for row in BusinessCalendar.objects.defer("tsv", "search"):
        out[row.pk] = calendar_from(row)
        if row.is_default:
            out[None] = out[row.pk]
    return out


def calendar_from(row: BusinessCalendar) -> Calendar:
    """What a row says, as something that measures; the row need not be saved. Rows that say the same share one, so that
    what it worked out about a year outlives every other change of configuration."""
    zone_name = row.time_zone or current().time_zone
    return _made(row.name, zone_name, row.holidays, *map(json.dumps, (row.windows, row.days_off, row.special_days)))


@lru_cache(maxsize=200)
def _made(name: str, zone_name: str, place: str, windows: str, days_off: str, special_days: str) -> Calendar:
    hours, special = json.loads(windows), json.loads(special_days)
    return Calendar(
        zone(zone_name),
        tuple(read_windows(hours.get(day, "")) for day in DAYS),
        _days_off(place, json.loads(days_off)),
        {dt.date.fromisoformat(entry["day"]): read_windows(entry["windows"]) for entry in special},
        {dt.date.fromisoformat(entry["day"]): entry["name"] for entry in special if entry.get("name")},
        name,
    )


def _days_off(place: str, own: list[dict[str, str]]) -> DaysOff:
    """Public holidays with the calendar's own days off, whose names come first."""
    named: dict[dt.date, Any] = {day: entry.get("name") or _("Day off") for entry in own for day in days_of(entry)}

    @lru_cache(maxsize=512)
    def of(year: int) -> Mapping[dt.date, str]:
        return {**public_holidays(place, year), **{day: why for day, why in named.items() if day.year == year}}

    return of
