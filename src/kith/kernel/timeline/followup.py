"""Keeping next steps and last touches on followed rows, in the transaction that changes an activity.

`activities/` knows what an activity is; this knows only that followed rows have a next step.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from kith.kernel.records.models import Followed
from kith.kernel.records.registry import registry

Ref = tuple[str, int]
_refreshers: list[Callable[[list[Ref]], None]] = []
_watchers: list[Callable[[list[Ref]], None]] = []
_listeners: list[Callable[[list[Ref]], None]] = []


def keeps_followed(fn: Callable[[list[Ref]], None]) -> Callable[[list[Ref]], None]:
    """Register a function that works out next steps or last touches of rows afresh (the activities room does)."""
    _refreshers.append(fn)
    return fn


def refresh(refs: Iterable[Ref]) -> None:
    """Work out next steps and last touches of these rows afresh, after a merge or an import moved activities about."""
    given = list(dict.fromkeys(refs))
    for fn in _refreshers:
        fn(given)


def watches_steps(fn: Callable[[list[Ref]], None]) -> Callable[[list[Ref]], None]:
    """Register what must be right as soon as next steps are: it gets the rows they were worked out for, in the same
    transaction (who stands without one)."""
    _watchers.append(fn)
    return fn


def steps_written(refs: list[Ref]) -> None:
    """Say that the next steps of these rows, or whose they are, may have changed."""
    if refs:
        for fn in _watchers:
            fn(refs)


def watches_touches(fn: Callable[[list[Ref]], None]) -> Callable[[list[Ref]], None]:
    """Register what must be right as soon as last touches are: it gets the rows they were written for, in the same
    transaction (who has been silent for long)."""
    _listeners.append(fn)
    return fn


def touches_written(refs: list[Ref]) -> None:
    """Say that the last touches of these rows may have changed."""
    if refs:
        for fn in _listeners:
            fn(refs)


def set_next_step(record: str, pk: int, *, step: str, at: dt.datetime | None) -> None:
    """The earliest open dated activity of a row, or ("", None) when there is none."""
    model = registry[record].model
    if issubclass(model, Followed):
        model._default_manager.filter(pk=pk).update(next_step=step[:300], next_step_at=at)


def touch(moments: dict[Ref, dt.datetime]) -> None:
    """Conversations happened with these rows: move `last_touch_at` forward, never back. One statement."""
    by_type: dict[str, list[tuple[int, dt.datetime]]] = {}
    for (record, pk), at in moments.items():
        if issubclass(registry[record].model, Followed):
            by_type.setdefault(record, []).append((pk, at))
    if by_type:
        _move(by_type)
    touches_written(list(moments))


# Locked in order of id, so that two writers cannot lock each other out.
MOVE = """
    {0}_given AS (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS g (id, at)),
    {0}_locked AS MATERIALIZED (SELECT id FROM {0} WHERE id = ANY(%s) ORDER BY id FOR UPDATE),
    {0}_moved AS (
        UPDATE {0} t SET last_touch_at = g.at FROM {0}_given g JOIN {0}_locked USING (id)
        WHERE t.id = g.id AND (t.last_touch_at IS NULL OR t.last_touch_at < g.at)
    )
"""


def _move(by_type: dict[str, list[tuple[int, dt.datetime]]]) -> None:
    parts: list[str] = []
    given: list[Any] = []
    for record in sorted(by_type):
        rows = sorted(by_type[record])
        ids = [pk for pk, _at in rows]
        parts.append(MOVE.format(registry[record].model._meta.db_table))
        given += [ids, [at for _pk, at in rows], ids]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT 1", given)
