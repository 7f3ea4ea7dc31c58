"""The one way to change a row: lock it, change it, say what happened; row, event and deliveries commit together.

`change()` is for one row, `change_many()` for thousands under the same rules. Both check the row against the actor's
scope before and after, derive what follows from the row, and refuse in words.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.database.together import update_together
from kith.kernel.errors import Invalid, InvalidMany, KithError, NotAllowed, NotFound
from kith.kernel.organisation.models import bump
from kith.kernel.records.columns import Column
from kith.kernel.records.registry import registry
from kith.kernel.search.words import learn
from kith.kernel.timeline.types import Changed, Created, EventType
from kith.kernel.timeline.write import Entry, Ref, write_events

BATCH = 1000


class change:
    """`with change(deal, by=by) as c: c.row.stage = stage; c.says(StageMoved(…))`. See the module docstring.

    `c.row` is a fresh, locked copy. Nothing said and nothing changed writes nothing. Raises Invalid, InvalidMany,
    NotAllowed, NotFound. `at`: when it happened, for imports; default now.
    """

    def __init__(self, row: Any, *, by: Actor, verb: str = "edit", at: dt.datetime | None = None):
        self.given, self.by, self.verb, self.at = row, by, verb, at
        record = registry.by_model(type(row))
        if record is None:
            raise TypeError(f"{type(row).__name__} is no record type.")
        self.record = record
        self.said: list[EventType] = []
        self.named: dict[int, str] = {}
        self.refs: list[Ref] = []
        self.events: list[Any] = []
        self.changes: dict[str, list[Any]] = {}
        self.actor_name = ""

    def __enter__(self) -> change:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        try:
            self.new = self.given.pk is None
            self.row = self.given if self.new else self._lock()
            self.old = None if self.new else copy.copy(self.row)
        except BaseException as problem:
            self.atomic.__exit__(type(problem), problem, problem.__traceback__)
            raise
        return self

    def _lock(self) -> Any:
        rows = self.record.model._default_manager.select_for_update(of=("self",)).filter(pk=self.given.pk)
        row = rows.filter(self.record.scope.q(self.by, self.record.name, self.verb)).first()
        if row is None:
            raise NotFound(_("There is no %(what)s %(id)s that you may change.") % {
                "what": self.record.label.lower(), "id": self.given.pk})  # fmt: skip
        return row

    def says(self, event: EventType, *, name: str = "") -> None:
        """What happened, in this room's words; several may be said. name: who did this one, where it was not the actor."""
        if name:
            self.named[len(self.said)] = name
        self.said.append(event)

    def about(self, record: str, pk: int) -> None:
        """The event also shows on that record's timeline."""
        self.refs.append((record, pk))

    def __exit__(self, kind: Any, problem: Any, trace: Any) -> None:
        if problem is None:
            try:
                self._finish()
            except BaseException as failed:
                self.atomic.__exit__(type(failed), failed, failed.__traceback__)
                raise
        self.atomic.__exit__(kind, problem, trace)

    def _finish(self) -> None:
        columns = self.record.columns()
        prepare(self.row, self.old, columns)
        self.changes = difference(self.record, self.old, self.row, columns)
        silent = unseen_changes(self.old, self.row)
        if not (self.new or self.changes or self.said or silent):
            return
        save(self.record, self.row, self.old)
        stay_in_scope(self.record, [self.row.pk], self.by, self.verb)
        settle(self.record, [(self.old, self.row)], self.by)
        if self.new or self.changes or self.said:
            self.events = write_events(self._entries(), self.by)
        if self.record.settings and self.record.stamped:
            bump(self.record.name)

    def _entries(self) -> list[Entry]:
        said = self.said or [Created() if self.new else Changed(what_changed(self.record, self.changes))]
        refs = [*self.refs, *self.row.about(), *(self.old.about() if self.old is not None else [])]
        return [
            Entry(self.record.name, self.row.pk, event, self.changes if i == 0 else {}, refs, self.at,
                  self.named.get(i) or self.actor_name)
            for i, event in enumerate(said)
        ]  # fmt: skip


