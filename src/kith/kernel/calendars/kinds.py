"""Kinds of values that business time needs: the hours of a week, days off, days with hours of their own, the place whose
public holidays count, and a span of time in words.

The hours of a week are {day: words} of the open days, {"mon": "09:00-12:30, 13:30-17:00"}; dates are lists of objects,
written one a line in forms and files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from babel import Locale
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.calendars.public import places
from kith.kernel.calendars.span import parse_span
from kith.kernel.calendars.windows import DAYS, read_week, read_windows, runs, say_week, say_windows
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Day, Kind, Operator, Text
from kith.kernel.kinds.cells import listed
from kith.kernel.kinds.number import locale_code
from kith.kernel.text import clean_text, fold

MOST = 400  # dates in one list
LONGEST_NAME = 120  # characters of what a day is called
LONGEST_TEXT = 60_000  # characters of a list of dates in words
_ISO = r"\d{4}-\d{2}-\d{2}"
_LINE = re.compile(rf"({_ISO})(?:\s*(?:-|–|—|to|until|\.\.)\s*({_ISO}))?(?:[\s,:]+(.*))?", re.IGNORECASE)
_SPAN = r"\d{1,2}(?:[:.]\d{2})?\s*(?:-|–|—|to|until)\s*\d{1,2}(?:[:.]\d{2})?"
_HOURS = re.compile(rf"({_SPAN}(?:\s*,\s*{_SPAN})*)(?:[\s,:]+(.*))?", re.IGNORECASE)


def day_names(width: str = "wide") -> dict[str, str]:
    """{"mon": "Monday", …} in the reader's language; "abbreviated": "Mon"."""
    names = Locale.parse(locale_code()).days["stand-alone"][width]
    return {key: names[n] for n, key in enumerate(DAYS)}


def json_ops(blank: Any) -> tuple[Operator, ...]:
    return (
        Operator("empty", _("is empty"), "none", lambda p, v: Q(**{p: blank})),
        Operator("filled", _("is known"), "none", lambda p, v: ~Q(**{p: blank})),
    )


