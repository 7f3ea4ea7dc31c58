"""New rows that Kith makes by itself, many at a time: under the rules of `change()`, in a few statements however many.

What people type or send in comes through `kernel.records.actions` and `bulk_create`; this is for rows that follow from
something else, such as one decision for each lead of a batch, and which say more than that they were made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction

from kith.kernel.access.actor import Actor
from kith.kernel.organisation.models import bump
from kith.kernel.records.registry import registry
from kith.kernel.search.words import learn
from kith.kernel.timeline.change import difference, insert_together, prepare, settle, stay_in_scope
from kith.kernel.timeline.types import Created, EventType
from kith.kernel.timeline.write import Entry, write_events


def add_many(rows: Sequence[Any], says: Callable[[Any], Iterable[EventType]], *, by: Actor) -> None:
    """Insert unsaved rows of one record type, each with what `says(row)` has to say of it (that it was made, where it has
    nothing). One transaction: a row that is refused refuses all. Raises Invalid, InvalidMany, NotAllowed."""
    if not rows:
        return
    record = registry.by_model(type(rows[0]))
    if record is None:
        raise TypeError(f"{type(rows[0]).__name__} is no record type.")
    columns = record.columns()
    with transaction.atomic():
        for row in rows:
            prepare(row, None, columns)
        insert_together(record, rows)
        learn({word for row in rows for word in row.search.split()})
        stay_in_scope(record, [row.pk for row in rows], by, "edit")
        settle(record, [(None, row) for row in rows], by)
        entries = []
        for row in rows:
            changes, refs = difference(record, None, row, columns), row.about()
            for n, event in enumerate([*says(row)] or [Created()]):
                entries.append(Entry(record.name, row.pk, event, {} if n else changes, refs))
        write_events(entries, by)
        if record.settings and record.stamped:
            bump(record.name)
