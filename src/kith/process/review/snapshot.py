"""The figures of a process over some days, frozen as plain JSON: what a review compares and what it keeps.

{"since", "until": days, both included; "days": how many; "version": in force; "made_at": moment;
 "began": relationships that began; "won": came to the stage where customers are won (`goal`);
 "customers", "kept": how many were customers when these days began, and how many of them still are when they end;
 "stages": {key: {"place" (in the process, from 0), "name", "step", "entered", "done", "skipped", "ended", "here", "due", "late", "median", "p90"}}}

A stage counts those who first came to it in these days; `skipped` those who went past it in them. Times are seconds, None
where nothing was counted. Two snapshots of as many days, each made when its days had just ended, know as much about their
last comers, so that their shares can be compared.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.db import connection
from django.utils import timezone

from kith.kernel.organisation.models import current
from kith.kernel.zones import zone
from kith.process.definition.shape import Definition
from kith.process.evidence.decisions import goal_of
from kith.process.evidence.flow import Flow, StageFigures, flow
from kith.process.evidence.reading import counted
from kith.process.evidence.walks import JOINED, SKIP
from kith.process.models import Process
from kith.process.versions import definition_of

Snapshot = dict[str, Any]

# Customers when the days began: they came to the goal before, and had not ended. Kept: have not ended, but well, by their end.
_KEPT = """
SELECT count(*), count(*) FILTER (WHERE j.closed_at IS NULL OR j.closed_at >= %(until)s OR j.outcome IN ('', %(joined)s))
FROM process_passage p JOIN process_journey j ON j.id = p.journey_id
WHERE p.process_id = %(process)s AND p.stage = %(goal)s AND p.came_at < %(since)s
  AND (j.closed_at IS NULL OR j.closed_at >= %(since)s)
"""


def figures(process: Process, until: dt.date, days: int, now: dt.datetime | None = None) -> Snapshot:
    """The figures of the `days` days that end with `until`, from the maintained sums as of the last count. Two queries,
    and one for each segment where a stage is only for some."""
    definition = definition_of(process.pk, process.in_force or 0)
    since = until - dt.timedelta(days - 1)
    found = flow(counted(process.pk, since, until))
    goal = goal_of(definition)
    customers, kept = _customers(process.pk, goal, since, until)
    return {
        "since": since.isoformat(), "until": until.isoformat(), "days": days, "version": process.in_force,
        "made_at": (now or timezone.now()).isoformat(), "goal": goal,
        "began": sum(arc.count for arc in found.arcs if not arc.of),
        "won": found.stages[goal].came if goal in found.stages else 0, "customers": customers, "kept": kept,
        "stages": stages(definition, found, _missed(process.pk, definition, found, since, until)),
    }  # fmt: skip


def _missed(process: int, definition: Definition, found: Flow, since: dt.date, until: dt.date) -> Counter[str]:
    """{stage: how many of those for whom it is meant went past it}."""
    if not any(stage.only for stage in definition.stages):
        return skipped(definition, found)
    out: Counter[str] = Counter()
    for key in ("", *(s.key for s in definition.segments)):
        out += skipped(definition, flow(counted(process, since, until, [key])), key)
    return out


def stages(definition: Definition, found: Flow, missed: Counter[str]) -> dict[str, dict[str, Any]]:
    """What is kept of each stage of the definition, in its order."""
    out = {}
    for stage in definition.stages:
        f = found.stages.get(stage.key, StageFigures(stage.key))
        out[stage.key] = {
            "place": definition.order[stage.key], "name": stage.name, "step": stage.step, "entered": f.came, "done": f.on, "skipped": missed[stage.key],
            "ended": f.left, "here": f.here, "due": f.due, "late": f.late, "median": f.median, "p90": f.p90,
        }  # fmt: skip
    return out


def in_order(snapshot: Snapshot) -> list[tuple[str, dict[str, Any]]]:
    """(key, figures) of its stages in the order of the process, which JSON does not keep."""
    found: dict[str, dict[str, Any]] = snapshot["stages"]
    return sorted(found.items(), key=lambda one: one[1]["place"])


def skipped(definition: Definition, found: Flow, segment: str = "") -> Counter[str]:
    """{stage: how many of this segment went past it}, by the arcs of their map."""
    out: Counter[str] = Counter()
    for arc in found.arcs:
        if arc.kind == SKIP and arc.to in definition.order and (not arc.of or arc.of in definition.order):
            first = arc.of or ""
            for key in definition.skipped(first, arc.to, segment):
                out[key] += arc.count
    return out


def _customers(process: int, goal: str, since: dt.date, until: dt.date) -> tuple[int, int]:
    at = (midnight(since), midnight(until + dt.timedelta(1)))
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"process": process, "goal": goal, "since": at[0], "until": at[1], "joined": JOINED})
        customers, kept = cursor.fetchone()
    return int(customers), int(kept)


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins on the organisation's clock, by which days are counted."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone(current().time_zone))


def today(now: dt.datetime | None = None) -> dt.date:
    """Which day it is on the organisation's clock."""
    return (now or timezone.now()).astimezone(zone(current().time_zone)).date()
