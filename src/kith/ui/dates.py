"""Days and moments in the reader's words, language and time zone: today, Tue, 12 Mar; 4 min, yesterday; 1 h 40 m.

A list shows hundreds of them, so the parts that cost (babel's patterns) are kept per day, minute and language.
The voice of the product is day first and 24 hours, so plain "en" is read as British English.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, to_locale
from markupsafe import Markup, escape

KEPT = 4096  # formatted days and minutes that are remembered


@lru_cache(maxsize=64)
def _locale(code: str | None) -> Locale:
    if code in (None, "en"):
        return Locale.parse("en_GB")
    try:
        return Locale.parse(to_locale(code))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def locale() -> Locale:
    """The babel locale of the active language."""
    return _locale(get_language())


def local(value: datetime) -> datetime:
    """The same moment on the reader's clock; a value without a zone is taken as it is."""
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(timezone.get_current_timezone())
    except OverflowError:  # within a day of the year 1 or 9999
        return value


@lru_cache(maxsize=KEPT)
def _words(on: date, pattern: str, where: Locale) -> str:
    """A day by one of babel's formats ("full", "EEE") or skeletons ("MMMd")."""
    try:
        if pattern in ("full", "long", "EEE", "EEEE"):
            return format_date(on, pattern, locale=where)
        return format_skeleton(pattern, datetime(on.year, on.month, on.day, tzinfo=UTC), locale=where)
    except (OverflowError, ValueError):  # babel shifts zones even here, which the first and last year do not survive
        return on.isoformat()


@lru_cache(maxsize=KEPT)
def _time(at: time, where: Locale) -> str:
    return format_time(at, "short", locale=where)


def day(value: date | datetime | None, *, today: date | None = None) -> str:
    """A day in words: today, yesterday, tomorrow, Tue, 12 Mar, 12 Mar 2025. None gives ""."""
    if value is None:
        return ""
    return _day(local(value).date() if isinstance(value, datetime) else value, today or timezone.localdate(), locale())


def _day(on: date, today: date, where: Locale) -> str:
    distance = (on - today).days
    if distance == 0:
        return gettext("today")
    if distance == -1:
        return gettext("yesterday")
    if distance == 1:
        return gettext("tomorrow")
    if abs(distance) < 7:
        return _words(on, "EEE", where)
    return _words(on, "MMMd" if on.year == today.year else "yMMMd", where)


def clock(value: datetime | None) -> str:
    """The time of day: 09:30. None, or a day without a time, gives ""."""
    if not isinstance(value, datetime):
        return ""
    return _clock(local(value), locale())


def _clock(at: datetime, where: Locale) -> str:
    return _time(time(at.hour, at.minute), where)


def full(value: date | datetime) -> str:
    """The whole of it, for a tooltip: Thursday 12 March 2026, 09:30."""
    where = locale()
    if not isinstance(value, datetime):
        return _words(value, "full", where)
    at = local(value)
    return f"{_words(at.date(), 'full', where)}, {_clock(at, where)}"


def long(value: date) -> str:
    """A day in the middle of a sentence: 24 November 2026, 24. November 2026."""
    return _words(value, "long", locale())


def weekday(value: date) -> str:
    """Tuesday, Dienstag, tisdag."""
    return _words(value, "EEEE", locale())


def of_month(value: date) -> str:
    """A day without its year: 24 November, 24. November."""
    return _words(value, "MMMMd", locale())


def _ago(seconds: float) -> str:
    """4 min, 2 h."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return gettext("now")
    return gettext("%d min") % minutes if minutes < 60 else gettext("%d h") % (minutes // 60)


def when(value: date | datetime | None, style: str = "ago", *, now: datetime | None = None) -> Markup:
    """A `<time>` in relative words. "ago" for what happened (4 min, 2 h, yesterday), "due" for what is expected
    (09:30 today, tomorrow, Tue), "clock" for the time alone, "full" for the whole date. None gives nothing.
    """
    if value is None:
        return Markup("")
    where, now = locale(), now or timezone.now()
    today = local(now).date()
    if not isinstance(value, datetime):
        whole = _words(value, "full", where)
        text = whole if style == "full" else _day(value, today, where)
        return _element(value, whole, text, live=False)
    at = local(value)
    whole, live = f"{_words(at.date(), 'full', where)}, {_clock(at, where)}", False
    seconds = (now - value).total_seconds() if value.tzinfo else -1
    if style == "full":
        text = whole
    elif style == "clock" or (style == "due" and at.date() == today):
        text = _clock(at, where)
    elif style == "ago" and at.date() == today and seconds >= 0:
        text, live = _ago(seconds), True
    else:
        text = _day(at.date(), today, where)
    return _element(value, whole, text, live=live)


def _element(value: date, whole: str, text: str, *, live: bool) -> Markup:
    ago = " data-ago" if live else ""
    return Markup(f'<time datetime="{value.isoformat()}" title="{escape(whole)}"{ago}>{escape(text)}</time>')  # noqa: S704


def duration(value: timedelta | int | float | None, *, rough: bool = False) -> str:
    """Seconds or a timedelta in words: 38 s, 12 min, 1 h 40 m, 4 days. `rough`: no minutes beside hours, where room is scarce."""
    if value is None:
        return ""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    if seconds < 60:
        words = gettext("%d s") % seconds
    elif seconds < 3600:
        words = gettext("%d min") % (seconds // 60)
    elif seconds < 86400:
        hours, minutes = seconds // 3600, 0 if rough else seconds % 3600 // 60
        words = gettext("%(h)d h %(m)d m") % {"h": hours, "m": minutes} if minutes else gettext("%d h") % hours
    else:
        days = seconds // 86400
        words = ngettext("%d day", "%d days", days) % days
    return sign + words
