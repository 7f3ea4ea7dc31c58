"""What is learned from: decided leads with their values as they stood when the lead came to us, and how it ended.

A value that was changed later is read back from the history: the oldest change after the capture says what it was before.
Values that only came later are blank then, and how many did so is counted for the guard (`guarding.py`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from kith.kernel.learning.columns import Source, plain
from kith.kernel.learning.history import before, told
from kith.kernel.records.registry import registry
from kith.qualification.models import Prediction
from kith.qualification.predicting.outcomes import outcomes

MOST = 50_000  # decided leads that are learned from, the latest
CHUNK = 2_000
CAPTURED = """
    SELECT l.record_id, min(e.at) FROM timeline_eventlink l JOIN timeline_event e ON e.id = l.event_id
    WHERE l.record = 'person' AND l.record_id = ANY(%s) AND e.verb = 'person.captured' GROUP BY 1
"""


@dataclass
class Table:
    """Rows in the order of `people`: `then` holds the values at capture by source key, `now` those of today; `won` the
    outcomes; `moments` when each lead came to us."""

    sources: list[Source]
    people: list[int] = field(default_factory=list)
    won: list[bool] = field(default_factory=list)
    then: dict[str, list[Any]] = field(default_factory=dict)
    now: dict[str, list[Any]] = field(default_factory=dict)
    moments: list[dt.datetime] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.people)


def gather(prediction: Prediction, sources: list[Source], now: dt.datetime) -> Table:
    """The decided leads, oldest first. A handful of queries for every two thousand."""
    ended = outcomes(prediction, now)
    people = sorted(ended)[-MOST:]
    table = Table(sources, then={s.key: [] for s in sources}, now={s.key: [] for s in sources})
    for start in range(0, len(people), CHUNK):
        _add(table, people[start : start + CHUNK], ended)
    return table


def _add(table: Table, pks: list[int], ended: dict[int, bool]) -> None:
    people = registry["person"].model._default_manager.filter(pk__in=pks).select_related("company")
    rows = list(people.order_by("pk").defer("search", "tsv", "company__search", "company__tsv"))
    came = captured(pks)
    moments = {row.pk: came.get(row.pk, row.created_at) for row in rows}
    earlier = {
        "person": before("person", [(row.pk, moments[row.pk]) for row in rows]),
        "company": before("company", [(row.company_id, moments[row.pk]) for row in rows if row.company_id]),
    }
    for row in rows:
        at = moments[row.pk]
        table.people.append(row.pk)
        table.won.append(ended[row.pk])
        table.moments.append(at)
        for source in table.sources:
            holder = row if source.record == "person" else row.company
            raw = None if holder is None else source.column.raw(holder)
            then = None if holder is None else told(earlier[source.record], holder.pk, at, source.column.key)
            table.now[source.key].append(plain(source, raw))
            table.then[source.key].append(plain(source, raw if then is None else then[0]))


def captured(pks: list[int]) -> dict[int, dt.datetime]:
    """{person: when they first came to us} of those who did."""
    with connection.cursor() as cursor:
        cursor.execute(CAPTURED, [pks])
        return dict(cursor.fetchall())
