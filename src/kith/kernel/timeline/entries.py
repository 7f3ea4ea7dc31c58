"""Events as entries a person can read: the sentence, what changed from what to what, what was said, about whom.

A page of entries costs one query for the names of all other records in it, and one for each event type with bodies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.types import Body, Changed, type_of

Ref = tuple[str, int]


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a timeline. `changes`: (label, old words, new words); `subject`, `subject_name` and `subject_url`: the
    kind, name and address of what it happened to when that is not the page's own; `body`: what was said; `undone_by`: who
    took it back; `step`: the step of the process whose mark stands beside it, 0 for the icon."""

    event: Event
    sentence: str
    icon: str
    chip: str
    changes: list[tuple[str, str, str]]
    subject: str = ""
    subject_url: str = ""
    subject_name: str = ""
    body: Body | None = None
    undone_by: str = ""
    step: int = 0


def entries(
    actor: Actor,
    pairs: Sequence[tuple[Event, str]],
    own: Iterable[Ref] = (),
    *,
    names: dict[Ref, str] | None = None,
    undone: dict[int | None, str] | None = None,
    given: bool = False,
) -> list[TimelineEntry]:
    """Entries of (event, chip) pairs, without values of columns hidden from the actor.

    own: records whose page this is; names: as `names_of` gave them, when at hand; undone: who took operations back;
    given: also list what was given to a new row, which the sentence alone tells elsewhere. Events whose subject the
    actor may not see must have been left out before.
    """
    own = set(own)
    readable = readable_by(actor, [event for event, _chip in pairs])
    pairs = [(event, chip) for event, (_kept, chip) in zip(readable, pairs, strict=True)]
    links = {ref for event, _chip in pairs for ref in _guarded_links(actor, event)}
    subjects = {(e.record, e.record_id) for e, _chip in pairs} - own
    known = names if names is not None and not links else names_of(actor, subjects | links)
    undone = undone or {}
    bodies = _bodies(actor, [event for event, _chip in pairs if event.operation not in undone])
    made = (_entry(actor, event, chip, own, known, links, bodies.get(event.pk), given) for event, chip in pairs)
    return [replace(e, undone_by=undone[e.event.operation]) if e.event.operation in undone else e for e in made]


def _entry(
    actor: Actor, event: Event, chip: str, own: set[Ref], names: dict[Ref, str], guarded: set[Ref], body: Body | None,
    given: bool,
) -> TimelineEntry:  # fmt: skip
    kind, record = type_of(event.verb), registry.get(event.record)
    columns = record.columns(actor) if record else {}
    unseen = guarded - set(names)
    changes = [
        (column.label, "" if old is None else _words(column, old, unseen), _words(column, now, unseen))
        for key, column in columns.items()
        if key in event.changes and (given or event.changes[key][0] is not None or kind is Changed)
        for old, now in [event.changes[key]]
    ]
    subject = (event.record, event.record_id)
    elsewhere = record is not None and subject not in own
    return TimelineEntry(
        event, kind.say({"what": "", **event.payload}), kind.icon, chip or kind.chip, [] if kind.stepped else changes,
        subject=record.label if elsewhere and record else "",
        subject_url=record.url(event.record_id) if elsewhere and record else "",
        subject_name=names.get(subject, "") if elsewhere else "", body=body,
        step=event.payload.get("step", 0) if kind.stepped else 0,
    )  # fmt: skip


def readable_by(actor: Actor, events: Sequence[Event]) -> list[Event]:
    """The same events as this actor may read them. Whoever shows an event without `entries` asks here first."""
    less = _asked("withheld", actor, events)
    return [less.get(event.pk, event) for event in events]


def _bodies(actor: Actor, events: list[Event]) -> dict[UUID, Body]:
    """What was said."""
    return _asked("bodies", actor, events)


def _asked(what: str, actor: Actor, events: Sequence[Event]) -> dict[UUID, Any]:
    """What the types of these events answer, by event id; types that share one function share its queries."""
    by_function: dict[Any, tuple[Any, list[Event]]] = {}
    for event in events:
        ask = getattr(type_of(event.verb), what)
        by_function.setdefault(getattr(ask, "__func__", ask), (ask, []))[1].append(event)
    out: dict[UUID, Any] = {}
    for ask, those in by_function.values():
        out |= ask(those, actor)
    return out


def names_of(actor: Actor, refs: Iterable[Ref]) -> dict[Ref, str]:
    """{(record, id): name} of those the actor may see, in one query whatever the number of record types."""
    by_record: dict[str, set[int]] = defaultdict(set)
    for name, pk in refs:
        if name in registry:
            by_record[name].add(pk)
    parts = [_named(actor, registry[name], pks) for name, pks in sorted(by_record.items())]
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(record, pk): name or "" for record, pk, name in rows}


def _named(actor: Actor, record: Any, pks: set[int]) -> Any:
    rows = record.rows(actor).filter(pk__in=pks).order_by()
    path = _title_path(record)
    name = Cast(path, CharField()) if path else Value("", output_field=CharField())
    kind = Value(record.name, output_field=CharField())
    return rows.annotate(ref_record=kind, ref_name=name).values_list("ref_record", "pk", "ref_name")


def _title_path(record: Any) -> str:
    """Where the database has the name of a row: its title, or the title of the row that this links to; "" for nowhere."""
    field = {f.name: f for f in record.model._meta.concrete_fields}.get(record.title)
    if field is None or field.related_model is None:
        return record.title if field is not None else ""
    linked = registry.by_model(field.related_model)
    word = linked.title if linked is not None else "name"
    known = {f.name for f in field.related_model._meta.concrete_fields if f.related_model is None}
    return f"{record.title}__{word}" if word in known else ""


def _guarded_links(actor: Actor, event: Event) -> Iterable[Ref]:
    """Rows named in an event's changes whose type the actor does not see whole."""
    record = registry.get(event.record)
    columns = record.columns() if record else {}
    for key, values in event.changes.items():
        target = getattr(columns[key].kind, "target", "") if key in columns else ""
        if target in registry and registry[target].scope.q(actor, target, "see") != Q():
            yield from ((target, d["id"]) for d in values if isinstance(d, dict) and isinstance(d.get("id"), int))


class _Named:
    """Stands for a linked row in history: its id and the name it had then."""

    def __init__(self, data: dict[str, Any]):
        self.pk, self.name, self.title = data["id"], data.get("name") or f"#{data['id']}", data.get("name", "")

    def __str__(self) -> str:
        return str(self.name)


def _words(column: Any, data: Any, unseen: set[Ref]) -> str:
    if isinstance(data, dict) and "id" in data and hasattr(column.kind, "target"):
        if (column.kind.target, data["id"]) in unseen:
            return _("not yours to see")
        return str(column.kind.show(_Named(data)))
    return str(column.kind.show(column.kind.blank if data is None else column.kind.load(data)))
