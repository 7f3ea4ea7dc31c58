"""Side rows: rows of plain tables that belong to a record and have no story of their own (the roles of a person, who
reports to whom). The event that touches some carries what they were before and after it, so that whoever takes the event
back puts them back too, whatever the operation was called.

    with change(person, by=by) as c:
        side = Sides(Relation.objects.filter(person=c.row, other=other))
        …                                                       create, change and delete them as usual
        c.says(Unrelated(other.name, sides=side.touched()))     any event can carry them
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event, EventLink
from kith.kernel.timeline.types import TakenBack, type_of

Image = dict[str, Any]


class Sides:
    """Side rows under watch: as they are now, and on asking, those that became different since.

    together: the columns that tell which rows belong together (`{"deal_id": 7}`), where what they are depends on all of them
    (products that add up to an amount): they go back only while none of them changed, came or went since.
    """

    def __init__(self, rows: models.QuerySet[Any], together: dict[str, int] | None = None):
        self.rows = rows if together is None else rows.filter(**together)
        self.together = together
        self.before = self._images()

    def _images(self) -> dict[int, Image]:
        return {row.pk: image(row) for row in self.rows.all()}

    def touched(self) -> tuple[dict[str, Any], ...]:
        """What an event keeps of them: `{"table", "id", "before", "after"}` of each row that is not as it was, in order of
        their ids; None stands for a row that is not there. Nothing when nothing changed."""
        table, after = self.rows.model._meta.label_lower, self._images()
        if self.before == after:
            return ()
        kept: list[dict[str, Any]] = [
            {"table": table, "id": pk, "before": self.before.get(pk), "after": after.get(pk)}
            for pk in sorted({*self.before, *after})
            if self.together is not None or self.before.get(pk) != after.get(pk)
        ]
        if self.together is not None:
            kept.append({"table": table, "together": self.together})
        return tuple(kept)


def made_sides(rows: Iterable[Any]) -> tuple[dict[str, Any], ...]:
    """What an event keeps of side rows that were just made together with those of other records."""
    return tuple({"table": row._meta.label_lower, "id": row.pk, "before": None, "after": image(row)} for row in rows)


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


def put_sides_back(events: Iterable[Event], by: Actor) -> tuple[list[str], list[Event]]:
    """Put the side rows of these events (newest first) back as they were; each event in a savepoint of its own.

    Returns sentences about what stayed, and the events whose columns may go back too: where a side row was changed since, or
    the row is out of the actor's reach, the whole event is left as it is.
    """
    conflicts: list[str] = []
    rest: list[Event] = []
    for event in events:
        record = registry.get(event.record)
        if record is not None and event.payload.get("sides"):
            try:
                _undo(event, record, by)
            except KithError as problem:
                row = record.rows(by).filter(pk=event.record_id).first()
                conflicts.append(f"{record.name_of(row) if row else f'{record.label} {event.record_id}'}: {problem}")
                continue
        rest.append(event)
    return conflicts, rest


def _undo(event: Event, record: Any, by: Actor) -> None:
    """One event's side rows, if they still are what it made of them; told on every timeline that told of it."""
    with transaction.atomic(), change(record.model(pk=event.record_id), by=by) as c:
        wanted = list(_to_put_back(event))
        for model, pk, before in sorted(wanted, key=lambda one: one[2] is not None):  # what is to go makes room
            _put_back(model, pk, before, event)
        if wanted:
            c.says(TakenBack(what=_words(event)))
            for name, pk in EventLink.objects.filter(event=event.pk).values_list("record", "record_id"):
                c.about(name, pk)


def _to_put_back(event: Event) -> Iterator[tuple[Any, int, Image | None]]:
    """(model, id, image or None) of the rows that are to be put back. One that is back already was put back by an
    interrupted try. Raises Invalid."""
    for side in event.payload["sides"]:
        model = apps.get_model(side["table"])
        if together := side.get("together"):
            known = [one["id"] for one in event.payload["sides"] if one.get("id")]
            if model._base_manager.filter(**together).exclude(pk__in=known).exists():
                raise _changed_since(event)
            continue
        row = model._base_manager.select_for_update().filter(pk=side["id"]).first()
        now = None if row is None else image(row)
        if now == side["before"]:
            continue
        if now != side["after"]:
            raise _changed_since(event)
        yield model, side["id"], side["before"]


def _put_back(model: Any, pk: int, before: Image | None, event: Event) -> None:
    try:
        with transaction.atomic():
            if before is None:
                model._base_manager.filter(pk=pk).delete()
                return
            model(**{name: model._meta.get_field(name).to_python(value) for name, value in before.items()}).save()
    except IntegrityError:  # somebody made the same again meanwhile, or it is fixed by now
        raise _changed_since(event) from None


def _changed_since(event: Event) -> Invalid:
    return Invalid(_("“%s” was changed since and was left as it is.") % _words(event))


def _words(event: Event) -> str:
    return type_of(event.verb).say(event.payload)
