"""Figures of how long people waited: who waits too long now, median and nine in ten by source and month. Each figure has the
address of the clocks it is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Aggregate, Count, DateTimeField, F, FloatField, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from kith.capture.ways import WAYS
from kith.kernel.access.actor import Actor
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.lookups.tree import Condition, Group, to_text
from kith.kernel.records.registry import registry

LATE_SHOWN, SOURCES_SHOWN, MONTHS = 50, 50, 12
CLOCKS = "/lead-clocks/"


class Percentile(Aggregate):
    """percentile_cont of a column within its group."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"


def _figures() -> dict[str, Any]:
    return {
        "came": Count("pk"), "answered": Count("reached_at"), "within": Count("pk", filter=Q(minutes__lte=F("target_minutes"))),
        "median": Percentile(F("minutes"), share=0.5, output_field=FloatField()),
        "most": Percentile(F("minutes"), share=0.9, output_field=FloatField()),
    }  # fmt: skip


def speed(actor: Actor) -> dict[str, Any]:
    """What the page shows; four queries."""
    clocks, now = registry["lead_clock"].rows(actor), timezone.now()
    late, sources = overdue(clocks, now)[: LATE_SHOWN + 1], by_source(clocks)
    return {
        "late": how_late(late[:LATE_SHOWN], now), "more": len(late) > LATE_SHOWN, "waits": in_time(clocks, now).count(),
        "by_source": sources[:SOURCES_SHOWN], "more_sources": len(sources[SOURCES_SHOWN:]), "by_month": by_month(clocks)[:MONTHS],
        "now": now,
    }  # fmt: skip


def overdue(clocks: Any, now: dt.datetime) -> Any:
    """Clocks of those who wait longer than was promised, the longest first."""
    running = clocks.filter(reached_at=None, person__archived_at=None, due_at__lt=now)
    return running.select_related("person__owner").order_by("due_at", "pk")


def in_time(clocks: Any, now: dt.datetime) -> Any:
    """Clocks of those who wait, and were not promised an answer by now."""
    return clocks.filter(reached_at=None, person__archived_at=None, due_at__gte=now)


def how_late(clocks: Iterable[Any], now: dt.datetime) -> list[dict[str, Any]]:
    """Each with how long they wait, and how much of it is too long, in business time."""
    out = []
    for clock in clocks:
        calendar = calendar_of(clock.calendar_id)
        waited, over = (calendar.between(since, now) for since in (clock.started_at, clock.due_at))
        out.append({"clock": clock, "way": way_of(clock.through, clock.source), "waited": waited, "over": over})
    return out


def way_of(through: str, source: str) -> str:
    """What people call where somebody came from."""
    return source or str(WAYS.get(through, through))


def by_source(clocks: Any, *when: Condition) -> list[dict[str, Any]]:
    """One line for each way, source and target, those with most first. when: the conditions by which the clocks were chosen."""
    keys = ("through", "source", "target_minutes")
    found = clocks.values(*keys).annotate(**_figures()).order_by("-came", "source", "through", "target_minutes")
    return [
        one | {"way": way_of(one["through"], one["source"])} | _addresses(*when, *(_is(key, one[key]) for key in keys))
        for one in found
    ]  # fmt: skip


def by_month(clocks: Any, *when: Condition) -> list[dict[str, Any]]:
    """One line for each month that people came in, the newest first."""
    months = clocks.annotate(month=TruncMonth("started_at", output_field=DateTimeField())).values("month")
    return [one | _addresses(*when, _within(one["month"])) for one in months.annotate(**_figures()).order_by("-month")]


def _is(column: str, value: Any) -> Condition:
    return Condition(column, "is", (str(value),)) if value != "" else Condition(column, "empty")


def _within(month: dt.datetime) -> Condition:
    last = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return Condition("started_at", "between", (month.date().isoformat(), last.date().isoformat()))


def _addresses(*parts: Condition) -> dict[str, str]:
    """Where the rows of a line's figures stand: all who came, who were answered, and who were in time."""
    more = {
        "rows": (),
        "answered_rows": (Condition("reached_at", "filled"),),
        "within_rows": (Condition("in_time", "is", ("1",)),),
    }
    return {
        key: f"{CLOCKS}?{urlencode({'filter': to_text(Group('all', (*parts, *one)))})}" for key, one in more.items()
    }
