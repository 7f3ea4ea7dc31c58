"""Linked rows beyond a reader's scope: their names and values are left out wherever a row that links to them is shown,
exported or sent, at one query for a whole list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Colleague, Link, TeamLink
from kith.kernel.records.columns import Column
from kith.kernel.records.registry import registry

Unseen = frozenset[tuple[str, int]]
NONE_UNSEEN: Unseen = frozenset()


def unseen_links(actor: Actor, columns: Iterable[Column], rows: Iterable[Any]) -> Unseen:
    """(link column key, id) of linked rows that the actor may not see; no query where the actor sees the whole type."""
    rows = list(rows)
    out: set[tuple[str, int]] = set()
    for key, target, ids in _link_ids(columns, rows):
        out |= {(key, pk) for pk in ids - seen_ids(actor, target, ids)}
    return frozenset(out)


def seen_ids(actor: Actor, record: Any, ids: set[int]) -> set[int]:
    """Those of the ids of linked rows that the actor may see; no query where the actor sees the whole type."""
    if not ids or record.scope.q(actor, record.name, "see") == Q():
        return ids
    return set(record.rows(actor).filter(pk__in=ids).values_list("pk", flat=True))


def _link_ids(columns: Iterable[Column], rows: list[Any]) -> Iterable[tuple[str, Any, set[int]]]:
    done: set[str] = set()
    for column in columns:
        key = _via(column)
        if key in done or not key:
            continue
        done.add(key)
        kind = registry[column.record].columns()[key].kind
        if isinstance(kind, Link) and not isinstance(kind, Colleague | TeamLink):
            yield key, kind.record, {pk for row in rows if (pk := _linked_id(key, row))}


def _via(column: Column) -> str:
    """Key of the link column that the value belongs to or comes through, else ""."""
    if isinstance(column.kind, Link) and (column.custom or "__" not in column.path):
        return column.key
    return column.path.partition("__")[0] if "__" in column.path and not column.custom else ""


def _linked_id(key: str, row: Any) -> int | None:
    if key.startswith("custom."):
        data = row.custom.get(key.removeprefix("custom."))
        return data.get("id") if isinstance(data, dict) else None
    return getattr(row, f"{key}_id", None)


def hides(column: Column, row: Any, unseen: Unseen) -> bool:
    """Does the value belong to a linked row that the reader may not see?"""
    key = _via(column)
    return bool(key) and (key, _linked_id(key, row)) in unseen
