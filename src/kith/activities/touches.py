"""The last touch of people, companies and deals: the latest call or meeting that took place, or mail that went.

A conversation that is written down moves it forward. One that turns out not to have been (taken back, put away, opened
again, moved to another day or row) gives way to the one before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection

from kith.activities.models import Activity, ActivityKind, MessageState
from kith.activities.nextsteps import in_chunks, refs_of
from kith.kernel.records.registry import registry
from kith.kernel.timeline.followup import Ref, keeps_followed, touch, touches_written

TALKS = (ActivityKind.CALL, ActivityKind.MEETING)  # talking to each other; a note or a task is not
WENT = (MessageState.SENT, MessageState.RECEIVED)
Moments = dict[Ref, dt.datetime]


def follow(pairs: Iterable[tuple[Activity | None, Activity]]) -> None:
    """Keep last touches right after activities were written, given as (before or None, after)."""
    forward: Moments = {}
    gone: set[Ref] = set()
    for old, row in pairs:
        before, after = touched_by(old), touched_by(row)
        gone |= {ref for ref, at in before.items() if after.get(ref) != at}
        forward |= {ref: max(at, forward.get(ref, at)) for ref, at in after.items() if before.get(ref) != at}
    if gone:
        afresh(gone)
    if forward:
        touch(forward)


def touched_by(activity: Activity | None) -> Moments:
    """The rows that an activity touched, and when; none unless it was a conversation that took place."""
    if activity is None or activity.kind not in TALKS or not activity.done_at or activity.archived_at:
        return {}
    at = min(activity.due_at or activity.done_at, activity.done_at)
    return dict.fromkeys(refs_of(activity), at)


@keeps_followed
def afresh(refs: Iterable[Ref]) -> None:
    """Work the last touches of these rows out from what took place: one statement per record type and thousand rows."""
    every = list(refs)
    for record, pks in in_chunks(every):
        _write(record, pks)
    touches_written(every)


def _write(record: str, pks: list[int]) -> None:
    table = registry[record].model._meta.db_table
    with connection.cursor() as cursor:
        # Rows are locked in order of id, so that two writers cannot lock each other out; unchanged rows stay untouched.
        cursor.execute(
            f"""
            WITH locked AS MATERIALIZED (SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE),
            talked AS (
              SELECT l.id, (SELECT max(at) FROM (
                SELECT least(due_at, done_at) AS at FROM activities_activity
                WHERE {record}_id = l.id AND kind = ANY(%s) AND done_at IS NOT NULL AND archived_at IS NULL
                UNION ALL
                SELECT m.at FROM activities_message m JOIN activities_thread h ON h.id = m.thread_id
                WHERE h.{record}_id = l.id AND m.state = ANY(%s)) AS talks) AS at
              FROM locked l)
            UPDATE {table} t SET last_touch_at = talked.at FROM talked
            WHERE t.id = talked.id AND t.last_touch_at IS DISTINCT FROM talked.at
            """,  # noqa: S608  table and column come from the registry, never from a person
            [pks, [str(kind) for kind in TALKS], [str(state) for state in WENT]],
        )
