"""Lengths of time in a workflow: spans as people say them (`kernel/calendars/span.py`), before or after a moment.

Business spans pass only while the organisation's default calendar is open; days and weeks keep the time of day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.span import Span, parse_span
from kith.kernel.errors import Invalid


@dataclass(frozen=True)
class Length:
    """`sign` is -1 for one that leads back; without a span it is no time at all."""

    span: Span | None
    sign: int = 1

    def after(self, moment: dt.datetime, calendar: Calendar | None = None) -> dt.datetime:
        """The moment this much later, or earlier when it leads back; aware. None: the organisation's calendar."""
        if self.span is None:
            return moment
        calendar = calendar or calendar_of()
        return self.span.after(moment, calendar) if self.sign > 0 else self.span.before(moment, calendar)

    def back(self) -> Length:
        """The same way in the other direction."""
        return replace(self, sign=-self.sign)

    @property
    def business(self) -> bool:
        return self.span is not None and self.span.business

    def say(self) -> str:
        """ "3 days" in the reader's language; the direction is left to the sentence around it."""
        return self.span.show() if self.span is not None else ""


def read_length(text: str) -> Length:
    """From words like "3 days" or "-2 business hours". Raises Invalid in words."""
    words = text.strip()
    sign = -1 if words.startswith(("-", "−")) else 1
    words = words.lstrip("-−+ ")
    return Length(None if words.split(" ")[0] == "0" else parse_span(words), sign)


def is_length(text: str) -> bool:
    try:
        return read_length(text).span is not None
    except Invalid:
        return False
