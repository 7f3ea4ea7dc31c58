"""Days and moments, absolute or relative ("today", "+7d", "this_quarter").

Relative words are kept as words in filters and resolved when asked, in the time zone that is active then.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from dateutil import parser as dateparser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kith.kernel.errors import Invalid
from kith.kernel.kinds.base import BLANK, Kind, Operator
from kith.kernel.kinds.number import locale_code

PERIODS = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "tomorrow": _("tomorrow"),
    "this_week": _("this week"),
    "last_week": _("last week"),
    "next_week": _("next week"),
    "this_month": _("this month"),
    "last_month": _("last month"),
    "next_month": _("next month"),
    "this_quarter": _("this quarter"),
    "last_quarter": _("last quarter"),
    "next_quarter": _("next quarter"),
    "this_year": _("this year"),
    "last_year": _("last year"),
    "past": _("the past"),
    "future": _("the future"),
}
_OFFSET = re.compile(r"^([+-]\d{1,4})([dwmy])$")
_SPAN = re.compile(r"^(last|next)_(\d{1,4})_days$")
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}")
_CLOCK = re.compile(r"[T ] *\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)? *([ap]m)? *(Z|UTC|GMT|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_UNSAID = dt.datetime(1, 1, 1)  # noqa: DTZ001  stands for the parts a text leaves out
# Moments keep two days away from the ends of the calendar, so that every reader's time zone can show them.
MIN_MOMENT = dt.datetime(1, 1, 3, tzinfo=dt.UTC)
MAX_MOMENT = dt.datetime(9999, 12, 29, tzinfo=dt.UTC)
MIN_DAY, MAX_DAY = dt.date(1, 1, 1), dt.date(9999, 12, 31)


def add_months(day: dt.date, n: int) -> dt.date:
    month = day.year * 12 + day.month - 1 + n
    year, month = divmod(month, 12)
    last = [31, 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return dt.date(year, month + 1, min(day.day, last[month]))


def period(word: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """First day and day after the last of a relative period."""
    if match := _SPAN.match(word):
        n = int(match[2])
        return (
            (today - dt.timedelta(n - 1), today + dt.timedelta(1))
            if match[1] == "last"
            else (today, today + dt.timedelta(n))
        )
    if word in ("today", "yesterday", "tomorrow"):
        start = today + dt.timedelta({"today": 0, "yesterday": -1, "tomorrow": 1}[word])
        return start, start + dt.timedelta(1)
    if word == "past":
        return MIN_DAY, today
    if word == "future":
        return today + dt.timedelta(1), MAX_DAY
    which, _sep, unit = word.partition("_")
    step = {"last": -1, "this": 0, "next": 1}.get(which)
    if step is None or unit not in ("week", "month", "quarter", "year"):
        raise Invalid(
            __("“%s” is not a period; try today, this_week, last_month, this_quarter or last_30_days.") % word
        )
    if unit == "week":
        start = today - dt.timedelta(today.weekday()) + dt.timedelta(7 * step)
        return start, start + dt.timedelta(7)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    start = add_months(first, months * step)
    return start, add_months(start, months)


def _away(n: int, unit: str) -> str:
    """ "30 days ago", "2 weeks from now"; "today" for none of them."""
    many = abs(n)
    span = {
        "d": ngettext("%s day", "%s days", many), "w": ngettext("%s week", "%s weeks", many),
        "m": ngettext("%s month", "%s months", many), "y": ngettext("%s year", "%s years", many),
    }[unit] % many  # fmt: skip
    return __("%s ago") % span if n < 0 else __("%s from now") % span if n else __("today")


def _offset(word: str, today: dt.date) -> dt.date | None:
    if word in ("today", "yesterday", "tomorrow"):
        return period(word, today)[0]
    match = _OFFSET.match(word)
    if not match:
        return None
    n, unit = int(match[1]), match[2]
    if unit in "dw":
        return today + dt.timedelta(n * (7 if unit == "w" else 1))
    return add_months(today, n * (12 if unit == "y" else 1))


def read_day(text: str) -> dt.date:
    """ISO days, and unambiguous written ones ("12 Mar 2025", "31/12/2025"); two readings are refused. A time of day may
    follow, anything else may not."""
    try:
        if _ISO.match(text):
            if (rest := text[10:].rstrip()) and (not _CLOCK.fullmatch(rest) or not dateparser.parse(text)):
                raise ValueError(rest)
            return dt.date.fromisoformat(text[:10])
        a = dateparser.parse(text, dayfirst=True, default=_UNSAID)
        b = dateparser.parse(text, dayfirst=False, default=_UNSAID)
    except (ValueError, OverflowError, TypeError):
        raise Invalid(__("“%s” is not a date; write it as 2026-03-12.") % text) from None
    if a != b:
        raise Invalid(__("“%s” can be read in two ways; write it as 2026-03-12.") % text)
    if a.year == 1:
        raise Invalid(__("“%s” has no year; write it as 2026-03-12.") % text)
    return a.date()


def _pattern(year: int) -> str:
    """How a day of a year is written in the active language, without this one: "3 Dec", "3. Dez. 2019"."""
    this_year, code = year == timezone.localdate().year, locale_code()
    plain, skeleton = ("d MMM", "MMMd") if this_year else ("d MMM y", "yMMMd")
    if code.startswith("en"):
        return plain
    known = Locale.parse(code).datetime_skeletons.get(skeleton)
    return str(known.pattern) if known is not None else plain


class Day(Kind):
    name, widget, align, label, customisable, sql = "day", "date", "end", _("Date"), True, "date"

    def clean(self, value: Any) -> Any:
        if isinstance(value, dt.datetime):
            return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
        if isinstance(value, dt.date):
            return value
        if not isinstance(value, str):
            raise Invalid(__("This must be a date such as 2026-03-12."))
        return _offset(value, timezone.localdate()) or read_day(value)

    def dump(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def load(self, data: Any) -> Any:
        return None if data is None else dt.date.fromisoformat(data[:10])

    def show(self, value: Any) -> str:
        if value is None:
            return ""
        return str(format_date(value, _pattern(value.year), locale=locale_code()))

    def export(self, value: Any) -> Any:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date"}

    def ops(self) -> tuple[Operator, ...]:
        return (
            Operator("in", _("is in"), "one", lambda p, v: Q(**{f"{p}__gte": v[0], f"{p}__lt": v[1]})),
            Operator("on", _("is on"), "one", lambda p, v: Q(**{f"{p}__gte": v[0], f"{p}__lt": v[1]})),
            Operator("before", _("is before"), "one", lambda p, v: Q(**{f"{p}__lt": v[0]})),
            Operator("after", _("is after"), "one", lambda p, v: Q(**{f"{p}__gte": v[1]})),
            Operator("since", _("is on or after"), "one", lambda p, v: Q(**{f"{p}__gte": v[0]})),
            Operator("between", _("is between"), "two", lambda p, v: Q(**{f"{p}__gte": v[0][0], f"{p}__lt": v[1][1]})),
            *BLANK,
        )

    def operand(self, op: Operator, raw: Any, *, actor: Any = None) -> Any:
        if op.takes == "none":
            return None
        if op.takes == "two":
            if not isinstance(raw, (list, tuple)) or len(raw) != 2:
                raise Invalid(__("“between” needs two dates."))
            return [self._span(str(r)) for r in raw]
        return self._span(str(raw[0] if isinstance(raw, (list, tuple)) and raw else raw))

    def moves(self, raw: Any) -> bool:
        word = str(raw)
        return bool(word in PERIODS or _SPAN.match(word) or _OFFSET.match(word))

    def _span(self, word: str) -> tuple[Any, Any]:
        """First value and the one after the last, of a day or a period word."""
        today = timezone.localdate()
        if word in PERIODS or _SPAN.match(word):
            start, end = period(word, today)
        else:
            start = _offset(word, today) or read_day(word)
            end = start + dt.timedelta(1) if start < MAX_DAY else MAX_DAY
        return self._edge(start), self._edge(end)

    def _edge(self, day: dt.date) -> Any:
        return day

    def _say_one(self, raw: Any, actor: Any) -> str:
        word = str(raw)
        if word in PERIODS:
            return str(PERIODS[word])
        if match := _SPAN.match(word):
            text = __("the last %s days") if match[1] == "last" else __("the next %s days")
            return text % match[2]
        if match := _OFFSET.match(word):
            return _away(int(match[1]), match[2])
        return Day.show(self, read_day(word))


class Moment(Day):
    """A point in time, aware; without an offset it is read in the active time zone."""

    name, widget, label, sql = "moment", "datetime", _("Date and time"), "timestamptz"

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            value = self._read(value)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            value = dt.datetime.combine(value, dt.time())
        if not isinstance(value, dt.datetime):
            raise Invalid(__("This must be a date and time such as 2026-03-12 09:30."))
        try:
            aware = timezone.make_aware(value) if timezone.is_naive(value) else value
            inside = MIN_MOMENT <= aware.astimezone(dt.UTC) <= MAX_MOMENT
        except (ValueError, OverflowError):
            inside = False
        if not inside:
            raise Invalid(__("“%s” is outside the dates that can be kept.") % value)
        return aware

    def _read(self, text: str) -> dt.datetime:
        day = _offset(text, timezone.localdate())
        if day:
            return dt.datetime.combine(day, dt.time())
        try:
            return dt.datetime.fromisoformat(text)
        except ValueError:
            day = read_day(text)
            return dt.datetime.combine(day, dateparser.parse(text, default=_UNSAID).time())

    def load(self, data: Any) -> Any:
        return None if data is None else dt.datetime.fromisoformat(data)

    def edit(self, value: Any) -> str:
        return "" if value is None else timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")

    def show(self, value: Any) -> str:
        if value is None:
            return ""
        local = timezone.localtime(value)
        return str(format_datetime(local, f"{_pattern(local.year)}, HH:mm", tzinfo=local.tzinfo, locale=locale_code()))

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date-time"}

    def _edge(self, day: dt.date) -> Any:
        try:
            return timezone.make_aware(dt.datetime.combine(day, dt.time()))
        except (ValueError, OverflowError):
            return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


class Duration(Kind):
    """A length of time in whole minutes."""

    name, widget, align, label, customisable, sql = "duration", "number", "end", _("Duration"), True, "bigint"
    accepts = (int, str)

    def clean(self, value: Any) -> int:
        if isinstance(value, str):
            match = re.fullmatch(r"\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m?)?\s*", value)
            if not match or not any(match.groups()):
                raise Invalid(__("“%s” is not a length of time; write 90, 45 m or 1 h 30 m.") % value)
            value = int(match[1] or 0) * 60 + int(match[2] or 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10_000_000:
            raise Invalid(__("“%s” is not a length of time in minutes.") % value)
        return value

    def show(self, value: Any) -> str:
        if value is None:
            return ""
        hours, minutes = divmod(int(value), 60)
        return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} m"] * bool(minutes or not hours))

    def schema(self) -> dict[str, Any]:
        return {"type": ["integer", "null"], "description": "minutes"}

    def ops(self) -> tuple[Operator, ...]:
        from kith.kernel.kinds.number import number_ops

        return number_ops()
