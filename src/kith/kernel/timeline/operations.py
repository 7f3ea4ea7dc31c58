"""Operations: changes that can be taken back as a whole, and taking them back.

By default undo replays an operation's events backwards (`takeback.py`). Kinds that need more (merge) register their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.jsontext import encode
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.readers import tell_followers, tell_taken_back, unheard
from kith.kernel.timeline.takeback import undo_changes

UNDO: dict[str, Callable[[Operation, Actor], list[str]]] = {}
COUNT = """
    UPDATE timeline_operation SET data = %s::jsonb, count = (
        SELECT count(*) FROM (SELECT DISTINCT record, record_id FROM timeline_event WHERE operation = %s) AS rows
    ) WHERE id = %s RETURNING count
"""
AT_ONCE = 500  # rows up to which an operation is taken back while one waits; more are a job


@dataclass(frozen=True)
class Undone:
    """What an undo did: rows taken back, and sentences about values left alone because they were edited since."""

    count: int
    conflicts: list[str]
    waiting: bool = False  # it goes on in the background


def undoes(kind: str) -> Callable[[Any], Any]:
    """Register how a kind of operation is taken back: `fn(operation, by) -> conflicts in words`."""

    def register(fn: Any) -> Any:
        UNDO[kind] = fn
        return fn

    return register


@contextmanager
def operation(
    kind: str, label: str, *, by: Actor, record: str = "", data: dict[str, Any] | None = None
) -> Iterator[tuple[Operation, Actor]]:
    """One transaction whose events belong to one operation: `with operation(…) as (op, by): …`.

    An operation that wrote no event leaves no row. Inside another operation the outer one goes on.
    """
    with transaction.atomic():
        if by.operation is not None:
            yield Operation.from_db("default", ["id"], [by.operation]), by  # what else it holds is read when asked for
            return
        op = start(kind, label, by=by, record=record, data=data)
        yield op, by.within(op.pk)
        finish(op)


def start(kind: str, label: str, *, by: Actor, record: str = "", data: dict[str, Any] | None = None) -> Operation:
    """An operation that spans several transactions (an import); end it with `finish`."""
    return Operation.objects.create(
        kind=kind, label=label[:300], actor_id=by.user_id, actor_name=by.name, channel=by.channel, record=record, data=data or {}
    )  # fmt: skip


def finish(op: Operation) -> None:
    """Count what it wrote; an operation without events goes."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [encode(op.data), op.pk, op.pk])
        (op.count,) = cursor.fetchone()
    if not (op.count or op.data):
        op.delete()
        op.pk = None


def undo(op: Operation, *, by: Actor) -> Undone:
    """Take an operation back. Raises Invalid when it was taken back before, NotAllowed when rows are out of reach."""
    with transaction.atomic():
        op = Operation.objects.select_for_update().get(pk=op.pk)
        if op.undone_at:
            raise Invalid(_("This was already undone by %(who)s.") % {"who": op.undone_by})
        if op.actor_id != by.user_id and not (by.is_system or by.can("settings.manage") or by.role == "manager"):
            raise NotAllowed(_("Only %(who)s or a manager may undo this.") % {"who": op.actor_name})
        conflicts = UNDO.get(op.kind, _at_once_or_later)(op, by)
        op.undone_at, op.undone_by, op.conflicts = timezone.now(), by.name, conflicts
        op.save(update_fields=["undone_at", "undone_by", "conflicts", "data"])
        if "undoing" not in op.data:  # the job tells them batch by batch
            _tell(Event.objects.filter(operation=op.pk), by)
    return Undone(op.count, conflicts, "undoing" in op.data)


def _tell(events: QuerySet[Event], by: Actor) -> None:
    """Followers and listeners learn that these events were taken back."""
    told = list(events.values_list("verb", "record", "record_id").distinct())
    tell_followers(told)
    if wanted := unheard({verb for verb, _record, _pk in told}):
        tell_taken_back(events.filter(verb__in=wanted).order_by("-id"), by)


def _at_once_or_later(op: Operation, by: Actor) -> list[str]:
    if op.count <= AT_ONCE:
        return undo_changes(op, by)
    from kith.kernel.jobs import enqueue

    op.data = {**op.data, "undoing": True}
    enqueue("timeline.undo", key=f"undo:{op.pk}", operation=op.pk, user=by.user_id)
    return []
