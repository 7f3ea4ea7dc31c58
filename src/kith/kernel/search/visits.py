"""Where somebody was last: each opening of a record's page is remembered once, with its latest time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import Value
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.records.naming import title_of
from kith.kernel.records.registry import registry
from kith.kernel.search.models import Visit
from kith.kernel.search.queries import Hit
from kith.kernel.text import brief

REMEMBERED = dt.timedelta(days=60)
NOTE = """
    WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO search_visit (user_id, record, record_id, at)
    SELECT %(user)s, %(record)s, %(pk)s, clock_timestamp() FROM quick WHERE NOT EXISTS (
        SELECT FROM search_visit WHERE user_id = %(user)s AND record = %(record)s AND record_id = %(pk)s
        AND at > clock_timestamp() - interval '1 minute')
    ON CONFLICT (user_id, record, record_id) DO UPDATE SET at = excluded.at
"""


def note_visit(actor: Actor, record: str, pk: int) -> None:
    """Remember that somebody opened a record; within a minute of the last time nothing is written. Nobody waits for the
    disk: a visit lost with the power is no loss."""
    if actor.user_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"user": actor.user_id, "record": record, "pk": pk})


def recent(actor: Actor, limit: int = 8, *, but: tuple[str, int] | None = None) -> list[Hit]:
    """Records this person opened last, as far as they may still see them. but: (type, id) that is open now."""
    since = timezone.now() - REMEMBERED
    visits = list(Visit.objects.filter(user_id=actor.user_id or 0, at__gte=since).order_by("-at")[: limit * 2])
    went = [(v.record, v.record_id) for v in visits if v.record in registry and (v.record, v.record_id) != but]
    names = _names(actor, went)
    return [
        Hit(name, pk, brief(names[name, pk]) or f"#{pk}", registry[name].label, registry[name].url(pk))
        for name, pk in went
        if (name, pk) in names
    ][:limit]


def _names(actor: Actor, went: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The titles of those rows that the actor sees, of all types in one query."""
    parts = [_titles(registry[name], actor, [pk for n, pk in went if n == name]) for name in dict(went)]
    found = parts[0].union(*parts[1:], all=True) if parts else []
    return {(row["hit_type"], row["pk"]): row["hit_name"] for row in found}


def _titles(record: Any, actor: Actor, pks: list[int]) -> Any:
    rows = record.rows(actor, archived=False).filter(pk__in=pks).order_by()
    return rows.values("pk", hit_type=Value(record.name), hit_name=title_of(record, actor))


def forget_visits() -> int:
    """Throw away visits too old to be offered; how many they were."""
    gone, _kinds = Visit.objects.filter(at__lt=timezone.now() - REMEMBERED).delete()
    return gone
