"""Speed to lead for programs and the terminal: the figures of its page, of a period where one is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from kith.capture import measures
from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import Condition, Group
from kith.kernel.records.registry import registry

MOST_LATE = 1000


def speed_json(actor: Actor, since: dt.date | None = None, until: dt.date | None = None) -> dict[str, Any]:
    """Who waits longer than was promised is told as it is now; the figures are of those who came from `since` to `until`,
    both included. Five queries."""
    record, now, when = registry["lead_clock"], timezone.now(), _within(since, until)
    clocks = record.rows(actor)
    came = compile_tree(record, Group("all", when), actor).apply(clocks)
    overdue = measures.overdue(clocks, now)
    late = [_late(one) for one in measures.how_late(overdue[:MOST_LATE], now)]
    return {
        "from": since and since.isoformat(), "to": until and until.isoformat(), "late": late,
        "late_count": len(late) if len(late) < MOST_LATE else overdue.count(), "in_time_count": measures.in_time(clocks, now).count(),
        "sources": [
            {"through": one["through"], "source": one["source"], "target_minutes": one["target_minutes"], **_figures(one)}
            for one in measures.by_source(came, *when)
        ],
        "months": [{"month": one["month"].strftime("%Y-%m"), **_figures(one)} for one in measures.by_month(came, *when)],
    }  # fmt: skip


def _within(since: dt.date | None, until: dt.date | None) -> tuple[Condition, ...]:
    first = (Condition("started_at", "since", (since.isoformat(),)),) if since else ()
    last = (
        (Condition("started_at", "before", ((until + dt.timedelta(days=1)).isoformat(),)),)
        if until and until < dt.date.max
        else ()
    )
    return (*first, *last)


def _late(one: dict[str, Any]) -> dict[str, Any]:
    clock = one["clock"]
    owner = clock.person.owner
    return {
        "clock": clock.pk, "person": {"id": clock.person_id, "name": clock.person.name}, "through": clock.through,
        "source": clock.source, "target_minutes": clock.target_minutes, "owner": owner and {"id": owner.pk, "name": owner.name}, "started_at": clock.started_at.isoformat(),
        "due_at": clock.due_at.isoformat(), "waited_minutes": _minutes(one["waited"]), "over_minutes": _minutes(one["over"]),
    }  # fmt: skip


def _minutes(span: dt.timedelta) -> int:
    return int(span.total_seconds() // 60)


def _figures(one: dict[str, Any]) -> dict[str, Any]:
    """`median_minutes` and `ninety_percent_minutes` are of those who were answered; None where nobody was."""
    return {
        "came": one["came"], "answered": one["answered"], "within": one["within"], "median_minutes": one["median"],
        "ninety_percent_minutes": one["most"], "rows": one["rows"],
    }  # fmt: skip


def speed_lines(told: dict[str, Any]) -> Iterator[str]:
    """The same for people at a terminal."""
    yield f"{told['late_count']} wait longer than promised, {told['in_time_count']} within their time."
    for one in told["late"]:
        owner = one["owner"]["name"] if one["owner"] else "nobody"
        yield f"  {one['person']['name']} ({one['source'] or one['through'] or 'no source'}): {one['over_minutes']} min over, waits {one['waited_minutes']} of {one['target_minutes']} min; {owner}"
    if told["late_count"] > len(told["late"]):
        yield f"  and {told['late_count'] - len(told['late'])} more"
    yield from _table("Source", ((one["source"] or one["through"] or "no source", one) for one in told["sources"]))
    yield from _table("Month", ((one["month"], one) for one in told["months"]))


def _table(head: str, rows: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    yield ""
    yield f"{head:<40} {'came':>7} {'answered':>9} {'in time':>8} {'median':>8} {'90 %':>8} {'target':>9}"
    for name, one in rows:
        median, most = (
            "–" if one[key] is None else f"{one[key]:.0f} min" for key in ("median_minutes", "ninety_percent_minutes")
        )
        target = f"{one['target_minutes']} min" if "target_minutes" in one else ""
        yield f"{name[:40]:<40} {one['came']:>7} {one['answered']:>9} {one['within']:>8} {median:>8} {most:>8} {target:>9}".rstrip()
