"""Thousands of activities at once, from a file or for a sample, with their events on their own dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction

from kith.activities.actions import check, complete_links, said, settle
from kith.activities.events import TaskPlanned
from kith.activities.models import Activity, ActivityKind
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, KithError
from kith.kernel.records.actions import adopt
from kith.kernel.records.bulk_create import Maker, New
from kith.kernel.records.registry import registry
from kith.kernel.search.words import learn
from kith.kernel.timeline.change import stay_in_scope
from kith.kernel.timeline.write import Entry, write_events

BATCH = 1000
Refused = Callable[[int, KithError], None]


def create_activities(
    values_list: Sequence[dict[str, Any]], *, by: Actor, at: Sequence[dt.datetime | None] = (), authors: Sequence[str] = (),
    refused: Refused | None = None,
) -> list[Activity | None]:  # fmt: skip
    """The new activities in the order given, None where a rule refused (`refused(index, error)`; without it the first
    refusal stops everything). at: when each was written down; authors: by whom elsewhere."""
    out: list[Activity | None] = []
    for start in range(0, len(values_list), BATCH):
        part = slice(start, start + BATCH)
        out += _batch(values_list[part], list(at[part]), list(authors[part]), by, start, refused)
    return out


def _batch(
    values: Sequence[dict[str, Any]], at: list[Any], authors: list[str], by: Actor, start: int, refused: Refused | None
) -> list[Activity | None]:
    maker = Maker(registry["activity"])
    rows: list[Activity | None] = []
    for n, given in enumerate(values):
        try:
            row = maker.row(New(_finished(given, at[n] if n < len(at) else None), at[n] if n < len(at) else None))
            check(row)
            complete_links(row)
            adopt(row, by)
        except (Invalid, InvalidMany) as problem:
            if refused is None:
                raise
            refused(start + n, problem)
            row = None
        rows.append(row)
    made = [(n, r) for n, r in enumerate(rows) if r is not None]
    with transaction.atomic():
        maker.insert([r for _n, r in made])
        stay_in_scope(registry["activity"], [r.pk for _n, r in made], by, "edit")
        learn({w for _n, r in made for w in r.search.split()})
        settle([(None, r) for _n, r in made], by)
        write_events([e for n, r in made for e in _entries(maker, r, authors[n] if n < len(authors) else "")], by)
    return rows


def _finished(given: dict[str, Any], at: dt.datetime | None) -> dict[str, Any]:
    """A note is done the moment it is written."""
    if given.get("kind") == ActivityKind.NOTE and not given.get("done_at") and at is not None:
        return {**given, "done_at": at}
    return given


def _entries(maker: Maker, row: Activity, author: str) -> Iterator[Entry]:
    """What was planned first and done later are two events; what was simply logged is one."""
    planned = row.done_at is not None and row.kind == ActivityKind.TASK and row.created_at < row.done_at
    if planned:
        plan = TaskPlanned(subject=str(row), kind=row.kind, due=row.due_at.isoformat() if row.due_at else "")
        yield Entry("activity", row.pk, plan, maker.changes(row), row.about(), row.created_at, author)
        yield Entry("activity", row.pk, said(row), {}, row.about(), row.done_at, author)
    else:
        yield Entry(
            "activity", row.pk, said(row), maker.changes(row), row.about(), row.done_at or row.created_at, author
        )
