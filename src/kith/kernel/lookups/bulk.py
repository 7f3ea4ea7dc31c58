"""Bulk changes on a selection: up to 500 rows at once, more in the background; one operation, one undo.

In the background the operation itself carries everything: what to do, how far it is and which rows refused. Each batch
commits together with how far it is, so a worker that was killed goes on where it stopped and nothing happens twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError, NotFound
from kith.kernel.jobs import enqueue
from kith.kernel.jobs.progress import report_progress
from kith.kernel.lookups.selection import Selection, from_json
from kith.kernel.organisation.models import refresh
from kith.kernel.records import bulk
from kith.kernel.records.actions import parse_values
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import finish, operation, start

AT_ONCE, BATCH = 500, 500
MOST_TOLD = 500  # refusals that are kept in words; all are counted
KIND = "bulk"


@dataclass(frozen=True)
class Wish:
    """What to do with every row. `verb`: "edit", "tags", "archive", "restore" or "do"; `raw`: values or inputs as typed,
    by key; for "do", `action` is the action's name. `json`: they are values of a program, of the right type."""

    verb: str
    label: str
    raw: dict[str, Any] = field(default_factory=dict)
    action: str = ""
    json: bool = False


@dataclass
class Result:
    """`refused`: (id, name, reason) of rows left as they were, at most MOST_TOLD; `refusals` counts all of them."""

    changed: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    refusals: int = 0
    operation: Operation | None = None
    waiting: bool = False


def check(record: Any, wish: Wish, *, by: Actor) -> None:
    """Refuse a wish that no row could meet: rights, unknown columns, values that cannot be read. Raises KithError."""
    _carry_out(record, wish, [], by, lambda _row, _problem: None)


def bulk_change(record: Any, selection: Selection, wish: Wish, *, by: Actor) -> Result:
    """Do it now, or in the background when there are many rows. Raises KithError when it cannot be done at all."""
    by.require(f"{record.name}.bulk")
    rows = selection.rows(record, by)
    check(record, wish, by=by)
    if rows.order_by()[: AT_ONCE + 1].count() > AT_ONCE:
        return _later(record, selection, wish, by)
    return _now(record, rows, wish, by)


def rehearse(record: Any, selection: Selection, wish: Wish, *, by: Actor) -> Result:
    """What `bulk_change` would say, and nothing is changed: it is done and taken back. With more rows than are done at
    once only the wish is checked, and the result is one that waits. Raises KithError."""
    by.require(f"{record.name}.bulk")
    rows = selection.rows(record, by)
    check(record, wish, by=by)
    if rows.order_by()[: AT_ONCE + 1].count() > AT_ONCE:
        return Result(waiting=True)
    with transaction.atomic():
        result = _now(record, rows, wish, by)
        transaction.set_rollback(True)
    refresh()  # what was read of a configuration that has just been taken back
    return replace(result, operation=None)


def _now(record: Any, rows: Any, wish: Wish, by: Actor) -> Result:
    result = Result()
    with operation(KIND, wish.label, by=by, record=record.name) as (op, actor):
        result.changed = _carry_out(record, wish, list(rows.order_by("pk")), actor, _teller(record, result))
    result.operation = op if op.pk else None
    return result


def _later(record: Any, selection: Selection, wish: Wish, by: Actor) -> Result:
    data = {
        "selection": selection.to_json(), "wish": [wish.verb, wish.label, wish.raw, wish.action, wish.json], "user": by.user_id,
        "total": selection.rows(record, by).count(), "after": 0, "seen": 0, "changed": 0, "refused": [], "refusals": 0,
        "state": "waiting",
    }  # fmt: skip
    with transaction.atomic():
        op = start(KIND, wish.label, by=by, record=record.name, data=data)
        enqueue("lookups.bulk", operation=op.pk)
    return Result(operation=op, waiting=True)


