"""Thousands of new rows under the same rules as one: derive, check, verify, insert, event, search words.

Rows go in by COPY and their events by `write_events`, a few statements for a thousand rows. What a row needs is worked
out once per record type (`Maker`); only a row that looks doubtful goes through Django's own field rules. A type with
rules of its own declares `Record.create_many`, or only `Record.create`, and is handed over to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, KithError, NotAllowed
from kith.kernel.jsontext import encode
from kith.kernel.kinds import EMPTY
from kith.kernel.organisation.models import bump
from kith.kernel.records import actions
from kith.kernel.search.words import learn
from kith.kernel.timeline.change import prepare, save, settle, stay_in_scope
from kith.kernel.timeline.types import Created
from kith.kernel.timeline.write import Entry, write_events

Refused = Callable[[int, KithError], None]


@dataclass
class New:
    """A row to be made: typed values by column key, when it came to be (now when None), and who made it elsewhere."""

    values: dict[str, Any]
    at: dt.datetime | None = None
    author: str = ""


def bulk_create(record: Any, items: Sequence[New], *, by: Actor, refused: Refused) -> list[Any | None]:
    """The new rows in the order of `items`, None for each that a rule refused (`refused(index, error)` says why).

    One transaction. `Record.create_many(values_list, by=, at=, authors=, refused=)` takes lists of the same length and
    returns rows or None in the same order. Raises NotAllowed when the actor may not create such rows at all.
    """
    by.require(f"{record.name}.create")
    if not items:
        return []
    own = getattr(record, "create_many", None)
    with transaction.atomic():
        if own is not None:
            found = own(
                [i.values for i in items],
                by=by,
                at=[i.at for i in items],
                authors=[i.author for i in items],
                refused=refused,
            )
            return list(found)
        if getattr(record, "create", None) is not None:
            return [_one(record, item, n, by, refused) for n, item in enumerate(items)]
        return _many(record, items, by, refused)


def _one(record: Any, item: New, n: int, by: Actor, refused: Refused) -> Any | None:
    """A row through the ordinary verb, with everything that has rules of its own."""
    try:
        with transaction.atomic():
            return actions.create(record, item.values, by=by, at=item.at)
    except KithError as problem:
        refused(n, problem)
    return None


def _many(record: Any, items: Sequence[New], by: Actor, refused: Refused) -> list[Any | None]:
    maker = Maker(record)
    rows: list[Any | None] = []
    for n, item in enumerate(items):
        try:
            rows.append(maker.row(item))
        except (Invalid, InvalidMany, NotAllowed) as problem:
            refused(n, problem)
            rows.append(None)
    made = [(n, row) for n, row in enumerate(rows) if row is not None]
    try:
        with transaction.atomic():
            maker.insert([row for _n, row in made])
            stay_in_scope(record, [row.pk for _n, row in made], by, "edit")
    except (DatabaseError, NotAllowed):
        made = _singly(record, made, by, refused)
        rows = [row if any(n == kept for kept, _row in made) else None for n, row in enumerate(rows)]
    learn({word for _n, row in made for word in row.search.split()})
    settle(record, [(None, row) for _n, row in made], by)
    write_events([maker.entry(row, items[n]) for n, row in made], by)
    if made and record.settings and record.stamped:
        bump(record.name)
    return rows


def _singly(record: Any, made: list[tuple[int, Any]], by: Actor, refused: Refused) -> list[tuple[int, Any]]:
    """Insert row by row, so that the one that broke a constraint or left the actor's reach does not stop the others."""
    kept = []
    for n, row in made:
        row.pk, row._state.adding = None, True
        try:
            with transaction.atomic():
                save(record, row, None)
                stay_in_scope(record, [row.pk], by, "edit")
        except KithError as problem:
            refused(n, problem)
        except DatabaseError as problem:
            refused(n, Invalid(" ".join(str(problem).split("\n")[0].split())))
        else:
            kept.append((n, row))
    return kept


