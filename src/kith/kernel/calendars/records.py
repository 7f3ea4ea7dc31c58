"""Business calendars as a record, so that lists, forms, API and history come by themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.scopes import configuration
from kith.kernel.calendars.actions import make_default
from kith.kernel.calendars.dates import DaysOff, SpecialDays
from kith.kernel.calendars.events import MadeDefault
from kith.kernel.calendars.kinds import HolidayPlace, Week
from kith.kernel.calendars.models import BusinessCalendar
from kith.kernel.configuration.declaring import Configured
from kith.kernel.kinds import TimeZone
from kith.kernel.records.columns import Facts
from kith.kernel.records.record import Record, Section


class CalendarRecord(Record):
    name, slug, icon = "business_calendar", "business-calendars", "clock"
    model, scope, settings, help = BusinessCalendar, configuration, True, "calendars"
    configured = Configured()
    lists, sort = ("name", "windows", "time_zone", "holidays", "is_default"), "name"
    quick = ("name", "time_zone", "holidays")
    form = (
        Section(_("Calendar"), "name is_default time_zone windows"),
        Section(_("Exceptions"), "holidays days_off special_days"),
    )
    actions = (make_default,)
    events = (MadeDefault,)
    match = ("name",)
    fields = {
        "time_zone": Facts(kind=TimeZone(), help=_("Empty: the organisation's own.")),
        "windows": Facts(kind=Week(), help=_("Such as 09:00-17:00, or 09:00-12:30, 13:30-17:00. Empty: closed.")),
        "holidays": Facts(kind=HolidayPlace(), help=_("A country, or one of its regions; empty: none.")),
        "days_off": Facts(
            kind=DaysOff(), help=_("One a line: 2026-12-24 Christmas Eve, or 2026-12-28 to 2026-12-31 Works holiday.")
        ),
        "special_days": Facts(
            kind=SpecialDays(),
            help=_("One a line: 2026-12-19 10:00-14:00 Stocktaking. Open even on a holiday or at the weekend."),
        ),
        "is_default": Facts(only_via="business_calendar.make_default"),
    }
