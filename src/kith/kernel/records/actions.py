"""The verbs every record type has: create, edit, archive, restore. Forms, inline edit, bulk edit, API and import use them.

A type whose creation or editing follows rules of its own declares `Record.create` / `Record.edit`; these functions
hand over to it, so faces always call here.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Conflict, Invalid, InvalidMany, NotAllowed
from kith.kernel.kinds import EMPTY
from kith.kernel.records.columns import Column
from kith.kernel.timeline.change import change
from kith.kernel.timeline.operations import operation
from kith.kernel.timeline.types import Archived, Restored


def parse_values(
    record: Any, raw: dict[str, Any], *, by: Actor, columns: dict[str, Column] | None = None, json: bool = False
) -> dict[str, Any]:
    """Typed values by column key from words, or (json) from values of a program, which must have the right type.
    Raises InvalidMany with every sentence, unknown keys included."""
    columns = record.writable(by) if columns is None else columns
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for key, given in raw.items():
        column = columns.get(key)
        if column is None:
            errors[key] = [refusal(record, key, by)]
            continue
        try:
            values[key] = (column.kind.take if json else column.kind.parse)(given, actor=by)
        except Invalid as problem:
            errors[key] = [problem.message]
    if errors:
        raise InvalidMany(errors)
    return values


def refusal(record: Any, key: str, by: Actor) -> str:
    """Why this key cannot be set, in words."""
    known = record.columns(by).get(key)
    if known is None:
        return _("%(what)s has no field “%(key)s”.") % {"what": record.label, "key": key}
    if known.facts.only_via:
        return _("“%(field)s” is only changed by %(action)s.") % {"field": known.label, "action": known.facts.only_via}
    return _("“%(field)s” cannot be changed here.") % {"field": known.label}


def missing(record: Any, row: Any, columns: dict[str, Column]) -> dict[str, list[str]]:
    return {
        k: [_("%s is needed.") % c.label]
        for k, c in columns.items()
        if c.required and c.writable and c.get(row) in EMPTY
    }


def create(record: Any, values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> Any:
    """A new row from typed values by column key; returns it. Raises InvalidMany, NotAllowed."""
    by.require(f"{record.name}.create")
    own = getattr(record, "create", None)
    if own is not None:
        return own(values, by=by, at=at)
    row = record.model()
    fill(record, row, values, by=by)
    with change(row, by=by, at=at) as c:
        if at:
            c.row.created_at = at
        adopt(c.row, by)
    return row


def fill(record: Any, row: Any, values: dict[str, Any], *, by: Actor) -> None:
    """Put typed values on a row that is not saved yet and refuse what a new row lacks."""
    columns = record.columns()
    for key, value in values.items():
        columns[key].put(row, value)
    if errors := missing(record, row, columns):
        raise InvalidMany(errors)


def adopt(row: Any, by: Actor) -> None:
    """A row without owner belongs to whoever makes it (people only), and to its owner's first team."""
    if not hasattr(row, "owner_id"):
        return
    if row.owner_id is None and by.user_id and by.channel in ("web", "api", "cli"):
        row.owner_id = by.user_id
    if row.team_id is None and row.owner_id and row.owner_id == by.user_id:
        row.team_id = min(by.team_ids, default=None)


def edit(record: Any, row: Any, values: dict[str, Any], *, by: Actor, base: dict[str, Any] | None = None) -> Any:
    """Change columns of a row; returns the fresh row.

    base: JSON form of the values the person started from. A value that somebody else changed meanwhile to something
    different raises Conflict with both; edits that do not overlap merge.
    """
    by.require(f"{record.name}.edit")
    own = getattr(record, "edit", None)
    with operation(f"{record.name}.edit", _("Edited %s") % record.name_of(row), by=by, record=record.name) as (
        _op,
        actor,
    ):
        if own is not None:
            return own(row, values, by=actor, base=base)
        with change(row, by=actor) as c:
            put_values(record, c.row, values, base)
    return c.row


def put_values(record: Any, row: Any, values: dict[str, Any], base: dict[str, Any] | None = None) -> None:
    """Put typed values on a locked row, refusing overlapping edits, emptied required columns and rows that are fixed."""
    if why := record.why_fixed(row):
        raise Invalid(why, "state")
    columns = record.columns()
    clashes: dict[str, tuple[Any, Any, Any]] = {}
    for key, value in values.items():
        column = columns[key]
        if base is not None and key in base and _clash(column, row, base[key], value):
            clashes[key] = (base[key], column.get(row), value)
        column.put(row, value)
    if clashes:
        names = ", ".join(columns[k].label for k in clashes)
        raise Conflict(_("Somebody else changed %s while you were editing; choose which value stays.") % names, clashes)
    gone = {k: v for k, v in missing(record, row, columns).items() if k in values}
    if gone:
        raise InvalidMany(gone)


def _clash(column: Column, row: Any, base: Any, value: Any) -> bool:
    """Did somebody change the value since `base`, to something else than we want?"""
    now = column.raw(row)
    return not _same(now, base) and not _same(now, column.kind.dump(value))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict) and "id" in a:
        return bool(a.get("id") == b.get("id"))
    return a == b or (a in EMPTY and b in EMPTY)


def archive(record: Any, row: Any, *, by: Actor) -> Any:
    """Put a row away; it stays, with its story, and can be brought back."""
    return _put_away(record, row, timezone.now(), by)


def restore(record: Any, row: Any, *, by: Actor) -> Any:
    return _put_away(record, row, None, by)


def _put_away(record: Any, row: Any, when: dt.datetime | None, by: Actor) -> Any:
    by.require(f"{record.name}.archive")
    if "archived_at" not in {f.name for f in record.model._meta.fields}:
        raise NotAllowed(_("%s cannot be archived.") % record.plural)
    word = _("Archived %s") if when else _("Restored %s")
    label = word % record.name_of(row)
    with (
        operation(f"{record.name}.archive", label, by=by, record=record.name) as (_op, actor),
        change(row, by=actor, verb="archive") as c,
    ):
        if bool(c.row.archived_at) != bool(when):
            c.row.archived_at = when
            c.says(Archived() if when else Restored())
    return c.row