def prepare(row: Any, old: Any, columns: dict[str, Column]) -> None:
    """Derive and check a row before it is saved: changed fields by Django's field rules, then the row's own rule."""
    row.derive()
    names = {c.field.name for c in columns.values() if c.field is not None and not c.related}
    unchanged = {n for n in names if old is not None and getattr(row, n) == getattr(old, n)}
    skip = {f.name for f in row._meta.fields if f.name not in names} | unchanged
    try:
        row.clean_fields(exclude=skip)
    except ValidationError as problem:
        raise InvalidMany(problem.message_dict) from None
    row.verify()


def difference(record: Any, old: Any, row: Any, columns: dict[str, Column]) -> dict[str, list[Any]]:
    """{key: [old, new]} of own and custom columns, in JSON form; a new row lists what it was given."""
    out: dict[str, list[Any]] = {}
    for column in columns.values():
        if column.derived or (column.field is None and not column.custom):
            continue
        before = None if old is None else _cheap(column, old)
        after = _cheap(column, row)
        if before == after or (old is None and after in (None, "", [], {}, False)):
            continue
        out[column.key] = [None if old is None else column.raw(old), column.raw(row)]
    return out


def _cheap(column: Column, row: Any) -> Any:
    """Something comparable without a query."""
    return row.custom.get(column.custom) if column.custom else getattr(row, column.field.attname)


def unseen_changes(old: Any, row: Any) -> bool:
    """Did a column that history does not list (next step, last touch, archived) change?"""
    if old is None:
        return True
    return any(
        getattr(old, f.attname) != getattr(row, f.attname)
        for f in row._meta.concrete_fields
        if f.name not in ("updated_at", "version", "tsv")
    )


def what_changed(record: Any, changes: dict[str, list[Any]]) -> str:
    columns = record.columns()
    return ", ".join(columns[k].label.lower() if k in columns else k for k in changes)


def save(record: Any, row: Any, old: Any) -> None:
    """Insert or update the changed columns; a broken constraint becomes a sentence. The caller's own transaction or savepoint
    ends with a refusal, so that none is begun here."""
    row.updated_at = timezone.now()
    try:
        if old is None:
            row.save(force_insert=True)
        else:
            row.version = old.version + 1
            row.save(update_fields=[f.name for f in _differing(old, row)])
    except IntegrityError as problem:
        raise _constraint_sentence(record, problem) from problem
    if fresh := set(row.search.split()) - set(old.search.split() if old is not None else ()):
        learn(fresh)


def _constraint_sentence(record: Any, problem: IntegrityError) -> Exception:
    name = getattr(getattr(problem.__cause__, "diag", None), "constraint_name", "") or ""
    for constraint in record.model._meta.constraints:
        if constraint.name == name:
            return Invalid(str(constraint.get_violation_error_message()))
    return problem


def stay_in_scope(record: Any, pks: list[int], by: Actor, verb: str) -> None:
    """After a write the rows must still be the actor's for that verb, or everything rolls back."""
    q = record.scope.q(by, record.name, verb)
    if q == Q():
        return
    kept = record.model._default_manager.filter(q, pk__in=pks).count()
    if kept != len(set(pks)):
        raise NotAllowed(
            _("This would move the %s out of what you may change; ask a manager to do it.") % record.label.lower()
        )


def settle(record: Any, pairs: list[tuple[Any, Any]], by: Actor) -> None:
    """What must follow in the same transaction however rows were written: `Record.settle([(old or None, row)], by)`."""
    if record.settle is not None:
        record.settle(pairs, by)


