"""Taking back the events of an operation, newest first, set by set.

Each changed value returns to what it was where nobody has edited it since; values edited since are left alone and
reported. Side rows are put back (`sides.py`). Rows the operation made are archived. What is few is taken back while one waits; what is many, by a job whose
batches are a transaction each: a worker that dies loses at most one, and its successor passes over what is back already.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.jobs.progress import report_progress
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.models import Event, EventLink, Operation
from kith.kernel.timeline.readers import tell_followers, tell_taken_back
from kith.kernel.timeline.sides import put_sides_back
from kith.kernel.timeline.types import Archived, Restored

BATCH = 1_000  # events
MOST_CONFLICTS = 1_000  # sentences kept; the rest is counted


def undo_changes(op: Operation, by: Actor) -> list[str]:
    """Replay the operation's events backwards at once, inside the caller's transaction; sentences about what stayed."""
    return [words for batch in _pieces(_backwards(op)) for words in _batch(batch, by)]


def take_back(op: Operation, by: Actor) -> None:
    """Carry an undo that waits to its end, batch by batch. Progress is told under `progress_key`, per event."""
    conflicts: list[str] = []
    total, done = Event.objects.filter(operation=op.pk).count(), 0
    report_progress(progress_key(op), 0, total)
    for batch in _pieces(_backwards(op)):
        with transaction.atomic():
            conflicts += _batch(batch, by)
            tell_followers((e.verb, e.record, e.record_id) for e in batch)
            tell_taken_back(batch, by)
            done += len(batch)
            report_progress(progress_key(op), done, total)
    left = len(conflicts) - MOST_CONFLICTS
    op.conflicts = conflicts[:MOST_CONFLICTS] + ([_("and %d more.") % left] if left > 0 else [])
    op.data = {k: v for k, v in op.data.items() if k != "undoing"}
    op.save(update_fields=["conflicts", "data"])


def progress_key(op: Operation) -> str:
    """Under which an undo in the background tells how far it is."""
    return f"undo:{op.pk}"


def _backwards(op: Operation) -> Iterator[Event]:
    return Event.objects.filter(operation=op.pk).order_by("-id").iterator(BATCH)


def _pieces(events: Iterator[Event]) -> Iterator[list[Event]]:
    while batch := list(islice(events, BATCH)):
        yield batch


def _batch(batch: list[Event], by: Actor) -> list[str]:
    conflicts: list[str] = []
    # What began to happen last goes first: it followed from the others (a journey ended because two people became one).
    for name in reversed(dict.fromkeys(e.record for e in reversed(batch))):
        record = registry.get(name)
        if record is not None:
            stayed, events = put_sides_back([e for e in batch if e.record == name], by)
            conflicts += stayed + _of_one_type(record, events, by)
    return conflicts


def _of_one_type(record: Any, events: list[Event], by: Actor) -> list[str]:
    by_row: dict[int, list[Event]] = {}
    for event in events:
        by_row.setdefault(event.record_id, []).append(event)
    first = _first_events(record.name, [pk for pk, own in by_row.items() if any(_could_begin(e) for e in own)])
    conflicts: dict[int, list[str]] = {}
    columns = record.columns()

    def apply(row: Any) -> list[Any]:
        told: list[str] = []
        said: list[Any] = []
        for event in by_row[row.pk]:
            if event.verb.endswith(".created") or first.get(row.pk) == event.pk:
                said = _put_away(row, True)
            elif event.verb.endswith((".archived", ".restored")):
                said = _put_away(row, event.verb.endswith(".restored"))
            else:
                for key, (old, new) in event.changes.items():
                    told.extend(put_back(record, row, columns.get(key), key, old, new))
        conflicts[row.pk] = told
        return said

    def refused(row: Any, problem: Exception) -> None:
        conflicts[row.pk] = [f"{_called(record, row.pk, by)}: {problem}"]

    made = {pk for pk, own in by_row.items() if any(e.verb.endswith(".created") for e in own)}
    for pks in (made, set(by_row) - made):  # what was made goes first: it may stand in the place of another
        change_many(record.model._default_manager.filter(pk__in=pks), apply, by=by, refused=refused)
    for pk in record.model._default_manager.filter(pk__in=set(by_row) - set(conflicts)).values_list("pk", flat=True):
        conflicts[pk] = [_("%s may not be changed by you, and stays.") % _called(record, pk, by)]
    return [words for told in conflicts.values() for words in told]


def _called(record: Any, pk: int, by: Actor) -> str:
    """The row's name, or only its number for somebody who may not see it any more."""
    row = record.rows(by).filter(pk=pk).first()
    return f"{record.label} {pk}" if row is None else str(record.name_of(row))


def _could_begin(event: Event) -> bool:
    """An event that only gave values where there were none; whether the row began with it, its history says."""
    return bool(event.changes) and all(old is None for old, _new in event.changes.values())


def _first_events(record: str, pks: list[int]) -> dict[int, Any]:
    """{row: id of the first event of its own}."""
    own = EventLink.objects.filter(record=record, record_id__in=pks, event__record=record, event__record_id__in=pks)
    found = own.order_by("record_id", "event_id").distinct("record_id").values_list("record_id", "event_id")
    return dict(found)


def _put_away(row: Any, away: bool) -> list[Any]:
    if bool(row.archived_at) == away:
        return []
    row.archived_at = timezone.now() if away else None
    return [Archived() if away else Restored()]


def put_back(record: Any, row: Any, column: Any, key: str, old: Any, new: Any) -> list[str]:
    """One value, if it is still what was made of it. One that is back already was put back by an interrupted try."""
    if column is None:
        return [_("%(row)s: the field %(key)s is gone.") % {"row": record.name_of(row), "key": key}]
    now = column.raw(row)
    if same_json(now, new):
        column.put(row, column.kind.blank if old is None else column.kind.load(old))
    elif not same_json(now, old):
        return [
            _("%(row)s: %(field)s was changed since and was left as it is.")
            % {"row": record.name_of(row), "field": column.label.lower()}
        ]
    return []


def same_json(a: Any, b: Any) -> bool:
    """Links are compared by id: the name a row had then may have changed."""
    if isinstance(a, dict) and isinstance(b, dict) and "id" in a and "id" in b:
        return bool(a["id"] == b["id"])
    return a == b or (a in (None, "", [], {}) and b in (None, "", [], {}))
