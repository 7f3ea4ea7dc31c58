"""Kinds for dates that are other than the week says: days off, and days with hours of their own.

Each is a list of objects, written one a line in forms and files: "2026-12-24 Christmas Eve".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext as __

from kith.kernel.calendars.kinds import hours_of_day, json_ops
from kith.kernel.calendars.windows import say_windows
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Day, Kind, Operator
from kith.kernel.kinds.cells import listed
from kith.kernel.text import clean_text

MOST = 400  # dates in one list
LONGEST_NAME = 120  # characters of what a day is called
LONGEST_TEXT = 60_000  # characters of a list of dates in words
_ISO = r"\d{4}-\d{2}-\d{2}"
_LINE = re.compile(rf"({_ISO})(?:\s*(?:-|–|—|to|until|\.\.)\s*({_ISO}))?(?:[\s,:]+(.*))?", re.IGNORECASE)
_SPAN = r"\d{1,2}(?:[:.]\d{2})?\s*(?:-|–|—|to|until)\s*\d{1,2}(?:[:.]\d{2})?"
_HOURS = re.compile(rf"({_SPAN}(?:\s*,\s*{_SPAN})*)(?:[\s,:]+(.*))?", re.IGNORECASE)


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
        """An entry as it is typed."""
        raise NotImplementedError

    def told(self, entry: dict[str, str]) -> str:
        """An entry as it is shown."""
        raise NotImplementedError

    def edit(self, value: Any) -> str:
        return "\n".join(self.line(entry) for entry in value or [])

    def show(self, value: Any) -> str:
        return "; ".join(self.told(entry) for entry in value or [])

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

    def told(self, entry: dict[str, str]) -> str:
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
        words = say_windows(hours_of_day(item.get("windows"), str(day)))
        if not words:
            raise Invalid(__("%s has no hours; a day that is closed belongs to the days off.") % day)
        return {"day": str(day), "windows": words, "name": _name(item.get("name"))}

    def line(self, entry: dict[str, str]) -> str:
        return f"{entry['day']} {entry['windows']} {entry.get('name', '')}".strip()

    def told(self, entry: dict[str, str]) -> str:
        day = Day().show(dt.date.fromisoformat(entry["day"]))
        return f"{day} {entry['windows'].replace('-', '–')} {entry.get('name', '')}".strip()
