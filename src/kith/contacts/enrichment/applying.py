"""Putting what was found into rows: only where nothing stands, or where we put what stands there. For many at once.

Who wrote a value last is told by the timeline. What a person wrote, or took out, or what somebody said of themselves in a
form, stays; so does what an undo of ours left blank, until somebody asks to look again.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kith.contacts.enrichment.models import Provenance
from kith.contacts.enrichment.providers import Finding, providers
from kith.contacts.events import LookedUp
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import EMPTY
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many

BATCH = 500
Key = tuple[int, str]  # row, column
Told = tuple[str, Finding]  # provider, what it found
# The last event that changed each of these columns, and whether it was a looking up.
WROTE = """
    SELECT DISTINCT ON (e.record_id, k.key) e.record_id, k.key, e.verb = 'contacts.looked_up'
    FROM timeline_eventlink l JOIN timeline_event e ON e.id = l.event_id,
         LATERAL jsonb_object_keys(e.changes) AS k (key)
    WHERE l.record = %s AND l.record_id = ANY(%s) AND e.record = l.record AND e.record_id = l.record_id AND k.key = ANY(%s)
    ORDER BY e.record_id, k.key, e.id DESC
"""
log = logging.getLogger(__name__)


def look_up(record: str, ids: Sequence[int], *, by: Actor, again: bool = False) -> int:
    """Look these people or companies up, and keep what may be kept; returns how many rows changed. again: somebody asks for
    it, so that what they emptied is filled as well."""
    kind = registry[record]
    rows = list(_joined(kind, kind.rows(by, "edit", archived=False).filter(pk__in=ids).order_by("pk")))
    found = _found(record, _without_ours(kind, rows))
    if not found:
        return 0
    columns = kind.columns()
    ours = _ours(record, sorted({pk for pk, _c in found}), sorted({c for _pk, c in found}))
    kept: dict[Key, Told] = {}
    by_row: dict[int, list[tuple[str, Told]]] = {}
    for (pk, key), told in found.items():
        if key in columns and columns[key].writable:
            by_row.setdefault(pk, []).append((key, told))

    def apply(row: Any) -> list[Any]:
        written: dict[str, str] = {}
        for key, (provider, one) in by_row.get(row.pk, ()):
            column = columns[key]
            held = column.get(row)
            if column.kind.same(held, one.value) or not _may_write(held, ours.get((row.pk, key)), again):
                continue
            column.put(row, one.value)
            kept[row.pk, key] = (provider, one)
            written[key] = one.source
        return (
            [LookedUp(columns=written, what=", ".join(str(columns[key].label).lower() for key in written))]
            if written
            else []
        )

    def refused(row: Any, problem: Exception) -> None:
        for key in [key for key in kept if key[0] == row.pk]:
            del kept[key]
        log.info("What was found about %s %s was not kept: %s", record, row.pk, problem)

    with transaction.atomic():
        changed = change_many([row for row in rows if row.pk in by_row], apply, by=by, refused=refused)
        note(record, {key: (one.value, provider, one.source) for key, (provider, one) in kept.items()})
    return changed


def _joined(kind: Any, rows: Any) -> Any:
    return rows.select_related("company") if kind.name == "person" else rows


def _without_ours(kind: Any, rows: list[Any]) -> list[Any]:
    """The rows as they would be without what we found before, so that nothing is concluded from our own conclusions."""
    held = Provenance.objects.filter(record=kind.name, record_id__in=[row.pk for row in rows])
    keys = list(held.values_list("record_id", "column"))
    ours = _ours(kind.name, sorted({pk for pk, _key in keys}), sorted({key for _pk, key in keys}))
    columns, bare = kind.columns(), {row.pk: row for row in rows}
    for pk, key in keys:
        if ours.get((pk, key)) and key in columns:
            bare[pk] = copy.copy(bare[pk])
            columns[key].put(bare[pk], columns[key].kind.blank)
            bare[pk].derive()
    return list(bare.values())


def _may_write(held: Any, ours: bool | None, again: bool) -> bool:
    """`ours`: we wrote the column last; None when nobody ever did."""
    if held in EMPTY:
        return again or ours is not False
    return ours is True


def _found(record: str, rows: Sequence[Any]) -> dict[Key, Told]:
    """{(row, column): (provider's key, finding)}; the first provider's word counts. One that fails is passed over."""
    out: dict[Key, Told] = {}
    for provider in providers():
        try:
            for one in provider.look_up(record, rows):
                out.setdefault((one.row, one.column), (provider.key, one))
        except Exception:
            log.exception("The provider “%s” could not look up %s rows.", provider.key, record)
    return out


def _ours(record: str, pks: list[int], columns: list[str]) -> dict[Key, bool]:
    with connection.cursor() as cursor:
        cursor.execute(WROTE, [record, pks, columns])
        return {(pk, key): ours for pk, key, ours in cursor.fetchall()}


def note(record: str, found: dict[Key, tuple[Any, str, str]]) -> None:
    """Keep where values came from: {(row, column): (value, provider's key, source)}, as they stand in the rows now."""
    columns, now = registry[record].columns(), timezone.now()
    Provenance.objects.bulk_create(
        [
            Provenance(record=record, record_id=pk, column=key, value=columns[key].kind.dump(value), provider=provider, source=source, at=now)
            for (pk, key), (value, provider, source) in found.items()
        ],
        update_conflicts=True, unique_fields=["record", "record_id", "column"], update_fields=["value", "provider", "source", "at"],
    )  # fmt: skip


def unhear(events: list[Any], _by: Actor) -> None:
    """What was looked up was taken back, or the row itself: nothing is said of where it came from any more."""
    gone: dict[tuple[str, tuple[str, ...] | None], list[int]] = {}
    for event in events:
        columns = tuple(sorted(event.payload.get("columns") or ())) if event.verb == LookedUp.verb else None
        gone.setdefault((event.record, columns), []).append(event.record_id)
    for (record, columns), ids in gone.items():
        rows = Provenance.objects.filter(record=record, record_id__in=ids)
        (rows if columns is None else rows.filter(column__in=columns)).delete()
