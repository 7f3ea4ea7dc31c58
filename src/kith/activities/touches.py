"""The last touch of people, companies and deals: the latest call or meeting that took place, or mail that went.

A conversation that is written down moves it forward. One that turns out not to have been (taken back, put away, opened
again, moved to another day or row) gives way to the one before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection

from kith.activities.models import Activity, ActivityKind, MessageState
from kith.activities.nextsteps import refs_of
from kith.kernel.records.registry import registry
from kith.kernel.timeline.followup import Ref, touch

TALKS = (ActivityKind.CALL, ActivityKind.MEETING)  # talking to each other; a note or a task is not
WENT = (MessageState.SENT, MessageState.RECEIVED)
Moments = dict[Ref, dt.datetime]


def follow(pairs: Iterable[tuple[Activity | None, Activity]]) -> None:
    """Keep last touches right after activities were written, given as (before or None, after)."""
    forward: Moments = {}
    gone: Moments = {}
    for old, row in pairs:
        before, after = touched_by(old), touched_by(row)
        gone |= {ref: max(at, gone.get(ref, at)) for ref, at in before.items() if after.get(ref) != at}
        forward |= {ref: max(at, forward.get(ref, at)) for ref, at in after.items() if before.get(ref) != at}
    if gone:
        _withdraw(gone)
    if forward:
        touch(forward)


def touched_by(activity: Activity | None) -> Moments:
    """The rows that an activity touched, and when; none unless it was a conversation that took place."""
    if activity is None or activity.kind not in TALKS or not activity.done_at or activity.archived_at:
        return {}
    at = min(activity.due_at or activity.done_at, activity.done_at)
    return dict.fromkeys(refs_of(activity), at)


def _withdraw(moments: Moments) -> None:
    """Rows whose last touch is one of these moments have the one before it, if there is one. One statement per type."""
    by_type: dict[str, list[tuple[int, dt.datetime]]] = {}
    for (record, pk), at in moments.items():
        by_type.setdefault(record, []).append((pk, at))
    for record, rows in by_type.items():
        rows.sort()  # locked in order of id, so that two writers cannot lock each other out
        table = registry[record].model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH given AS (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS g (id, at)),
                locked AS MATERIALIZED (
                    SELECT t.id FROM {table} t JOIN given ON given.id = t.id AND given.at = t.last_touch_at
                    ORDER BY t.id FOR UPDATE OF t)
                UPDATE {table} t SET last_touch_at = (
                    SELECT max(at) FROM (
                        SELECT least(due_at, done_at) AS at FROM activities_activity a
                        WHERE a.{record}_id = t.id AND a.kind = ANY(%s) AND a.done_at IS NOT NULL AND a.archived_at IS NULL
                        UNION ALL
                        SELECT m.at FROM activities_message m JOIN activities_thread h ON h.id = m.thread_id
                        WHERE h.{record}_id = t.id AND m.state = ANY(%s)) AS talks)
                FROM locked WHERE locked.id = t.id
                """,  # noqa: S608  table and column come from the registry, never from a person
                [[pk for pk, _at in rows], [at for _pk, at in rows], [str(k) for k in TALKS], [str(s) for s in WENT]],
            )
