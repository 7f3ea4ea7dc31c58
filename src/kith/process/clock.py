"""When a stage is to be left: spans in the words of a definition, counted in business time from the moment of entry."""

from __future__ import annotations

import datetime as dt

from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.queries import calendar_called
from kith.kernel.calendars.span import Span, parse_span
from kith.process.definition.shape import Definition, Stage


def read_span(words: str) -> Span | None:
    """The span that these words say; None for none. Raises Invalid."""
    return parse_span(words) if words else None


def calendar_for(definition: Definition) -> Calendar:
    """The calendar that a process counts in. Raises NotFound where its name means none."""
    return calendar_called(definition.calendar)


def due(definition: Definition, stage: Stage, segment: str, entered: dt.datetime) -> dt.datetime | None:
    """When a journey that entered this stage then is to leave it; None when it may stay as long as it takes."""
    span = read_span(stage.span(segment))
    return span.after(entered, calendar_for(definition)) if span else None


def warns(definition: Definition, stage: Stage, due_at: dt.datetime | None) -> dt.datetime | None:
    """When its owner is warned that it will be due."""
    span = read_span(stage.warn)
    return span.before(due_at, calendar_for(definition)) if span and due_at else None
