"""Values as they stood at a moment, read back from the story: the oldest change after it says what a column was before."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import connection

# Of every row and column the oldest change after its moment; creations give first values and are none.
CHANGED = """
    SELECT DISTINCT ON (g.id, g.at, c.key) g.id, g.at, c.key, c.value -> 0
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS g (id, at)
    JOIN timeline_eventlink l ON l.record = %s AND l.record_id = g.id AND l.at > g.at
    JOIN timeline_event e ON e.id = l.event_id AND e.record = l.record AND e.record_id = g.id AND e.verb NOT LIKE '%%.created'
    CROSS JOIN LATERAL jsonb_each(e.changes) c
    ORDER BY g.id, g.at, c.key, e.at, e.id
"""


PLACES = ("city", "country")  # they follow the addresses, of which alone the history tells


def told(before: dict[Any, list[Any]], pk: int, at: dt.datetime, key: str) -> list[Any] | None:
    """[what a column said then], None where it did not change since."""
    if key not in PLACES:
        return before.get((pk, at, key))
    told = before.get((pk, at, "addresses"))
    return None if told is None else [(told[0] or [{}])[0].get(key, "")]


def before(record: str, rows: list[tuple[int, dt.datetime]]) -> dict[tuple[int, dt.datetime, str], list[Any]]:
    """{(row, moment, column): [what it was then]} of columns that changed after it."""
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, [[pk for pk, _at in rows], [at for _pk, at in rows], record])
        found = cursor.fetchall()
    return {(pk, at, key): [json.loads(old) if isinstance(old, str) else old] for pk, at, key, old in found}