class Week(Kind):
    """The opening hours of a week, a field a day."""

    name, widget, sortable = "week", "week", False
    accepts = (dict, str)
    blank: ClassVar[Any] = {}

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            if len(raw) > LONGEST_TEXT:
                raise Invalid(__("This is too long for the hours of a week."))
            return read_week(clean_text(raw))
        return self.clean(raw or {})

    def clean(self, value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise Invalid(__("The hours of a week are given by day, for example mon: 09:00-17:00."))
        if strange := next((str(key) for key in value if key not in DAYS), None):
            raise Invalid(
                __("“%(day)s” is no day; the days are %(all)s.") % {"day": strange[:40], "all": ", ".join(DAYS)}
            )
        out = {}
        for day in DAYS:
            if words := say_windows(_windows(value.get(day), day_names()[day])):
                out[day] = words
        return out

    def show(self, value: Any) -> str:
        names = day_names("abbreviated")
        return "; ".join(
            f"{names[a]}{f'–{names[b]}' if a != b else ''} {words.replace('-', '–')}"
            for a, b, words in runs(value or {})
        )

    def edit(self, value: Any) -> str:
        return say_week(value or {})

    def schema(self) -> dict[str, Any]:
        hours = {"type": "string", "description": "such as 09:00-12:30, 13:30-17:00; empty when closed"}
        return {"type": "object", "properties": dict.fromkeys(DAYS, hours), "additionalProperties": False}

    def ops(self) -> tuple[Operator, ...]:
        return json_ops({})


def _windows(words: Any, where: str) -> tuple[tuple[int, int], ...]:
    """Windows from the words of one day; refusals begin with that day's name."""
    if words is None:
        return ()
    if not isinstance(words, str) or len(words) > 300:
        raise Invalid(__("%s: write the hours as 09:00-12:30, 13:30-17:00, or nothing when it is closed.") % where)
    try:
        return read_windows(clean_text(words))
    except Invalid as problem:
        raise Invalid(f"{where}: {problem.message}") from None


class Dates(Kind):
    """A list of dates with a name, one a line in words; subclasses read what follows the date."""

    widget, sortable = "textarea", False
    accepts = (list, str)
    blank: ClassVar[Any] = []

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        if isinstance(raw, str):
            if len(raw) > LONGEST_TEXT:
                raise Invalid(__("This text is too long; %d dates fit here.") % MOST)
            raw = listed(raw) or [self.read(line.strip()) for line in clean_text(raw).splitlines() if line.strip()]
        return self.clean(raw or [])

    def clean(self, value: Any) -> list[dict[str, str]]:
        if not isinstance(value, list | tuple):
            raise Invalid(__("This must be a list of dates."))
        if len(value) > MOST:
            raise Invalid(__("At most %s dates fit here.") % MOST)
        out, seen = [], set()
        for given in value:
            entry = self.entry(self.read(given.strip()) if isinstance(given, str) else given)
            for day in days_of(entry):
                if day in seen:
                    raise Invalid(__("%s is there twice.") % day)
                seen.add(day)
            out.append(entry)
        return sorted(out, key=lambda entry: entry["day"])

    def read(self, line: str) -> dict[str, str]:
        raise NotImplementedError

    def entry(self, given: Any) -> dict[str, str]:
        """A checked entry from one of JSON."""
        raise NotImplementedError

    def line(self, entry: dict[str, str]) -> str:
        raise NotImplementedError

    def edit(self, value: Any) -> str:
        return "\n".join(self.line(entry) for entry in value or [])

    def ops(self) -> tuple[Operator, ...]:
        return json_ops([])

    def schema(self) -> dict[str, Any]:
        text, day = {"type": "string"}, {"type": "string", "format": "date"}
        other = "until" if isinstance(self, DaysOff) else "windows"
        parts = {"day": day, other: day if other == "until" else text, "name": text}
        return {
            "type": "array",
            "items": {"type": "object", "properties": parts, "required": ["day"]},
            "maxItems": MOST,
        }


def _day(given: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(given if isinstance(given, str) and len(given) == 10 else "")
    except ValueError:
        raise Invalid(__("“%s” is no date; write it as 2026-12-24.") % str(given)[:40]) from None


def _name(given: Any) -> str:
    text = " ".join(clean_text(str(given or "")).split())
    if len(text) > LONGEST_NAME:
        raise Invalid(
            __("“%(start)s…” is longer than %(most)d characters.") % {"start": text[:40], "most": LONGEST_NAME}
        )
    return text


def _object(given: Any, keys: set[str]) -> dict[str, Any]:
    if not isinstance(given, dict) or set(given) - keys:
        raise Invalid(__("A date is given by %s.") % ", ".join(sorted(keys)))
    return given


def days_of(entry: dict[str, str]) -> Iterator[dt.date]:
    """The dates of an entry of `DaysOff` or `SpecialDays`."""
    first = dt.date.fromisoformat(entry["day"])
    for n in range((dt.date.fromisoformat(entry.get("until") or entry["day"]) - first).days + 1):
        yield first + dt.timedelta(n)


class DaysOff(Dates):
    """Days on which nobody works: {day, until (the last one, where it is several), name}."""

    name = "days_off"

    def read(self, line: str) -> dict[str, str]:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Invalid(__("“%s” does not begin with a date; write it as 2026-12-24 Christmas Eve.") % line[:60])
        return {"day": match[1], "until": match[2] or "", "name": match[3] or ""}

    def entry(self, given: Any) -> dict[str, str]:
        item = _object(given, {"day", "until", "name"})
        first, last = _day(item.get("day")), _day(item.get("until") or item.get("day"))
        if not first <= last <= first + dt.timedelta(366):
            raise Invalid(
                __("%(first)s to %(last)s must go forward, by a year at most.") % {"first": first, "last": last}
            )
        return {"day": str(first), **({"until": str(last)} if last > first else {}), "name": _name(item.get("name"))}

    def line(self, entry: dict[str, str]) -> str:
        days = f"{entry['day']} to {entry['until']}" if entry.get("until") else entry["day"]
        return f"{days} {entry.get('name', '')}".strip()

    def show(self, value: Any) -> str:
        return "; ".join(self.say(entry) for entry in value or [])

    def say(self, entry: dict[str, str]) -> str:
        ends = [Day().show(dt.date.fromisoformat(entry[key])) for key in ("day", "until") if entry.get(key)]
        return f"{' – '.join(ends)} {entry.get('name', '')}".strip()


class SpecialDays(Dates):
    """Days with opening hours of their own: {day, windows, name}."""

    name = "special_days"

    def read(self, line: str) -> dict[str, str]:
        match = _LINE.fullmatch(line)
        hours = _HOURS.fullmatch(match[3]) if match and match[3] and not match[2] else None
        if match is None or hours is None:
            raise Invalid(
                __("“%s” needs a date and hours; write it as 2026-12-19 10:00-14:00 Stocktaking.") % line[:60]
            )
        return {"day": match[1], "windows": hours[1], "name": hours[2] or ""}

    def entry(self, given: Any) -> dict[str, str]:
        item = _object(given, {"day", "windows", "name"})
        day = _day(item.get("day"))
        words = say_windows(_windows(item.get("windows"), str(day)))
        if not words:
            raise Invalid(__("%s has no hours; a day that is closed belongs to the days off.") % day)
        return {"day": str(day), "windows": words, "name": _name(item.get("name"))}

    def line(self, entry: dict[str, str]) -> str:
        return f"{entry['day']} {entry['windows']} {entry.get('name', '')}".strip()

    def show(self, value: Any) -> str:
        return "; ".join(self.say(entry) for entry in value or [])

    def say(self, entry: dict[str, str]) -> str:
        day = Day().show(dt.date.fromisoformat(entry["day"]))
        return f"{day} {entry['windows'].replace('-', '–')} {entry.get('name', '')}".strip()


class HolidayPlace(Choice):
    """The country or region whose public holidays count: "DE", "DE-BY"."""

    name, widget, customisable = "holiday_place", "combobox", False

    def __init__(self) -> None:
        super().__init__(lambda: places(locale_code()))

    def clean(self, value: Any) -> str:
        if value in ("", None):
            return ""
        if isinstance(value, str):
            known, word = places("en"), fold(value)
            if value.upper() in known or value in known:
                return value if value in known else value.upper()
            for names in (self.options, known):
                found = next((code for code, name in names.items() if fold(name) == word), None)
                if found:
                    return found
        raise Invalid(
            __(
                "No public holidays are known for “%s”; choose a country or a region, such as Germany or Germany, Bayern."
            )
            % str(value)[:60]
        )


class SpanWords(Text):
    """A span of time in its own words: "2 h", "3 business days". Kept as text, which `span.parse_span` reads."""

    name, label, sortable = "span", _("Span of time"), False
    customisable = False

    def __init__(self) -> None:
        super().__init__(40)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return str(parse_span(text)) if text else ""

    def show(self, value: Any) -> str:
        return parse_span(value).show() if value else ""
