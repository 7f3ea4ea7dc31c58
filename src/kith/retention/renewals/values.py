"""What each order brings a year from which day on, made from the order and the story of its price.

Made again for an order right after anything is told of it, and again when that is taken back: one way for a form, an
import, a renewal and an undo. Movements by month read nothing else, so they add up however orders were written.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.write import Entry
from kith.retention.models import Value

BATCH = 2000
TOLD = """
    SELECT l.record_id, e.at, e.changes->'yearly',
        (SELECT o.id FROM timeline_operation o WHERE o.id = e.operation AND o.undone_at IS NOT NULL)
    FROM timeline_eventlink l JOIN timeline_event e ON e.id = l.event_id AND e.record = 'order' AND e.record_id = l.record_id
    WHERE l.record = 'order' AND l.record_id = ANY(%s) AND e.changes ? 'yearly'
    ORDER BY l.record_id, e.at, e.id
"""


def handles(verb: str) -> bool:
    return verb.startswith("order.")


def hear(entries: list[Entry], by: Actor) -> None:
    follow({e.record_id for e in entries if e.record == "order"})


def unhear(events: list[Any], by: Actor) -> None:
    follow({e.record_id for e in events if e.record == "order"})


def follow(orders: Iterable[int]) -> None:
    """Make the values of these orders again. Four statements for up to two thousand, in the caller's transaction."""
    ids = sorted(set(orders))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        told = _told(some)
        rows = (
            registry["order"]
            .model._default_manager.filter(pk__in=some, archived_at=None)
            .only("yearly", "placed_on", "starts_on", "ended_on")
        )
        Value.objects.filter(order__in=some).delete()
        Value.objects.bulk_create(
            [
                Value(order_id=row.pk, since=day, yearly=yearly)
                for row in rows
                for day, yearly in values_of(row, told[row.pk])
            ],
            batch_size=5000,
        )


def _told(ids: list[int]) -> dict[int, list[tuple[dt.date, Decimal | None, Decimal]]]:
    """{order: [(day, before, after)]} of the changes of its price, oldest first, without what was taken back."""
    told: dict[int, list[tuple[Any, Any, Any, int | None]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [ids])
        for pk, at, pair, undone in cursor.fetchall():
            old, new = json.loads(pair) if isinstance(pair, str) else pair
            told[pk].append((at, _amount(old), _amount(new), undone))
    return defaultdict(
        list,
        {
            pk: [(timezone.localdate(at), old, new or Decimal(0)) for at, old, new in without_undone(changes)]
            for pk, changes in told.items()
        },
    )


def _amount(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def without_undone(changes: list[tuple[Any, Any, Any, int | None]]) -> list[tuple[Any, Any, Any]]:
    """[(at, before, after)] of [(at, before, after, operation if undone)], oldest first: neither what an undone operation
    changed nor the change by which its undo put the price back. What an undo left alone, edited since, stays."""
    kept: list[tuple[Any, Any, Any, int | None]] = []
    net: dict[int, tuple[Any, Any]] = {}  # undone operation → price before and after all it changed
    for at, old, new, undone in changes:
        if undone is not None:
            net[undone] = (net[undone][0] if undone in net else old, new)
        elif (back := next((op for op, pair in reversed(net.items()) if pair == (new, old)), None)) is not None:
            del net[back]
            kept = [change for change in kept if change[3] != back]
            continue
        kept.append((at, old, new, undone))
    return [change[:3] for change in kept]


def values_of(order: Any, told: list[tuple[dt.date, Decimal | None, Decimal]]) -> list[tuple[dt.date, Decimal]]:
    """[(from which day, a year)] of an order, ending in 0 on the day it ended. The price it began with is what the oldest
    change says that it was before, or what it is."""
    began = order.starts_on or order.placed_on
    changes = [(day, before, after) for day, before, after in told if before is not None]
    first = changes[0][1] if changes else order.yearly
    days: dict[dt.date, Decimal] = {began: Decimal(first or 0)}
    for day, _before, after in changes:
        days[max(day, began)] = after
    if order.ended_on is not None:
        days = {day: yearly for day, yearly in days.items() if day < order.ended_on}
        days[max(order.ended_on, began)] = Decimal(0)
    out: list[tuple[dt.date, Decimal]] = []
    for day in sorted(days):
        if days[day] != (out[-1][1] if out else Decimal(0)):
            out.append((day, days[day]))
    return out


def rebuild() -> None:
    """Make all values again."""
    last = 0
    model = registry["order"].model
    while some := list(model._default_manager.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        follow(some)
        last = some[-1]
