"""Keeping the sums of the map: journeys whose story changed are judged again, and what changed for them is added.

Figures are as of the last count, a minute ago at most; figures and the lists behind them change in one transaction, so
they always agree. A count may run twice, and `rebuild` makes everything again from the stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from kith.kernel.organisation.models import current
from kith.process.definition.document import read
from kith.process.evidence.models import Counted, Counting, Passage, Touched
from kith.process.evidence.passages import COLUMNS, MAKE, TRAILS, Versions, Ways
from kith.process.evidence.workhours import fingerprint, hours
from kith.process.models import Journey, Stay, Version

AT_ONCE = 50_000  # journeys in one transaction
LOCK = 7_211_640_155  # one count at a time; any number that nothing else uses

# The cells of a row of `Passage`.
CELLS = """LATERAL (
        VALUES ('came', stage, '', '', true), ('on', stage, '', '', "on"), ('left', stage, '', '', "left"),
               ('here', stage, '', '', here), ('due', stage, '', '', due), ('late', stage, '', '', late),
               ('time', stage, took::text, '', took IS NOT NULL), ('work', stage, worked::text, '', worked IS NOT NULL),
               ('move', '', stage, began, began <> '')
        UNION ALL SELECT 'move', stage, split_part(w, ':', 1), split_part(w, ':', 2), true FROM unnest(went) AS w
    ) AS cell (what, stage, "to", kind, holds)"""

_ROW = 'process_id, day, segment, stage, "on", "left", here, due, late, took, worked, went, began'
# Add up the cells of rows with a sign, by day and by month.
_ADD = f"""
WITH rows AS (%s), cells AS (
    SELECT process_id, day, segment, what, cell.stage, "to", kind, sum(sign) AS n
    FROM rows, {CELLS}
    WHERE holds GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(sign) <> 0
)
INSERT INTO process_counted AS c (process_id, monthly, day, segment, what, stage, "to", kind, n)
SELECT process_id, monthly, first, segment, what, stage, "to", kind, sum(n)
FROM cells, LATERAL (VALUES (false, day), (true, date_trunc('month', day)::date)) AS span (monthly, first)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(n) <> 0
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
ON CONFLICT (process_id, monthly, day, segment, what, stage, "to", kind) DO UPDATE SET n = c.n + EXCLUDED.n
"""  # noqa: S608 - made of the constants above
# What changed: the new rows less the old ones.
_CHANGED = f"""
    SELECT 1 AS sign, {_ROW} FROM evidence_passage
    UNION ALL SELECT -1, {_ROW} FROM process_passage WHERE journey_id = ANY(%(ids)s)
"""  # noqa: S608 - made of the constants above
_DELTA = _ADD % _CHANGED
_ALL = _ADD % f"SELECT 1 AS sign, {_ROW} FROM process_passage"  # noqa: S608


def touch(journeys: Iterable[int]) -> None:
    """Remember that the story of these journeys changed. One insert, in the transaction that writes their events."""
    Touched.objects.bulk_create([Touched(journey=pk) for pk in sorted(set(journeys))])


def refresh(now: dt.datetime | None = None) -> int:
    """Count again what changed since the last time, and promises that broke by themselves; how many journeys it was.

    Running it twice, or twice at once, changes nothing the second time. Days begin on the organisation's clock; when that
    was changed, or the working hours of a process were, everything is counted again.
    """
    done = 0
    while n := _count_some(now or timezone.now()):
        done += n
    return done


def _count_some(now: dt.datetime) -> int:
    with transaction.atomic():
        _lock()
        if _clock_changed():  # asked in here: whoever waited finds everything counted already
            return _count_all(now)
        ids = _take(now)
        _recount(ids, now)
    return len(ids)


def rebuild(now: dt.datetime | None = None) -> int:
    """Make everything again from the stays of all journeys, so many at a time; how many journeys it was."""
    with transaction.atomic():
        _lock()
        return _count_all(now or timezone.now())


def _count_all(now: dt.datetime) -> int:
    """Caller holds the lock."""
    Counted.objects.all().delete()
    Passage.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM process_trail")
    Counting.objects.update_or_create(
        pk=1, defaults={"zone": current().time_zone, "hours": fingerprint(), "counted_at": None}
    )
    Touched.objects.all().delete()
    done = 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        for ids in _all_in_parts():
            _keep(cursor, ids, now)
            done += len(ids)
        cursor.execute(_ALL)
        cursor.execute("ANALYZE process_counted, process_passage, process_trail")  # plans follow what was just written
    Counting.objects.filter(pk=1).update(counted_at=now)
    return done


def _all_in_parts() -> Iterator[list[int]]:
    last = 0
    while ids := list(Journey.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        yield ids
        last = ids[-1]


def _clock_changed() -> bool:
    state = Counting.objects.filter(pk=1).first()
    return state is None or (state.zone, state.hours) != (current().time_zone, fingerprint())


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _take(now: dt.datetime) -> list[int]:
    """The journeys to count again, taken off the list; those whose promise broke meanwhile among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM process_touched WHERE id IN (SELECT id FROM process_touched ORDER BY id LIMIT %s) RETURNING journey",
            [AT_ONCE],
        )
        ids = {pk for (pk,) in cursor.fetchall()}
        cursor.execute(
            "SELECT journey_id FROM process_passage WHERE NOT late AND late_from < %s LIMIT %s",
            [now, AT_ONCE - len(ids)],
        )
        return sorted(ids | {pk for (pk,) in cursor.fetchall()})


def _recount(ids: list[int], now: dt.datetime) -> None:
    """The passages, paths and sums of these journeys as they are now. Caller holds the lock."""
    if ids:
        with connection.cursor() as cursor:
            _keep(cursor, ids, now, add=True)
    Counting.objects.filter(pk=1).update(counted_at=now)


def _keep(cursor: Any, ids: list[int], now: dt.datetime, *, add: bool = False) -> None:
    """Passages and paths of these journeys in place of the old ones; with `add`, what changed goes into the sums."""
    make(cursor, ids, now)
    if add:
        cursor.execute(_DELTA, {"ids": ids})
    cursor.execute("DELETE FROM process_passage WHERE journey_id = ANY(%s)", [ids])
    cursor.execute("DELETE FROM process_trail WHERE journey_id = ANY(%s)", [ids])
    cursor.execute(f"INSERT INTO process_passage ({COLUMNS}) SELECT {COLUMNS} FROM evidence_passage")  # noqa: S608
    cursor.execute(TRAILS)
    cursor.execute("DROP TABLE evidence_passage")


def make(cursor: Any, ids: list[int], now: dt.datetime) -> None:
    """Fill the temporary table `evidence_passage` with the passages of these journeys."""
    zone = current().time_zone
    ways = Ways.of(versions(), Journey.objects.values_list("segment", flat=True).distinct().order_by())
    since = Stay.objects.filter(journey__in=ids).aggregate(first=Min("entered_at"))["first"] or now
    cursor.execute(MAKE, {**ways.parameters(), **hours(min(since, now), now), "ids": ids, "now": now, "zone": zone})
    cursor.execute("ANALYZE evidence_passage")


def versions() -> Versions:
    """Every published version of every process, by process and number."""
    rows = Version.objects.filter(number__isnull=False).values_list("process_id", "number", "document")
    return {(process, number): read(document) for process, number, document in rows if number is not None}


def as_of() -> dt.datetime | None:
    """When figures were counted last; None before the first time."""
    return Counting.objects.filter(pk=1).values_list("counted_at", flat=True).first()
