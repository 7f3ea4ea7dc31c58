"""The same change on many rows of one type: columns, tags, archiving, an action. Rows that refuse are left as they were.

Types with rules of their own (`Record.edit`) meet them row by row; all others are changed in batches. The caller opens
the operation, so that one undo takes all of it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NeedsInput, NotAllowed, NotFound
from kith.kernel.kinds import Tags
from kith.kernel.records import actions
from kith.kernel.records.action import Action, columns_beside
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.types import Archived, Restored

Refused = Callable[[Any, Exception], None]
REFUSALS = (Invalid, InvalidMany, NotAllowed, NotFound, Conflict, NeedsInput)


def bulk_edit(
    record: Any, rows: Iterable[Any], values: dict[str, Any], *, by: Actor, refused: Refused | None = None
) -> int:
    """Set columns of many rows to the same typed values; returns how many changed.

    A row that refuses is handed to `refused(row, error)`; without `refused` the first refusal stops everything.
    """
    by.require(f"{record.name}.edit")
    by.require(f"{record.name}.bulk")
    return _edit_each(record, list(rows), lambda _row: values, by, refused)


def bulk_tag(
    record: Any,
    rows: Iterable[Any],
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    by: Actor,
    refused: Refused | None = None,
) -> int:
    """Add and take off tags; the others stay. Returns how many rows changed."""
    by.require(f"{record.name}.edit")
    by.require(f"{record.name}.bulk")
    more, gone = Tags().clean(list(add)), {tag.casefold() for tag in remove}

    def tags(row: Any) -> dict[str, Any]:
        return {"tags": Tags().clean([t for t in row.tags if t.casefold() not in gone] + more)}

    return _edit_each(record, list(rows), tags, by, refused)


def bulk_archive(
    record: Any, rows: Iterable[Any], *, by: Actor, away: bool = True, refused: Refused | None = None
) -> int:
    """Put many rows away, or bring them back; returns how many changed."""
    by.require(f"{record.name}.archive")
    by.require(f"{record.name}.bulk")

    def put_away(row: Any) -> list[Any]:
        if bool(row.archived_at) == away:
            return []
        row.archived_at = timezone.now() if away else None
        return [Archived() if away else Restored()]

    return change_many(rows, put_away, by=by, verb="archive", refused=refused)


def bulk_perform(
    record: Any,
    act: Action,
    rows: Iterable[Any],
    raw: dict[str, Any],
    *,
    by: Actor,
    refused: Refused | None = None,
    json: bool = False,
) -> int:
    """Run an action on every row to which it applies; returns how many it changed. Raises NeedsInput for bad inputs.

    json: the inputs are values of a program, not words of a form.
    """
    by.require(act.needs)
    by.require(f"{record.name}.bulk")
    values = act.read(raw, by, json=json)
    if act.fills:
        values["columns"] = columns_beside(act, record, raw, by, json)

    def run(row: Any) -> Any:
        if not act.applies(row):
            raise Invalid(_("“%s” does not apply here.") % act.label)
        return act.run(row, **values, by=by)

    if callable(act.many):
        return act.many(list(rows), **values, by=by, refused=refused)
    return _one_by_one(list(rows), run, refused)


def _edit_each(
    record: Any, rows: list[Any], values: Callable[[Any], dict[str, Any]], by: Actor, refused: Refused | None
) -> int:
    own = getattr(record, "edit", None)
    if own is not None:
        return _one_by_one(rows, lambda row: own(row, values(row), by=by, base=None), refused)

    def put(row: Any) -> None:
        actions.put_values(record, row, values(row))

    return change_many(rows, put, by=by, refused=refused)


def _one_by_one(rows: list[Any], one: Callable[[Any], Any], refused: Refused | None) -> int:
    """Each row in a savepoint of its own; returns on how many `one` changed something."""
    changed = 0
    for row in rows:
        try:
            with transaction.atomic():
                after = one(row)
        except REFUSALS as problem:
            if refused is None:
                raise
            refused(row, problem)
            continue
        changed += getattr(after, "version", None) != getattr(row, "version", 0)
    return changed


def reason(problem: Exception) -> str:
    """Why a row refused, in one sentence."""
    return problem.message if isinstance(problem, KithError) else str(problem)
