"""When the steps of a plan are due: a span after what they wait for, in business time. Pure: no database.

What is done counts from the day it was done; what should be done and is not pushes on with every day that passes, since
nothing that waits for it can begin before tomorrow's today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.span import parse_span
from kith.kernel.errors import Invalid

NOON = dt.time(12)


@dataclass(frozen=True)
class Node:
    """A step as far as dates go. `after`: keys it waits for; `within`: a span in words, "" for the same day; `ended_on`:
    when it was done or skipped."""

    key: str
    after: tuple[str, ...] = ()
    within: str = ""
    fixed_on: dt.date | None = None
    ended_on: dt.date | None = None


def later(day: dt.date, within: str, calendar: Calendar) -> dt.date:
    """The day that a span leads to from `day`. Raises Invalid for words that are no span."""
    if not within:
        return day
    return (
        parse_span(within)
        .after(dt.datetime.combine(day, NOON, calendar.zone), calendar)
        .astimezone(calendar.zone)
        .date()
    )


def in_order(nodes: Iterable[Any]) -> list[Any]:
    """The steps so that each comes after what it waits for, otherwise as they came. Keys that no step has are passed over.
    Raises Invalid where steps wait for each other in a circle."""
    left = list(nodes)
    keys, told, out = {one.key for one in left}, set(), []
    while left:
        ready = [one for one in left if not ({*one.after} & keys) - told]
        if not ready:
            names = ", ".join(one.key for one in left)
            raise Invalid(
                _("These steps wait for each other in a circle: %s. Let one of them begin by itself.") % names, "after"
            )
        out += ready
        told |= {one.key for one in ready}
        left = [one for one in left if one not in ready]
    return out


def schedule(nodes: Iterable[Node], signed_on: dt.date, today: dt.date, calendar: Calendar) -> dict[str, dt.date]:
    """{key: the day it is due}. Raises Invalid for circles and for words that are no span."""
    due: dict[str, dt.date] = {}
    ends: dict[str, dt.date] = {}
    for one in in_order(nodes):
        begins = max((ends[key] for key in one.after if key in ends), default=signed_on)
        due[one.key] = one.fixed_on or later(begins, one.within, calendar)
        ends[one.key] = one.ended_on or max(due[one.key], today)
    return due


def end_of(nodes: Iterable[Node], due: Mapping[str, dt.date], today: dt.date) -> dt.date | None:
    """The day on which the last of them is, or will be, done."""
    return max((one.ended_on or max(due[one.key], today) for one in nodes), default=None)
