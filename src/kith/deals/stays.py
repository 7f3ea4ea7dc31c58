"""Keeping `Stay` in step with the events that tell of moves.

Every way of moving a deal ends in events, so the stays of the deals concerned are made again from their events right
after these are written, and again when an operation is taken back: one way for a board, an import with old dates and
an undo. A move that was undone never happened.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

ENTERS = {
    "deal.created": "stage_id", "deal.stage_moved": "new_id", "deal.pipeline_changed": "stage_id",
    "deal.reopened": "stage_id",
}  # fmt: skip
LEAVES = ("deal.won", "deal.lost")
TELLING = frozenset((*ENTERS, *LEAVES))

_STAGE = "(CASE e.verb " + " ".join(f"WHEN '{v}' THEN e.payload->>'{k}'" for v, k in ENTERS.items()) + " END)::bigint"
_VERBS = ", ".join(f"'{verb}'" for verb in sorted(TELLING))
_STAYS = f"""
    INSERT INTO deals_stay (deal_id, stage_id, entered_at, left_at)
    SELECT deal_id, stage_id, entered_at, left_at
    FROM (
        SELECT e.record_id AS deal_id, {_STAGE} AS stage_id, e.at AS entered_at, e.id,
               lead(e.at) OVER (PARTITION BY e.record_id ORDER BY e.at, e.id) AS left_at
        FROM timeline_event e {{source}}
        WHERE e.record = 'deal' AND e.verb IN ({_VERBS})
          AND NOT EXISTS (SELECT 1 FROM timeline_operation o WHERE o.id = e.operation AND o.undone_at IS NOT NULL)
    ) told
    WHERE stage_id IS NOT NULL
    ORDER BY deal_id, entered_at, id
"""  # noqa: S608 - made of the constants above
_OF_SOME = "JOIN timeline_eventlink l ON l.event_id = e.id AND l.record_id = e.record_id AND l.record = 'deal' AND l.record_id = ANY(%s)"


def follow(deals: Iterable[int]) -> None:
    """Make the stays of these deals again. Two statements, in the caller's transaction."""
    ids = sorted(set(deals))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM deals_stay WHERE deal_id = ANY(%s)", [ids])
        cursor.execute(_STAYS.format(source=_OF_SOME), [ids])


def rebuild() -> None:
    """Make all stays again from all events."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM deals_stay")
        cursor.execute(_STAYS.format(source="JOIN deals_deal d ON d.id = e.record_id"))
