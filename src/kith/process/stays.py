"""Keeping `Stay` in step with the events that tell where a journey stands: they are made again from the events of the
journeys concerned, right after these are written, and again when an operation is taken back. A move that was undone never
happened; a move that was dated back stands where it belongs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

ENTERS = ("journey.created", "journey.moved", "journey.reopened", "journey.version_changed")
LEAVES = ("journey.closed",)
TELLING = frozenset((*ENTERS, *LEAVES))

_VERBS = ", ".join(f"'{verb}'" for verb in sorted(TELLING))
_STAYS = f"""
    INSERT INTO process_stay (journey_id, stage, held_to, entered_at, left_at, due_at)
    SELECT journey_id, stage, held_to, entered_at, left_at, due_at
    FROM (
        SELECT e.record_id AS journey_id, e.payload->>'stage' AS stage, (e.payload->>'version')::int AS held_to,
               nullif(e.payload->>'due', '')::timestamptz AS due_at, e.at AS entered_at, e.id, e.verb,
               lead(e.at) OVER (PARTITION BY e.record_id ORDER BY e.at, e.id) AS left_at
        FROM timeline_event e {{source}}
        WHERE e.record = 'journey' AND e.verb IN ({_VERBS})
          AND (e.verb <> 'journey.version_changed' OR e.payload->>'stage' <> '')
          AND NOT EXISTS (SELECT 1 FROM timeline_operation o WHERE o.id = e.operation AND o.undone_at IS NOT NULL)
    ) told
    WHERE verb <> 'journey.closed'
    ORDER BY journey_id, entered_at, id
"""  # noqa: S608 - made of the constants above
_OF_SOME = (
    "JOIN timeline_eventlink l ON l.event_id = e.id AND l.record_id = e.record_id "
    "AND l.record = 'journey' AND l.record_id = ANY(%s)"
)


def follow(journeys: Iterable[int]) -> None:
    """Make the stays of these journeys again. Two statements, in the caller's transaction."""
    ids = sorted(set(journeys))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM process_stay WHERE journey_id = ANY(%s)", [ids])
        cursor.execute(_STAYS.format(source=_OF_SOME), [ids])


def rebuild() -> None:
    """Make all stays again from all events."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM process_stay")
        cursor.execute(_STAYS.format(source="JOIN process_journey j ON j.id = e.record_id"))
