"""The time a report speaks of: a preset word, a calendar year, quarter or month, two days, or all there is.

Periods are whole days, both ends included. They are said to SQL and to lists as the same filter conditions with
absolute days, so that the link behind a figure gives the same rows tomorrow.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kith.kernel.errors import Invalid
from kith.kernel.kinds.time import add_months, period, read_day
from kith.kernel.lookups.tree import Condition
from kith.ui.dates import locale

DAY = dt.timedelta(1)
FIRST, LAST = dt.date(1, 1, 1), dt.date(9998, 12, 31)
ALL, CUSTOM = "all", "custom"
PRESETS = {
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "this_quarter": gettext_lazy("This quarter"),
    "last_quarter": gettext_lazy("Last quarter"),
    "this_year": gettext_lazy("This year"),
    "last_year": gettext_lazy("Last year"),
    "last_365_days": gettext_lazy("Last 365 days"),
    ALL: gettext_lazy("All time"),
}
_CALENDAR = re.compile(r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.IGNORECASE)
_DAYS = re.compile(r"last_[0-9]{1,4}_days")
_QUARTERS = (
    gettext_lazy("First quarter"), gettext_lazy("Second quarter"), gettext_lazy("Third quarter"),
    gettext_lazy("Fourth quarter"),
)  # fmt: skip


@dataclass(frozen=True)
class Period:
    """From `start` to `end`, both included; None is open. `key` is the word it was asked for by."""

    key: str
    start: dt.date | None
    end: dt.date | None
    today: dt.date

    @property
    def after(self) -> dt.date | None:
        """The day after the last, where there is one."""
        return None if self.end is None or self.end == dt.date.max else self.end + DAY

    @property
    def running(self) -> bool:
        return self.end is None or self.end >= self.today

    @property
    def months(self) -> int:
        """How many calendar months it is, from the first day of one to the last of another; 0 for anything else."""
        last = self.after
        if self.start is None or last is None or self.start.day != 1 or last.day != 1:
            return 0
        return (last.year - self.start.year) * 12 + last.month - self.start.month

    def within(self, column: str) -> tuple[Condition, ...]:
        """The conditions that a day or moment lies in it."""
        if self.start is not None and self.end is not None:
            return (Condition(column, "between", (self.start.isoformat(), self.end.isoformat())),)
        if self.start is not None:
            return (Condition(column, "since", (self.start.isoformat(),)),)
        if self.after is not None:
            return (Condition(column, "before", (self.after.isoformat(),)),)
        return ()

    def before(self) -> Period | None:
        """The one to compare with: the month, quarter or year before, or as many days; None where nothing came before."""
        if self.start is None or self.end is None or self.start == FIRST:
            return None
        length = self.end - self.start
        if self.months and (self.start.year - 1) * 12 + self.start.month > self.months:
            start = add_months(self.start, -self.months)
        else:
            start = FIRST if self.start - FIRST <= length else self.start - length - DAY
        return Period(CUSTOM, start, self.start - DAY, self.today)

    def params(self) -> dict[str, str]:
        """The parameters of an address that ask for it."""
        if self.key != CUSTOM:
            return {"period": self.key}
        ends = {"from": self.start, "to": self.end}
        return {name: day.isoformat() for name, day in ends.items() if day is not None}

    def title(self) -> str:
        """ "First quarter, so far", "March 2025", "3 May to 9 June 2025", "All time"."""
        name = self.name()
        return _("%s, so far") % name if self.running and self.start is not None and self.end != self.today else name

    def name(self) -> str:
        if self.key == ALL or (self.start is None and self.end is None):
            return str(PRESETS[ALL])
        if _DAYS.fullmatch(self.key):
            days = (self.end - self.start).days + 1 if self.start and self.end else 0
            return ngettext("Last %s day", "Last %s days", days) % days
        return self._calendar() or self.days()

    def _calendar(self) -> str:
        """Its own name when it is a month, a quarter or a year."""
        start, this_year = self.start, self.start is not None and self.start.year == self.today.year
        if start is None:
            return ""
        if self.months == 12 and start.month == 1:
            return str(start.year)
        if self.months == 3 and start.month % 3 == 1:
            name = str(_QUARTERS[start.month // 3])
        elif self.months == 1:
            name = format_date(start, "LLLL", locale=locale())
        else:
            return ""
        return name if this_year and self.running else f"{name} {start.year}"

    def days(self) -> str:
        """ "1 January to 12 March 2026": the days it covers so far."""
        if self.start is None or self.end is None:
            if self.start is not None:
                return _("since %s") % _say(self.start)
            return _("up to %s") % _say(self.end) if self.end is not None else ""
        last = min(self.end, self.today) if self.start <= self.today else self.end
        first = format_date(self.start, "d MMMM", locale=locale()) if self.start.year == last.year else _say(self.start)
        return _say(last) if self.start == last else _("%(first)s to %(last)s") % {"first": first, "last": _say(last)}

    def left(self) -> str:
        """ "19 days left." while it runs; "" otherwise."""
        if self.start is None or self.end is None or not self.start <= self.today < self.end:
            return ""
        days = (self.end - self.today).days
        return ngettext("%s day left.", "%s days left.", days) % days

    def as_json(self) -> dict[str, str | None]:
        return {
            "key": self.key, "name": self.name(), "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat() if self.end else None,
        }  # fmt: skip


def _say(day: dt.date) -> str:
    return format_date(day, "d MMMM y", locale=locale())


def month_of(day: dt.date, today: dt.date, months: int = 1) -> Period:
    """The calendar month, quarter (3) or year (12) that a day lies in."""
    start = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    end = dt.date(start.year, 12, 31) if start.month + months > 12 else add_months(start, months) - DAY
    return Period(CUSTOM, start, end, today)


def read_period(params: Mapping[str, str], default: str = ALL) -> Period:
    """From `period` (a preset, last_90_days, 2025, 2025-Q1, 2025-03) or `from` and `to`. Raises Invalid in words."""
    today = timezone.localdate()
    first, last = (_read_end(params.get(name, "").strip(), name) for name in ("from", "to"))
    word = params.get("period", "").strip()
    if word == CUSTOM or first is not None or last is not None:
        if first and last and last < first:
            raise Invalid(_("The period ends on %(last)s, before it begins on %(first)s.") % {
                "first": first.isoformat(), "last": last.isoformat()}, "to")  # fmt: skip
        return Period(CUSTOM if first or last else ALL, first, last, today)
    return named(word or default, today)


def named(word: str, today: dt.date) -> Period:
    """A period by its word. Raises Invalid."""
    if word == ALL:
        return Period(ALL, None, None, today)
    if word in PRESETS or (_DAYS.fullmatch(word) and int(word.split("_")[1])):
        start, after = period(word, today)
        return Period(word, start, after - DAY, today)
    found = _CALENDAR.fullmatch(word)
    if found is None or not FIRST.year <= int(found["year"]) <= LAST.year:
        known = ", ".join(PRESETS)
        raise Invalid(_("“%(word)s” is not a period; try %(known)s, last_90_days, 2025, 2025-Q1 or 2025-03.") % {
            "word": word[:40], "known": known}, "period")  # fmt: skip
    quarter, month = found["quarter"], found["month"]
    first = dt.date(int(found["year"]), int(month or 1) if not quarter else int(quarter) * 3 - 2, 1)
    return month_of(first, today, 3 if quarter else 1 if month else 12)


def _read_end(text: str, name: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = read_day(text)
    except Invalid as problem:
        raise Invalid(problem.message, name) from None
    if day > LAST:
        raise Invalid(_("The last day that can be asked for is %s.") % LAST.isoformat(), name)
    return day
