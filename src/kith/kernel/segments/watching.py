"""Marking rows dirty: whatever is told of a row that segments look at leaves one small row in the same transaction.

Every record an event is about is marked, so that a call, a deal or a form counts for the person it is about. The job that
follows looks at rows that link to marked ones too. Where no segment looks at a type, nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue
from kith.kernel.segments.models import Dirty
from kith.kernel.segments.trees import seen

COPY_FROM = 50
SETTLE = "segments.settle"  # one at a time: a night that moves everybody leaves a worker hands for the rest


@dataclass(frozen=True)
class Looker:
    """Something else kept by the same marks (how well somebody fits). `types()`: the types whose marks it wants to see now,
    cheap to ask; `look(rows)`: {type: {id: event}} of one batch, outside a transaction; it may come twice. It returns the ids
    of the rows by type of which it now says something else, for segments whose conditions read that."""

    types: Callable[[], frozenset[str]]
    look: Callable[[dict[str, dict[int, Any]]], dict[str, list[int]]]


LOOKERS: list[Looker] = []


def register_looker(
    types: Callable[[], frozenset[str]], look: Callable[[dict[str, dict[int, Any]]], dict[str, list[int]]]
) -> None:
    """Declare a looker at start-up."""
    LOOKERS.append(Looker(types, look))


def watched() -> frozenset[str]:
    """Every type whose rows are marked."""
    return seen().types.union(*(looker.types() for looker in LOOKERS))


def handles(verb: str) -> bool:
    return bool(watched())


def hear(entries: list[Any], by: Actor) -> None:
    """Mark every row of a watched type that these entries are about, once, with the last event that spoke of it."""
    types, marked = watched(), {}
    for entry in entries:
        for record, pk in ((entry.record, entry.record_id), *entry.about):
            if record in types:
                marked[record, pk] = entry.id
    if marked:
        mark([(record, pk, event) for (record, pk), event in marked.items()])


def worked_out(record: str, pks: Iterable[int]) -> None:
    """Have segments look again at rows of which a job worked out something else (a score, how well they fit): what no event
    tells. Call it in the transaction that writes it, with those rows alone that changed."""
    ids = sorted(set(pks))
    if ids and record in watched():
        mark([(record, pk, None) for pk in ids])


def mark(rows: list[tuple[str, int, Any]]) -> None:
    """Have segments look again at these rows (type, id, event), after this transaction's commit."""
    if len(rows) < COPY_FROM:
        Dirty.objects.bulk_create([Dirty(record=record, row_id=pk, event=event) for record, pk, event in rows])
    else:
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY segments_dirty (record, row_id, event) FROM STDIN") as copy,
        ):
            for record, pk, event in rows:
                copy.write_row((record, pk, event.hex if event else None))
    enqueue(SETTLE, key=SETTLE, lock=SETTLE)
