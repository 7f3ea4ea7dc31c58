"""Business calendars on pages: their place in the settings, how hours and days are shown, and what a calendar means in
days beside the calendar itself."""

from __future__ import annotations

from typing import Any

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup, escape

from kith.kernel.access.actor import Actor
from kith.kernel.calendars.dates import DaysOff, SpecialDays
from kith.kernel.calendars.kinds import Week, day_names
from kith.kernel.calendars.models import BusinessCalendar
from kith.kernel.calendars.preview import AHEAD, exceptions, this_week
from kith.kernel.calendars.queries import calendar_from
from kith.kernel.calendars.windows import DAYS
from kith.kernel.kinds.number import locale_code
from kith.kernel.organisation.models import current
from kith.ui.pages.show import Cell, shows
from kith.ui.panels import Panel, register_panel
from kith.ui.settings import register_settings

SHOWN = 40  # dates that stand in a fact; the rest is counted


def hours_of(actor: Actor, row: BusinessCalendar) -> dict[str, Any]:
    """This week's opening hours, what is other than usual in the coming weeks, and whether it is open now."""
    calendar = calendar_from(row)
    now = timezone.now()
    local = now.astimezone(calendar.zone)
    closes, names = calendar.closes(now), day_names()
    closed = [names[day] for day, windows in zip(DAYS, calendar.week, strict=True) if not windows]
    return {
        "week": this_week(calendar, local.date(), current().week_start), "today": local.date(),
        "exceptions": exceptions(calendar, local.date()), "ahead": AHEAD, "closed": ", ".join(closed),
        "open": closes is not None, "turns": (closes or calendar.next_open(now)).astimezone(calendar.zone),
        "zone": str(calendar.zone).replace("_", " "),
        "name_of": lambda day: format_date(day, "EEE d MMM", locale=locale_code()),
    }  # fmt: skip


@shows(Week)
def _week(cell: Cell) -> Markup:
    parts = cell.kind.show(cell.value).split("; ")
    return escape("; ".join(parts)) if cell.brief else Markup("<br>\n").join(parts)


@shows(DaysOff, SpecialDays)
def _dates(cell: Cell) -> Markup:
    if cell.brief:
        return escape(_("%d dates") % len(cell.value) if len(cell.value) > 1 else cell.kind.show(cell.value))
    lines = [cell.kind.told(entry) for entry in cell.value[:SHOWN]]
    more = [_("and %d more") % (len(cell.value) - SHOWN)] if len(cell.value) > SHOWN else []
    return Markup("<br>\n").join([*lines, *more])


HOURS = Panel("hours", gettext_lazy("Opening hours"), "pages/panel_hours.html", hours_of, place="next", order=5)


def register() -> None:
    """At start-up: the place in the settings and the panel."""
    register_panel(HOURS, on="business_calendar")
    register_settings(
        "calendars", group="organisation", label=gettext_lazy("Business calendars"), icon="clock",
        href="/business-calendars/", needs="settings.manage", order=50,
        says=gettext_lazy("Opening hours, holidays and days off that working time is measured with"),
    )  # fmt: skip
