"""Figures of how long people waited: who waits too long now, median and nine in ten by source and month. Each figure has the
address of the clocks it is made of."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Aggregate, Count, DateTimeField, F, FloatField, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.lookups.tree import Condition, Group, to_text
from kith.kernel.records.registry import registry

LATE_SHOWN, MONTHS = 50, 12
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
    clocks = registry["lead_clock"].rows(actor)
    now, calendar = timezone.now(), calendar_of()
    running = clocks.filter(reached_at=None, person__archived_at=None)
    late = list(running.filter(due_at__lt=now).select_related("person__owner").order_by("due_at")[: LATE_SHOWN + 1])
    told = [
        {"clock": clock, "waited": calendar.between(clock.started_at, now), "over": calendar.between(clock.due_at, now)}
        for clock in late[:LATE_SHOWN]
    ]
    waits = running.filter(due_at__gte=now).count()
    return {
        "late": told, "more": len(late) > LATE_SHOWN, "waits": waits, "by_source": by_source(clocks), "by_month": by_month(clocks),
        "now": now,
    }  # fmt: skip


def by_source(clocks: Any) -> list[dict[str, Any]]:
    """One line for each source, those with most first."""
    found = clocks.values("source", "target_minutes").annotate(**_figures()).order_by("-came", "source")[:50]
    return [
        one | _addresses(_is("source", one["source"]), _is("target_minutes", one["target_minutes"])) for one in found
    ]


def by_month(clocks: Any) -> list[dict[str, Any]]:
    """One line for each month that people came in, the newest first."""
    months = clocks.annotate(month=TruncMonth("started_at", output_field=DateTimeField())).values("month")
    return [
        one | _addresses(_within(one["month"])) for one in months.annotate(**_figures()).order_by("-month")[:MONTHS]
    ]


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
