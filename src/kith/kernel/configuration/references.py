"""Rows named in files of configuration: by what tells them from others everywhere, never by the number they have here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Link
from kith.kernel.kinds.link import USERS, Colleague
from kith.kernel.lookups.tree import Condition, Group, parse, to_text
from kith.kernel.records.models import RecordModel
from kith.kernel.records.registry import registry


def key_columns(record: Any) -> tuple[str, ...]:
    """Columns (or attributes) that tell its rows from one another in any installation."""
    if record is USERS:
        return ("email",)
    said = getattr(record, "configured", None)
    return (said.key if said else ()) or (record.title,)


def reference(record: Any, row: Any) -> Any:
    """How a file names this row: a word, or its columns where it takes several."""
    keys = key_columns(record)
    told = {key: _part(record, row, key) for key in keys}
    return told if len(keys) > 1 else told[keys[0]]


def _part(record: Any, row: Any, key: str) -> Any:
    column = record.columns().get(key) if record.name in registry else None
    return column.kind.outward(column.get(row)) if column is not None else str(getattr(row, key))


def referred(record: Any, told: Any, actor: Actor | None) -> Any:
    """The row that a file names so. Raises Invalid where there is none, or more than one."""
    keys = key_columns(record)
    given = told if isinstance(told, dict) and len(keys) > 1 else {keys[0]: told}
    if set(given) != set(keys) or any(isinstance(value, dict | list) for value in given.values() if len(keys) == 1):
        raise Invalid(_("%(what)s is named by %(keys)s.") % {"what": record.label, "keys": ", ".join(keys)})
    rows = record.rows(actor or system())
    for key, value in given.items():
        column = record.columns().get(key) if record.name in registry else None
        kind = column.kind if column is not None else None
        rows = rows.filter(**{key: kind.inward(value, actor=actor) if kind is not None else str(value)})
    found = list(rows[:3])
    if issubclass(record.model, RecordModel):
        found = [row for row in found if row.archived_at is None] or found
    if len(found) == 1:
        return found[0]
    what, words = str(record.label).lower(), say(told)
    if found:
        raise Invalid(_("More than one %(what)s is called “%(words)s”; give them different names.") % {
            "what": what, "words": words})  # fmt: skip
    raise Invalid(
        _("There is no %(what)s “%(words)s” here; add it, or name another one.") % {"what": what, "words": words}
    )


def say(told: Any) -> str:
    if isinstance(told, dict):
        return " / ".join(say(part) for part in told.values() if part not in (None, ""))
    return str(told)


def with_names(text: str, record: str) -> str:
    """A filter in its text form, rows in it called by name; those that are gone keep their number."""
    return _each(text, record, _name)


def with_numbers(text: str, record: str, actor: Actor | None) -> str:
    """The same with the numbers that those rows have here. Raises Invalid for one that is not here."""
    return _each(text, record, lambda kind, value: _number(kind, value, actor))


def _each(text: str, record: str, turn: Any) -> str:
    known = registry.get(record)
    if not text.strip() or known is None:
        return text
    columns = known.columns()

    def turned(part: Condition | Group) -> Condition | Group:
        if isinstance(part, Group):
            return replace(part, parts=tuple(turned(one) for one in part.parts))
        kind = columns[part.column].kind if part.column in columns else None
        if not isinstance(kind, Link):
            return part
        return replace(part, values=tuple(turn(kind, value) for value in part.values))

    tree = turned(parse(text))
    assert isinstance(tree, Group)
    return to_text(tree)


def _name(kind: Link, value: Any) -> Any:
    row = kind.record.model._default_manager.filter(pk=int(value)).first() if str(value).isdecimal() else None
    if row is None:
        return value
    if isinstance(kind, Colleague):
        return row.email
    name = str(kind.record.name_of(row))
    return value if name.isdecimal() else name  # digits would be read as a number again


def _number(kind: Link, value: Any, actor: Actor | None) -> Any:
    if str(value) in ("me", "my_team") or str(value).isdecimal():
        return value
    return str(kind.parse(str(value), actor=actor).pk)


def turned(document: Any, keys: tuple[str, ...], turn: Callable[[str], str]) -> Any:
    """A document with the filters in it turned, which stand as text under those keys."""
    if isinstance(document, dict):
        return {
            key: turn(held) if key in keys and isinstance(held, str) else turned(held, keys, turn)
            for key, held in document.items()
        }
    return [turned(one, keys, turn) for one in document] if isinstance(document, list) else document
