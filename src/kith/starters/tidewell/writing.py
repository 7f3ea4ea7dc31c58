"""Rows with their story on its own dates, many at once: what `bulk_create` does for rows that people could not have made by
hand (submissions, verdicts, enrolments), since they come of what happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.records.bulk_create import Maker
from kith.kernel.records.registry import registry
from kith.kernel.search.words import learn
from kith.kernel.timeline.change import settle
from kith.kernel.timeline.types import Created, EventType
from kith.kernel.timeline.write import Entry, write_events

Story = Sequence[tuple[EventType, dt.datetime]]


def write_told(record: str, rows: Sequence[Any], *, by: Actor, story: Sequence[Story] | None = None) -> None:
    """Insert rows of a record type with the events that tell of them, in the caller's transaction. `story`: the
    events of each row with their moments, oldest first; without it each was made when its `created_at` says."""
    if not rows:
        return
    maker = Maker(registry[record])
    for row in rows:
        row.derive()
    maker.insert(list(rows))
    learn({word for row in rows for word in row.search.split()})
    settle(registry[record], [(None, row) for row in rows], by)
    entries = []
    for n, row in enumerate(rows):
        changes = maker.changes(row)
        for event, at in story[n] if story is not None else [(Created(), row.created_at)]:
            entries.append(Entry(record, row.pk, event, changes, row.about(), at))
            changes = {}
    write_events(entries, by)