def change_many(
    rows: Iterable[Any],
    apply: Callable[[Any], Iterable[EventType | tuple[EventType, dt.datetime]] | None],
    *,
    by: Actor,
    verb: str = "edit",
    refused: Callable[[Any, Exception], None] | None = None,
) -> int:
    """Change rows of one record type, each by `apply(row)` (which may return what to say, each alone or with the moment when
    it happened); returns how many changed.

    Batches of 1,000, one transaction each, row locks, one UPDATE and one COPY a batch. A row that refuses is left
    as it was and handed to `refused(row, error)`; without `refused` the first refusal stops everything. What refuses a
    batch as a whole (a value that may be there once, a row leaving the scope) is tried row by row, so that only those
    rows are refused; `apply` is asked again then.
    """
    total, batch = 0, []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            total += _change_together(batch, apply, by, verb, refused)
            batch = []
    return total + (_change_together(batch, apply, by, verb, refused) if batch else 0)


def _change_together(batch: list[Any], apply: Any, by: Actor, verb: str, refused: Any) -> int:
    if refused is None:
        return _change_batch(batch, apply, by, verb, None)
    told: list[tuple[Any, Exception]] = []
    try:
        changed = _change_batch(batch, apply, by, verb, lambda row, problem: told.append((row, problem)))
    except KithError as whole:
        if len(batch) > 1:
            return sum(_change_together([row], apply, by, verb, refused) for row in batch)
        changed, told = 0, [(batch[0], whole)]
    for row, problem in told:
        refused(row, problem)
    return changed


def _change_batch(batch: list[Any], apply: Any, by: Actor, verb: str, refused: Any) -> int:
    record = registry.by_model(type(batch[0]))
    assert record is not None
    columns = record.columns()
    entries: list[Entry] = []
    changed: list[Any] = []
    fields: set[str] = set()
    found: set[str] = set()
    pairs: list[tuple[Any, Any]] = []
    with transaction.atomic():
        locked = record.model._default_manager.select_for_update(of=("self",)).filter(pk__in=[r.pk for r in batch])
        for row in locked.filter(record.scope.q(by, record.name, verb)).order_by("pk"):
            old = copy.copy(row)
            try:
                said = list(apply(row) or [])
                prepare(row, old, columns)
            except (Invalid, InvalidMany, NotAllowed) as problem:
                if refused is None:
                    raise
                refused(old, problem)
                continue
            changes = difference(record, old, row, columns)
            if not (changes or said or unseen_changes(old, row)):
                continue
            row.version, row.updated_at = old.version + 1, timezone.now()
            fields |= {f.name for f in _differing(old, row)}
            found |= set(row.search.split()) - set(old.search.split())
            changed.append(row)
            pairs.append((old, row))
            said = said or [Changed(what_changed(record, changes))]
            refs = [*row.about(), *old.about()]
            for i, one in enumerate(said):
                event, at = one if isinstance(one, tuple) else (one, None)
                entries.append(Entry(record.name, row.pk, event, changes if i == 0 else {}, refs, at))
        if changed:
            _update(record, changed, sorted(fields))
            learn(sorted(found))
            stay_in_scope(record, [r.pk for r in changed], by, verb)
            settle(record, pairs, by)
            write_events(entries, by)
            if record.settings and record.stamped:
                bump(record.name)
    return len(changed)


def insert_together(record: Any, rows: Sequence[Any]) -> None:
    """Insert new rows of one type; a broken constraint becomes a sentence."""
    try:
        record.model._default_manager.bulk_create(rows)
    except IntegrityError as problem:
        raise _constraint_sentence(record, problem) from problem


def _update(record: Any, rows: list[Any], fields: list[str]) -> None:
    try:
        update_together(rows, fields)
    except IntegrityError as problem:
        raise _constraint_sentence(record, problem) from problem


def _differing(old: Any, row: Any) -> list[Any]:
    return [
        f
        for f in row._meta.concrete_fields
        if f.name != "tsv" and not f.primary_key and getattr(row, f.attname) != getattr(old, f.attname)
    ]