def go_on(operation_id: int, by: Actor) -> None:
    """Carry out a waiting bulk change to its end, batch by batch."""
    while _one_batch(operation_id, by):
        pass


def _one_batch(operation_id: int, by: Actor) -> bool:
    with transaction.atomic():
        op = Operation.objects.select_for_update().filter(pk=operation_id, kind=KIND).first()
        if op is None or op.undone_at or op.data.get("state") in ("done", "failed"):
            return False
        data, record = op.data, registry[op.record]
        try:
            batch = next(from_json(data["selection"]).batches(record, by, BATCH, data["after"]), [])
            result = Result(refused=data["refused"], refusals=data["refusals"])
            with transaction.atomic():
                data["changed"] += _carry_out(
                    record, Wish(*data["wish"]), batch, by.within(op.pk), _teller(record, result)
                )
        except KithError as problem:  # the filter or the right is gone: say so, keep what was done
            data["state"], data["problem"] = "failed", bulk.reason(problem)
            batch = []
        else:
            data["refusals"] = result.refusals
            data["seen"] += len(batch)
            data["after"] = batch[-1].pk if batch else data["after"]
            data["state"] = "running" if batch else "done"
        finish(op)
        report_progress(progress_key(op), data["seen"], data["total"], data["state"])
    return bool(batch)


def progress_key(op: Operation) -> str:
    return f"bulk:{op.pk}"


def bulk_operation(record: Any, pk: int, actor: Actor) -> Operation:
    """A bulk change of this type, for whoever started it and for managers. Raises NotFound."""
    op = Operation.objects.filter(pk=pk, kind=KIND, record=record.name).first()
    managing = actor.is_system or actor.role in ("manager", "administrator")
    if op is None or not (managing or op.actor_id == actor.user_id):
        raise NotFound(_("There is no bulk change %s of yours.") % pk)
    return op


def _carry_out(record: Any, wish: Wish, rows: list[Any], by: Actor, refused: bulk.Refused) -> int:
    if wish.verb == "edit":
        return bulk.bulk_edit(
            record, rows, parse_values(record, wish.raw, by=by, json=wish.json), by=by, refused=refused
        )
    if wish.verb == "tags":
        add, remove = wish.raw.get("add", ()), wish.raw.get("remove", ())
        if "tags" not in record.writable(by):
            raise Invalid(_("%s cannot be tagged.") % record.plural)
        return bulk.bulk_tag(record, rows, add=add, remove=remove, by=by, refused=refused)
    if wish.verb in ("archive", "restore"):
        return bulk.bulk_archive(record, rows, by=by, away=wish.verb == "archive", refused=refused)
    act = next((a for a in record.actions if a.name == wish.action), None)
    if wish.verb != "do" or act is None:
        raise Invalid(_("There is nothing called “%s” to do with many rows.") % (wish.action or wish.verb))
    return bulk.bulk_perform(record, act, rows, wish.raw, by=by, refused=refused, json=wish.json)


def _teller(record: Any, result: Result) -> bulk.Refused:
    def refused(row: Any, problem: Exception) -> None:
        result.refusals += 1
        if len(result.refused) < MOST_TOLD:
            result.refused.append((row.pk, record.name_of(row), bulk.reason(problem)))

    return refused


def say(record: Any, result: Result) -> str:
    """What happened, in one sentence."""
    n = result.changed
    if not n and not result.refusals:
        return _("Nothing to change: all of them are so already.")
    done = ngettext("%(n)s %(one)s changed.", "%(n)s %(many)s changed.", n) % _words(record, n)
    if not result.refusals:
        return done
    left = result.refusals
    return f"{done} " + ngettext(
        "%(n)s %(one)s was left as it was.", "%(n)s %(many)s were left as they were.", left
    ) % _words(record, left)


def _words(record: Any, n: int) -> dict[str, Any]:
    return {"n": f"{n:,}", "one": record.label.lower(), "many": record.plural.lower()}
