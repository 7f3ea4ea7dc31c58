"""The working hours of each process, for counting how much of a stay was working time: as columns for the database, and as a
mark by which it is known that they changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.errors import NotFound
from kith.process.clock import calendar_for
from kith.process.definition.document import read
from kith.process.models import Process, Version

YEARS = (2020, 2025, 2030)  # whose days off stand for those of all


def calendars() -> dict[int, Calendar]:
    """{process: the calendar of its version in force, else of its latest}; one that is gone is the default one."""
    force = dict(Process.objects.values_list("pk", "in_force"))
    out: dict[int, Calendar] = {}
    rows = Version.objects.filter(number__isnull=False).order_by("number")
    for process, number, document in rows.values_list("process_id", "number", "document"):
        if process not in out or number <= (force.get(process) or number):
            out[process] = _calendar(document)
    return out


def _calendar(document: Any) -> Calendar:
    try:
        return calendar_for(read(document))
    except NotFound:
        return calendar_of()


def hours(first: dt.datetime, last: dt.datetime) -> dict[str, Any]:
    """The open stretches of each process between two moments, as parameters of `passages.MAKE`."""
    lines = {process: calendar.line(first, last) for process, calendar in calendars().items()}
    columns = {name: [_array(getattr(line, name)) for line in lines.values()] for name in ("opens", "closes", "before")}
    return {"c_process": list(lines), **{f"c_{name}": some for name, some in columns.items()}}


def _array(stamps: list[int]) -> str:
    return "{" + ",".join(map(str, stamps)) + "}"


def fingerprint() -> str:
    """Changes with the hours of any process."""
    told = [
        (process, str(one.zone), one.week, sorted(one.extra.items()), [sorted(one.days_off(year)) for year in YEARS])
        for process, one in sorted(calendars().items())
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()
