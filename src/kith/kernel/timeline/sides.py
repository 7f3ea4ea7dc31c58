"""Side rows: rows of plain tables that belong to a record and have no story of their own (the roles of a person, who
reports to whom). The event that touches some carries what they were before and after it, so that whoever takes the event
back puts them back too, whatever the operation was called.

    with change(person, by=by) as c:
        side = Sides(Relation.objects.filter(person=c.row, other=other))
        …                                                       create, change and delete them as usual
        c.says(Unrelated(other.name, sides=side.touched()))     any event can carry them
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, NotAllowed, NotFound
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event, EventLink, Operation
from kith.kernel.timeline.types import EventType, TakenBack, type_of

Image = dict[str, Any]


class Sides:
    """Side rows under watch: as they are now, and on asking, those that became different since."""

    def __init__(self, rows: models.QuerySet[Any]):
        self.rows = rows
        self.before = self._images()

    def _images(self) -> dict[int, Image]:
        return {row.pk: image(row) for row in self.rows.all()}

    def touched(self) -> tuple[dict[str, Any], ...]:
        """What an event keeps of them: `{"table", "id", "before", "after"}` of each row that is not as it was, in order of
        their ids; None stands for a row that is not there."""
        table, after = self.rows.model._meta.label_lower, self._images()
        return tuple(
            {"table": table, "id": pk, "before": self.before.get(pk), "after": after.get(pk)}
            for pk in sorted({*self.before, *after})
            if self.before.get(pk) != after.get(pk)
        )


def image(row: Any) -> Image:
    """A row as plain JSON, by column."""
    return {f.attname: _plain(f, getattr(row, f.attname)) for f in row._meta.concrete_fields}


def _plain(field: Any, value: Any) -> Any:
    return (
        value if value is None or isinstance(value, bool | int | str) else field.value_to_string(_Holder(field, value))
    )


class _Holder:
    """`value_to_string` asks a row for the value; this is one with that value alone."""

    def __init__(self, field: Any, value: Any):
        setattr(self, field.attname, value)


def put_sides_back(event: Event) -> EventType | None:
    """Put the side rows of an event back as they were before it. Call it inside `change()` of the event's row, before the
    values of its columns; say what it returns. None: it touched none, or they are back already.

    Raises Invalid where one was changed since; then nothing is written, and the whole event is left as it is.
    """
    wanted = list(_to_put_back(event))
    if not wanted:
        return None
    try:
        with transaction.atomic():
            for model, pk, before in sorted(wanted, key=lambda one: one[2] is not None):  # make room first
                if before is None:
                    model._base_manager.filter(pk=pk).delete()
                else:
                    model(
                        **{name: model._meta.get_field(name).to_python(value) for name, value in before.items()}
                    ).save()
    except IntegrityError:
        raise _changed_since(event) from None
    return TakenBack(what=type_of(event.verb).say(event.payload))


def _to_put_back(event: Event) -> Iterator[tuple[Any, int, Image | None]]:
    """(model, id, image or None) of the rows that still are what the event made of them."""
    for side in event.payload.get("sides") or ():
        model = apps.get_model(side["table"])
        now = model._base_manager.select_for_update().filter(pk=side["id"]).first()
        held = None if now is None else image(now)
        if held == side["before"]:
            continue
        if held != side["after"]:
            raise _changed_since(event)
        yield model, side["id"], side["before"]


def _changed_since(event: Event) -> Invalid:
    what = type_of(event.verb).say(event.payload)
    return Invalid(_("“%s” was changed since and was left as it is.") % what)


def undo_with_sides(op: Operation, by: Actor) -> list[str]:
    """Take an operation back with the side rows its events touched; see `operations.undo_changes`."""
    from kith.kernel.timeline.operations import undo_changes

    conflicts: list[str] = []
    for event in Event.objects.filter(operation=op.pk).order_by("-id"):
        record = registry.get(event.record)
        row = record.model._default_manager.filter(pk=event.record_id).first() if record else None
        if record is None or row is None:
            continue
        try:
            with transaction.atomic(), change(row, by=by) as c:
                if said := put_sides_back(event):
                    c.says(said)
                    for name, pk in EventLink.objects.filter(event=event.pk).values_list("record", "record_id"):
                        c.about(name, pk)
        except (Invalid, InvalidMany, NotAllowed, NotFound) as problem:
            conflicts.append(f"{record.name_of(row)}: {getattr(problem, 'message', problem)}")
    return conflicts + undo_changes(op, by)
