"""What has to be there before the first row: fields of the organisation's own, and rows a mapping asks for ("ensure").

A pipeline and its stages, for example: without them no deal of the file could stand anywhere.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.customfields.actions import define
from kith.kernel.errors import Invalid, KithError
from kith.kernel.intake.mapping import Mapping
from kith.kernel.intake.targets import Target
from kith.kernel.kinds import Link
from kith.kernel.organisation.models import bump
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.text import fold


def make_ready(mapping: Mapping, target: Target, actor: Actor, *, fields: bool = True) -> None:
    """Make what is missing; what is there already stays as it is. Raises Invalid, NotAllowed.

    fields: False leaves custom fields out, which a dry run only imagines.
    """
    if fields:
        _fields(mapping, target, actor)
    made = [_row(record, raw, actor) for record in _in_order(mapping) for raw in mapping.ensure[record.name]]
    if any(made):
        bump()


def _in_order(mapping: Mapping) -> list[Any]:
    """The types of "ensure", each after those it links to: stages need their pipeline, however the mapping is written."""
    left = {name: registry[name] for name in mapping.ensure}
    out: list[Any] = []
    while left:
        free = [name for name, record in left.items() if not _needs(record) & (left.keys() - {name})] or list(left)
        out += [left.pop(name) for name in free]
    return out


def _needs(record: Any) -> set[str]:
    return {c.kind.target for c in record.columns().values() if isinstance(c.kind, Link)}


def _fields(mapping: Mapping, target: Target, actor: Actor) -> None:
    known = target.record.columns() if target.record is not None else {}
    for entry in mapping.entries:
        if not entry.new_field or entry.to in known:
            continue
        new = entry.new_field
        define(
            record=target.name, label=str(new["label"]), kind=str(new["kind"]), choices=list(new.get("choices", [])) or None,
            target=str(new.get("target", "")), key=entry.to.removeprefix("custom."), by=actor,
        )  # fmt: skip


def _row(record: Any, raw: dict[str, Any], actor: Actor) -> bool:
    """Make one row unless one of that name (and with the same links) is there; True when it was made."""
    columns = record.columns()
    values = {}
    for key, given in raw.items():
        if key not in columns:
            raise Invalid(
                _("“ensure” gives “%(key)s”, which %(what)s does not have.") % {"key": key, "what": record.label}
            )
        values[key] = columns[key].kind.parse(given, actor=actor)
    links = {f"{k}_id": v.pk for k, v in values.items() if isinstance(columns[k].kind, Link) and v is not None}
    name = fold(str(values.get(record.title, "")))
    there = [r for r in record.rows(actor).filter(**links) if fold(record.name_of(r)) == name]
    if there:
        return False
    problems: list[KithError] = []
    bulk_create(record, [New(values)], by=actor, refused=lambda _n, problem: problems.append(problem))
    if problems:
        raise problems[0]
    return True
