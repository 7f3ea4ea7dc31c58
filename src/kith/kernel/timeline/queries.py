"""Reading timelines: a record's entries, newest first, only those whose subject the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.records.queries import merged_into
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, EventLink, Operation
from kith.kernel.timeline.types import type_of

PAGE = 30


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a timeline. `changes`: (label, old words, new words); `subject`: name and URL when not the page's own."""

    event: Event
    sentence: str
    icon: str
    chip: str
    changes: list[tuple[str, str, str]]
    subject: str = ""
    subject_url: str = ""


def timeline(
    actor: Actor, record: str, pk: int, *, chips: Iterable[str] = (), before: str = "", limit: int = PAGE
) -> tuple[list[TimelineEntry], str]:
    """(entries, cursor of the next page or ""). The record itself must have been read through `Record.get` before.

    The story of rows that were merged into this one is part of it.
    """
    own = {(record, i) for i in (pk, *merged_into(record, pk))}
    links = EventLink.objects.filter(record=record, record_id__in=[i for _r, i in own]).order_by("-at", "-event_id")
    if chips:
        links = links.filter(chip__in=list(chips))
    found: list[tuple[EventLink, Event]] = []
    cursor = before
    while len(found) <= limit:
        page = list(_after(links, cursor)[: limit * 2])
        if not page:
            break
        known = {link.event_id for link, _event in found}
        found += [pair for pair in _visible(actor, page, own) if pair[0].event_id not in known]
        cursor = _cursor(page[-1])
        if len(page) < limit * 2:
            break
    shown = found[:limit]
    more = _cursor(shown[-1][0]) if len(found) > limit else ""
    return [entry(actor, event, (record, pk), link.chip) for link, event in shown], more


def _cursor(link: EventLink) -> str:
    return f"{link.at.isoformat()}~{link.event_id}"


def _after(links: Any, cursor: str) -> Any:
    if not cursor:
        return links
    at_text, _sep, event_id = cursor.partition("~")
    try:
        at, event = dt.datetime.fromisoformat(at_text), UUID(event_id)
    except ValueError:
        return links
    return links.filter(at__lte=at).exclude(at=at, event_id__gte=event)


def _visible(actor: Actor, page: list[EventLink], own: set[tuple[str, int]]) -> list[tuple[EventLink, Event]]:
    """Links with their events, once each, whose subject the actor may see."""
    events = Event.objects.in_bulk([link.event_id for link in page])
    seen = own | _seen(actor, {(e.record, e.record_id) for e in events.values()} - own)
    once = {link.event_id: link for link in page}
    return [
        (link, event)
        for link in once.values()
        if (event := events.get(link.event_id)) is not None and (event.record, event.record_id) in seen
    ]


def _seen(actor: Actor, refs: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of `refs` that the actor may see; no query for record types the actor sees whole."""
    out: set[tuple[str, int]] = set()
    for name in {r for r, _pk in refs}:
        record = registry.get(name)
        pks = {pk for r, pk in refs if r == name}
        if record is None:
            continue
        if record.scope.q(actor, name, "see") == Q():
            out |= {(name, pk) for pk in pks}
        else:
            out |= {(name, pk) for pk in record.rows(actor).filter(pk__in=pks).values_list("pk", flat=True)}
    return out


def entry(actor: Actor, event: Event, own: tuple[str, int] | None = None, chip: str = "") -> TimelineEntry:
    """An event in words, without values of columns hidden from the actor."""
    kind = type_of(event.verb)
    record = registry.get(event.record)
    columns = record.columns(actor) if record else {}
    changes = [
        (c.label, c.kind.show(_load(c, old)), c.kind.show(_load(c, new)))
        for key, (old, new) in event.changes.items()
        if (c := columns.get(key)) is not None and old is not None
    ]
    elsewhere = record is not None and own != (event.record, event.record_id)
    return TimelineEntry(
        event, kind.say({"what": "", **event.payload}), kind.icon, chip or kind.chip, changes,
        subject=record.label if elsewhere and record else "",
        subject_url=record.url(event.record_id) if elsewhere and record else "",
    )  # fmt: skip


class _Named:
    """Stands for a linked row in history: its id and the name it had then."""

    def __init__(self, data: dict[str, Any]):
        self.pk, self.name, self.title = data["id"], data.get("name") or f"#{data['id']}", data.get("name", "")

    def __str__(self) -> str:
        return str(self.name)


def _load(column: Any, data: Any) -> Any:
    if isinstance(data, dict) and "id" in data and hasattr(column.kind, "target"):
        return _Named(data)
    return column.kind.blank if data is None else column.kind.load(data)


def reachable_operations(actor: Actor) -> QuerySet[Operation]:
    """Operations that the actor may take back: own ones, all for managers and administrators."""
    rows = Operation.objects.order_by("-at")
    if actor.can("settings.manage") or actor.role == "manager":
        return rows
    return rows.filter(actor_id=actor.user_id)


def operations(actor: Actor, *, limit: int = 50) -> list[Operation]:
    """The most recent operations that the actor may take back."""
    return list(reachable_operations(actor)[:limit])


def operation_of(actor: Actor, pk: int) -> Operation:
    """One of them, or NotFound."""
    found = reachable_operations(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no change %s that you may undo.") % pk)
    return found
