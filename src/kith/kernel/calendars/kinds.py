"""Kinds of values that business time needs: the hours of a week, the place whose public holidays count, and a span of
time in words. Dates are in `dates.py`.

The hours of a week are {day: words} of the open days: {"mon": "09:00-12:30, 13:30-17:00"}.
"""

from __future__ import annotations

from typing import Any, ClassVar

from babel import Locale
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.calendars.public import places
from kith.kernel.calendars.span import parse_span
from kith.kernel.calendars.windows import DAYS, read_week, read_windows, runs, say_week, say_windows
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Kind, Operator, Text
from kith.kernel.kinds.number import locale_code
from kith.kernel.text import clean_text, fold

LONGEST_TEXT = 2_000  # characters of a week in words


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
            if words := say_windows(hours_of_day(value.get(day), day_names()[day])):
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


def hours_of_day(words: Any, where: str) -> tuple[tuple[int, int], ...]:
    """Windows from the words of one day; refusals begin with that day's name."""
    if words is None:
        return ()
    if not isinstance(words, str) or len(words) > 300:
        raise Invalid(__("%s: write the hours as 09:00-12:30, 13:30-17:00, or nothing when it is closed.") % where)
    try:
        return read_windows(clean_text(words))
    except Invalid as problem:
        raise Invalid(f"{where}: {problem.message}") from None


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
