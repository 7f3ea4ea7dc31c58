"""The audit: every journey judged against the versions that held, and where the time is lost.

Most journeys went like many others. The database puts alike ones together (same segment, steps, versions, promises, end),
each sort is judged once by `conformance.judge` and counted as often as it occurs, so a million journeys take seconds and
little memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from kith.process.definition.shape import Definition
from kith.process.evidence.conformance import Conformance, judge
from kith.process.evidence.counting import versions
from kith.process.evidence.flow import Flow, flow
from kith.process.evidence.reading import counted
from kith.process.evidence.walks import JOINED, Step, Walk
from kith.process.models import Process

BEGAN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
SOON = dt.timedelta(seconds=1)

# One line for each sort of journey. A step is "stage@version", with "!" where its promise was broken.
_SORTS = """
SELECT segment, ended, came_over, walked, count(*) FROM (
    SELECT j.segment, j.came_over, CASE WHEN j.closed_at IS NULL THEN '' WHEN j.outcome IN ('', %(joined)s) THEN 'well' ELSE 'lost' END AS ended,
           string_agg(s.stage || '@' || s.held_to ||
                      CASE WHEN s.due_at < coalesce(s.left_at, j.closed_at, %(now)s) THEN '!' ELSE '' END,
                      '>' ORDER BY s.entered_at, s.id) AS walked
    FROM process_journey j JOIN process_stay s ON s.journey_id = j.id
    WHERE j.process_id = %(process)s AND j.archived_at IS NULL AND (%(since)s::timestamptz IS NULL OR j.opened_at >= %(since)s)
    GROUP BY j.id
) one GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Bottleneck:
    """A stage where journeys wait or promises break. Times in seconds, `broken` 0 to 1; None where nothing was counted."""

    stage: str
    name: str
    median: float | None
    p90: float | None
    due: int
    late: int
    here: int

    @property
    def broken(self) -> float | None:
        return self.late / self.due if self.due else None


@dataclass(frozen=True)
class Audit:
    """One process. `sorts` is how many different ways were judged; bottlenecks stand with most broken promises first."""

    process: str
    name: str
    definition: Definition
    since: dt.date | None
    found: Conformance
    sorts: int
    bottlenecks: list[Bottleneck]


def audit(process: Process, since: dt.datetime | None = None, now: dt.datetime | None = None) -> Audit:
    """Every journey of the process that was opened since then. Reads as the machine: rows are counted, none is shown.

    Bottlenecks are of the journeys that came to a stage since that day, as of the last count.
    """
    held = {number: definition for (pk, number), definition in versions().items() if pk == process.pk}
    latest = held[process.in_force] if process.in_force in held else held[max(held)]
    out, sorts = Conformance(), 0
    for walk, times in _sorts(process.pk, since, now or timezone.now()):
        out.add(judge(held, walk, BEGAN), times)
        sorts += 1
    day = None if since is None else since.date()
    return Audit(
        process.key, process.name, latest, day, out, sorts, bottlenecks(latest, flow(counted(process.pk, day)))
    )


def bottlenecks(definition: Definition, found: Flow) -> list[Bottleneck]:
    """Stages somebody came to, those with most broken promises first, then those where half of all stay longest."""
    rows = [
        Bottleneck(key, definition.by_key[key].name, s.median, s.p90, s.due, s.late, s.here)
        for key, s in found.stages.items()
        if key in definition.by_key
    ]
    return sorted(rows, key=lambda b: (-b.late, -(b.median or 0), b.stage))


def _sorts(process: int, since: dt.datetime | None, now: dt.datetime) -> Iterator[tuple[Walk, int]]:
    """Each sort of journey as a walk that is judged as they are, and how many there are of it. A few at a time."""
    with transaction.atomic(), connection.cursor() as setting:
        setting.execute(
            "SET LOCAL work_mem = '128MB'"
        )  # sorting millions of steps in pieces of 4 MB takes twice as long
        with connection.connection.cursor(name="kith_audit") as cursor:
            cursor.itersize = 5_000
            cursor.execute(_SORTS, {"process": process, "since": since, "now": now, "joined": JOINED})
            for segment, ended, came_over, walked, times in cursor:
                yield _walk(segment, ended, came_over, walked), times


def _walk(segment: str, ended: str, came_over: bool, walked: str) -> Walk:
    """Moments are made up: only their order and what they broke is known here."""
    steps = []
    for n, word in enumerate(walked.split(">")):
        stage, _at, version = word.rstrip("!").partition("@")
        at = BEGAN - dt.timedelta(days=1) + n * SOON
        due = at if word.endswith("!") else None
        steps.append(Step(stage, at, at + SOON, due, int(version)))
    closed, outcome = BEGAN if ended else None, "lost" if ended == "lost" else ""
    return Walk(0, segment, tuple(steps), steps[0].entered, closed, outcome, came_over=came_over)
