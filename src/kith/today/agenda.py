"""Your day: what is booked between midnight and midnight, the free time between it, and where one is.

Free time stands between 8 and 18 from now on, where it is half an hour or longer. Pure: entries in, lines out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

OPENS, CLOSES = dt.time(8), dt.time(18)
LEAST = dt.timedelta(minutes=30)
QUARTER = 15


@dataclass(frozen=True)
class Booked:
    """A call or meeting with its end."""

    at: dt.datetime
    end: dt.datetime
    title: str
    small: str = ""
    href: str = ""


@dataclass(frozen=True)
class Line:
    """kind: "past", "booked", "free" or "now". `minutes`: how long it is."""

    kind: str
    at: dt.datetime
    title: str = ""
    small: str = ""
    href: str = ""
    minutes: int = 0


def lines(booked: Iterable[Booked], now: dt.datetime) -> list[Line]:
    """The day of `now` in the active time zone, in order."""
    entries = sorted(booked, key=lambda b: (b.at, b.end))
    found = [
        Line("past" if b.end <= now else "booked", b.at, b.title, b.small, b.href, int((b.end - b.at).total_seconds() // 60))
        for b in entries
    ]  # fmt: skip
    found += [Line("free", at, minutes=int(length.total_seconds() // 60)) for at, length in _free(entries, now)]
    found.append(Line("now", now))
    order = {"past": 0, "now": 1, "booked": 2, "free": 3}
    return sorted(found, key=lambda line: (line.at.replace(second=0, microsecond=0), order[line.kind]))


def _free(entries: list[Booked], now: dt.datetime) -> Iterable[tuple[dt.datetime, dt.timedelta]]:
    today = timezone.localtime(now).date()
    opens, closes = (timezone.make_aware(dt.datetime.combine(today, edge)) for edge in (OPENS, CLOSES))
    at = max(opens, _quarter(now))
    for entry in entries:
        if entry.at - at >= LEAST and entry.at <= closes:
            yield at, entry.at - at
        at = max(at, entry.end)
    if closes - at >= LEAST:
        yield at, closes - at


def _quarter(now: dt.datetime) -> dt.datetime:
    """The next quarter of an hour: free time that begins at 08:57 is no use."""
    local = timezone.localtime(now).replace(second=0, microsecond=0)
    return local + dt.timedelta(minutes=-local.minute % QUARTER)
