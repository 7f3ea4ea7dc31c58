"""What a stranger chooses from: lengths, days and times on their own clocks, with a zone that exists."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.engagement.meetings.availability import times
from kith.engagement.meetings.models import BookingPage
from kith.kernel.errors import Invalid
from kith.kernel.kinds import TimeZone
from kith.kernel.kinds.translations import text_for
from kith.kernel.organisation.models import current
from kith.kernel.text import clean_text
from kith.ui.dates import of_month, weekday

DAYS = 7  # shown at once


@dataclass
class Day:
    """A day on the stranger's calendar. `times`: (moment, "09:30", what else tells it apart, address)."""

    date: dt.date
    weekday: str
    words: str
    times: list[tuple[dt.datetime, str, str, str]] = field(default_factory=list)


@dataclass
class Choice:
    """One look at what is free."""

    page: BookingPage
    minutes: int
    zone: ZoneInfo
    days: list[Day]
    problem: str = ""
    before: str = ""  # address of the days before, "" for none
    after: str = ""
    token: str = ""
    path: str = ""

    @property
    def any(self) -> bool:
        return any(day.times for day in self.days)

    @property
    def lengths(self) -> list[tuple[str, str]]:
        return [(str(n), ngettext("%s minute", "%s minutes", n) % n) for n in self.page.minutes()]

    @property
    def zones(self) -> list[tuple[str, str]]:
        return list(TimeZone().options.items())


def zone_asked(name: str, otherwise: str) -> tuple[ZoneInfo, str]:
    """(zone, why not the one asked for): the zone of that name where there is one, else `otherwise`, else the organisation's."""
    for wanted in (name, otherwise, current().time_zone):
        if wanted and wanted in available_timezones():
            problem = ""
            if name and wanted != name:
                problem = _("There is no time zone “%(name)s”; times are those of %(zone)s.") % {
                    "name": name[:60], "zone": wanted.replace("_", " ")}  # fmt: skip
            return ZoneInfo(wanted), problem
    return ZoneInfo("UTC"), ""


def moment_asked(text: str) -> dt.datetime | None:
    """A moment as our own links write it, to the minute; None for anything else."""
    try:
        found = dt.datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    try:
        return found.astimezone(dt.UTC).replace(second=0, microsecond=0) if found.tzinfo is not None else None
    except (OverflowError, ValueError):
        return None


def day_asked(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def minutes_asked(page: BookingPage, text: str) -> int:
    """The length asked for where the page has it, else its first. Raises Invalid for a page without any."""
    offered = page.minutes()
    if not offered:
        raise Invalid(_("This page offers no times yet."))
    return int(text) if text.isascii() and text.isdecimal() and int(text[:6]) in offered else offered[0]


def choice(
    request: HttpRequest, page: BookingPage, *, path: str, otherwise: str = "", minutes: int | None = None,
    leaving_out: Any = None, host: int | None = None,
) -> Choice:  # fmt: skip
    """The week asked for, or the first in which something is free."""
    given = {key: clean_text(request.GET.get(key, ""))[:600] for key in ("zone", "minutes", "day", "k", "lang")}
    zone, problem = zone_asked(given["zone"], otherwise)
    minutes = minutes or minutes_asked(page, given["minutes"])
    now = timezone.now()
    today = now.astimezone(zone).date()
    last = today + dt.timedelta(days=page.ahead_days)
    asked = day_asked(given["day"])
    first = min(max(asked, today), last) if asked else today
    until = first + dt.timedelta(days=DAYS) if asked else last + dt.timedelta(days=1)
    found = times(page, minutes, _midnight(first, zone), _midnight(until, zone), leaving_out=leaving_out)
    free = [at for at, ids in found.free.items() if host is None or host in ids]
    if not asked and free:
        first = free[0].astimezone(zone).date()
    carried = {"zone": zone.key, "minutes": str(minutes), **{k: given[k] for k in ("k", "lang") if given[k]}}

    def address(**more: str) -> str:
        return f"{path}?{urlencode({**carried, **more})}"

    week = [first + dt.timedelta(days=n) for n in range(DAYS)]
    days = {day: Day(day, weekday(day), of_month(day)) for day in week if day <= last}
    shown = [at.astimezone(zone) for at in free if at.astimezone(zone).date() in days]
    for at in shown:
        twice = sum(one.replace(tzinfo=None) == at.replace(tzinfo=None) for one in shown) > 1
        utc = at.astimezone(dt.UTC)
        days[at.date()].times.append(
            (utc, f"{at:%H:%M}", at.strftime("UTC%z") if twice else "", address(at=utc.isoformat()))
        )
    return Choice(
        page, minutes, zone, list(days.values()), problem, token=given["k"], path=path,
        before=address(day=max(today, first - dt.timedelta(days=DAYS)).isoformat()) if asked and first > today else "",
        after=address(day=(first + dt.timedelta(days=DAYS)).isoformat()) if first + dt.timedelta(days=DAYS) <= last else "",
    )  # fmt: skip


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


@dataclass(frozen=True)
class Words:
    """A page's own words in a reader's language."""

    title: str
    about: str
    questions: list[tuple[str, str, bool]]  # (key, words, has to be answered)


def words_of(page: BookingPage, language: str) -> Words:
    return Words(
        text_for(page.names, language, page.name)[0], text_for(page.abouts, language, page.about_text)[0],
        list(_questions(page, language)),
    )  # fmt: skip


def _questions(page: BookingPage, language: str) -> Any:
    own = _lines(page.questions)
    there = _lines(text_for(page.asks, language, page.questions)[0])
    for n, line in enumerate(own):
        words = there[n] if n < len(there) else line
        yield f"q{n}", words.rstrip("* ").strip(), line.endswith("*")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip(" *")][:12]