@dataclass
class Maker:
    """What making rows of one record type needs, worked out once for a batch."""

    record: Any
    now: dt.datetime = field(default_factory=timezone.now)

    def __post_init__(self) -> None:
        model = self.record.model
        self.columns = self.record.columns()
        self.required = [c for c in self.columns.values() if c.required and c.writable]
        self.listed = [c for c in self.columns.values() if not c.derived and (c.field is not None or c.custom)]
        self.stored = [f for f in model._meta.concrete_fields if not getattr(f, "generated", False)]
        self.own = [(c.key, c.field.attname, c) for c in self.listed if not c.custom]
        self.longest = [
            (f.attname, f.max_length) for f in self.stored if isinstance(f, models.CharField) and f.max_length
        ]
        self.template = {k: v for k, v in model().__dict__.items() if k != "_state"}
        self.fresh = [k for k, v in self.template.items() if isinstance(v, (list, dict))]
        self.plain = model.__init__ is models.Model.__init__

    def blank(self) -> Any:
        """A new row with its defaults; what `model()` gives, at a tenth of its price."""
        model = self.record.model
        if not self.plain:
            return model()
        row = model.__new__(model)
        row.__dict__.update(self.template)
        for name in self.fresh:
            row.__dict__[name] = self.template[name].copy()
        row._state = models.base.ModelState()
        row.created_at = row.updated_at = self.now
        return row

    def row(self, item: New) -> Any:
        """A checked row, not yet saved. Raises Invalid, InvalidMany."""
        row = self.blank()
        for key, value in item.values.items():
            self.columns[key].put(row, value)
        if any(c.get(row) in EMPTY for c in self.required):
            raise InvalidMany(actions.missing(self.record, row, self.columns))
        row.derive()
        if self.doubtful(row):
            prepare(row, None, self.columns)
        row.verify()
        if item.at:
            row.created_at = item.at
        return row

    def doubtful(self, row: Any) -> bool:
        """Whether Django's own field rules must look: the kinds have checked everything but the length of derived text."""
        held = row.__dict__
        for name, most in self.longest:  # noqa: SIM110 - a loop, since this is asked of every row of an import
            if (value := held[name]) and len(value) > most:
                return True
        return False

    def changes(self, row: Any) -> dict[str, list[Any]]:
        """{key: [None, value]} of what the new row knows, in JSON form."""
        held = row.__dict__
        out = {
            key: [None, c.raw(row) if c.related else c.kind.dump(held[name])] for key, name, c in self.own if held[name]
        }
        for key, value in row.custom.items() if row.custom else ():
            out[f"custom.{key}"] = [None, value]
        return out

    def entry(self, row: Any, item: New) -> Entry:
        return Entry(self.record.name, row.pk, Created(), self.changes(row), row.about(), item.at, item.author)

    def insert(self, rows: list[Any]) -> None:
        """COPY the rows, with ids from the table's own sequence."""
        if not rows:
            return
        table = self.record.model._meta.db_table
        names = ", ".join(f'"{f.column}"' for f in self.stored)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [f'"{table}"', len(rows)],
            )
            for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk, row._state.adding, row._state.db = pk, False, connection.alias
            take = itemgetter(*(f.attname for f in self.stored))
            special = [(i, as_text) for i, f in enumerate(self.stored) if (as_text := _writer(f)) is not None]
            now, now_text = self.now, self.now.isoformat()
            command = f'COPY "{table}" ({names}) FROM STDIN'
            with connection.wrap_database_errors, cursor.copy(command) as copy:
                for row in rows:
                    values = [now_text if v is now else v for v in take(row.__dict__)]
                    for i, as_text in special:
                        values[i] = as_text(values[i])
                    copy.write_row(values)


def _writer(f: Any) -> Callable[[Any], Any] | None:
    """How COPY is given a field's value; None when psycopg writes it as it is."""
    if isinstance(f, models.JSONField):
        return _json
    return _array if isinstance(f, ArrayField) else None


def _json(value: Any) -> Any:
    return None if value is None else encode(value)


def _array(value: Any) -> Any:
    if value is None:
        return None
    quoted = ('"' + str(v).replace("\\", "\\\\").replace('"', '\\"') + '"' for v in value)
    return "{" + ",".join(quoted) + "}"
