"""Merging rows over the API: the same merge as in the browser, and what it would do without doing it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from kith.api import inputs
from kith.api.door import body, endpoint
from kith.api.resources import read_row, record_named
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, NotFound
from kith.kernel.records.merge import MOST, choosable, merge, mergeable, moved_by


def merge_rows(actor: Actor, request: HttpRequest, slug: str, pk: int) -> Any:
    """`{"others": [ids], "choices": {column: id whose value stays}, "dry_run": false}` into the row of the address."""
    record, data = record_named(slug), body(request)
    if not mergeable(record):
        raise NotFound(f"{record.plural} are not merged: they have no look-alikes.")
    inputs.only(data, ("others", "choices", "dry_run"))
    actor.require(f"{record.name}.archive")
    others, dry = inputs.ids(data, "others", MOST - 1), inputs.yes(data, "dry_run")
    if pk in others:
        raise Invalid("A row is not merged into itself; leave its id out of “others”.", "others")
    keep, *rest = _rows(record, actor, (pk, *others))
    choices = _choices(record, actor, data.get("choices", {}), (pk, *others))
    with transaction.atomic():
        kept, op = merge(record, keep, rest, choices=choices, by=actor)
        row = read_row(actor, request, slug, kept.pk)
        answer = {**row, "moved": moved_by(op, actor), "operation": None if dry else op.pk}
        if dry:  # done and taken back, so that it says exactly what would be
            transaction.set_rollback(True)
    return answer


def _rows(record: Any, actor: Actor, pks: tuple[int, ...]) -> list[Any]:
    found = record.rows(actor, "archive", archived=False).in_bulk([pk for pk in pks if pk < inputs.BIGGEST])
    if missing := [str(pk) for pk in pks if pk not in found]:
        raise NotFound(f"There is no {record.label.lower()} {', '.join(missing)} that you may merge.")
    return [found[pk] for pk in pks]


def _choices(record: Any, actor: Actor, given: Any, pks: tuple[int, ...]) -> dict[str, int]:
    """Which row's value stays, by column; custom fields as "custom.tier"."""
    if not isinstance(given, dict):
        raise Invalid("“choices” says by column whose value stays: {“job_title”: 23}.", "choices")
    able = choosable(record, actor)
    errors = {
        **{f"choices.{k}": [f"“{k}” is no field that can be chosen; there are: {', '.join(able)}."] for k in given if k not in able},
        **{f"choices.{k}": [f"Choose one of the rows: {', '.join(map(str, pks))}."] for k, v in given.items()
           if k in able and (type(v) is not int or v not in pks)},
    }  # fmt: skip
    if errors:
        raise InvalidMany(errors)
    return given


merging = endpoint(post=merge_rows)
