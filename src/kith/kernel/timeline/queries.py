"""Reading timelines: a record's entries, newest first, only those whose subject the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.records.models import RecordModel
from kith.kernel.records.queries import capped_count, merged_into
from kith.kernel.records.registry import registry
from kith.kernel.timeline.entries import Ref, TimelineEntry, entries, names_of, readable_by
from kith.kernel.timeline.models import Event, EventLink, Operation

PAGE = 30
NEAR = 25  # entries from the top that count as being on the first page
MOST = 200  # entries of one answer, however much was shown before


def timeline(
    actor: Actor,
    record: str,
    pk: int,
    *,
    chips: Iterable[str] = (),
    before: str = "",
    upto: str = "",
    limit: int = PAGE,
    merged: bool = True,
) -> tuple[list[TimelineEntry], str]:
    """(entries, cursor of the next page or ""). The record itself must have been read through `Record.get` before.

    upto: everything from the newest entry down to this cursor (at most MOST), to show again what is already shown. The
    story of rows that were merged into this one is part of it; merged=False: the caller knows that there are none.
    """
    own = _own(record, pk, merged)
    links = _links(own, chips)
    if upto:
        links, limit = _down_to(links, upto), MOST
    found = _page(actor, links, own, before, limit)
    return entries(actor, found.pairs, own, names=found.names, undone=found.undone), found.more


def history(
    actor: Actor, record: str, pk: int, *, before: str = "", limit: int = PAGE
) -> tuple[list[TimelineEntry], str]:
    """What happened to the row itself, with every value that was given or changed."""
    own = _own(record, pk)
    links = _links(own).filter(event__record=record, event__record_id__in=[i for _r, i in own])
    found = _page(actor, links, own, before, limit)
    return entries(actor, found.pairs, own, names=found.names, undone=found.undone, given=True), found.more


def cursor_above(record: str, pk: int, event_id: UUID, *, above: int = 4) -> str | None:
    """Cursor of a page that shows this entry with a few newer ones; "" when it is on the first page, None: no such entry."""
    links = _links(_own(record, pk))
    at = Event.objects.filter(pk=event_id).values_list("at", flat=True).first()
    if at is None or not links.filter(at=at, event_id=event_id).exists():
        return None
    newer = links.filter(at__gte=at).exclude(at=at, event_id__lte=event_id).order_by("at", "event_id")
    found = list(newer[:NEAR])
    return _cursor(found[above]) if len(found) == NEAR else ""


def count_earlier(
    actor: Actor, record: str, pk: int, *, chips: Iterable[str] = (), before: str, merged: bool = True
) -> tuple[int, bool] | None:
    """(how many entries lie before a cursor, whether that is exact); None where a count would tell of unseen rows."""
    if not _sees_everything(actor):
        return None
    return capped_count(_after(_links(_own(record, pk, merged), chips), before))


def _sees_everything(actor: Actor) -> bool:
    """Does this reader see every row of every type that has a part in the stories of others, so that nothing has to be left
    out of one? Configuration that names no other row (a mailbox) stands on its own story alone, and who opens that sees it."""
    told = (r for r in registry if not r.settings or r.model.about is not RecordModel.about)
    return all(r.scope.q(actor, r.name, "see") == Q() for r in told)


def last_changes(record: str, pk: int, keys: Iterable[str]) -> dict[str, tuple[str, dt.datetime]]:
    """Who changed each of these columns of a row last, and when: {key: (name, moment)}."""
    wanted = set(keys)
    changed = Q(record=record, record_id=pk, changes__has_any_keys=list(wanted))
    events = Event.objects.filter(changed, links__record=record, links__record_id=pk).order_by("-links__at", "-pk")[:50]
    out: dict[str, tuple[str, dt.datetime]] = {}
    for event in events:
        for key in wanted & set(event.changes) - set(out):
            out[key] = (event.actor_name, event.at)
    return out


def _own(record: str, pk: int, merged: bool = True) -> set[Ref]:
    return {(record, i) for i in (pk, *(merged_into(record, pk) if merged else ()))}


def _links(own: set[Ref], chips: Iterable[str] = ()) -> QuerySet[EventLink]:
    record = next(iter(own))[0]
    links = EventLink.objects.filter(record=record, record_id__in=[i for _r, i in own]).order_by("-at", "-event_id")
    return links.filter(chip__in=list(chips)) if chips else links


@dataclass
class _Page:
    """Links by event, names of other subjects, who took which operations back, the cursor of what follows."""

    links: list[EventLink]
    names: dict[Ref, str]
    more: str

    @property
    def pairs(self) -> list[tuple[Event, str]]:
        return [(link.event, link.chip) for link in self.links]

    @property
    def undone(self) -> dict[int | None, str]:
        return {link.event.operation: who for link in self.links if (who := link.undone_by) is not None}  # type: ignore[attr-defined]


def _page(actor: Actor, links: QuerySet[EventLink], own: set[Ref], before: str, limit: int) -> _Page:
    """Links with their events in one query a batch; further batches only where much is beyond the actor's sight."""
    size = limit + 1 if _sees_everything(actor) else limit * 2
    taken_back = Operation.objects.filter(pk=OuterRef("event__operation"), undone_at__isnull=False)
    joined = links.select_related("event").annotate(undone_by=Subquery(taken_back.values("undone_by")[:1]))
    found: dict[UUID, EventLink] = {}
    names: dict[Ref, str] = {}
    cursor = before
    while len(found) <= limit:
        batch = list(_after(joined, cursor)[:size])
        for link in _visible(actor, batch, own, names):
            found.setdefault(link.event_id, link)
        if len(batch) < size:
            break
        cursor = _cursor(batch[-1])
    shown = list(found.values())[:limit]
    return _Page(shown, names, _cursor(shown[-1]) if len(found) > limit else "")


def _visible(actor: Actor, batch: list[EventLink], own: set[Ref], names: dict[Ref, str]) -> list[EventLink]:
    """Links to events whose subject the actor may see; `names` learns the other subjects' names."""
    subjects = {(link.event.record, link.event.record_id) for link in batch}
    names |= names_of(actor, subjects - own - set(names))
    seen = own | set(names)
    return [link for link in batch if (link.event.record, link.event.record_id) in seen]


def cursor_of(event: Event) -> str:
    """The place of an event on any timeline it stands on."""
    return f"{event.at.isoformat()}~{event.pk}"


def _cursor(link: EventLink) -> str:
    return f"{link.at.isoformat()}~{link.event_id}"


def _read_cursor(cursor: str) -> tuple[dt.datetime, UUID] | None:
    at_text, _sep, event_id = cursor.partition("~")
    try:
        at, event = dt.datetime.fromisoformat(at_text), UUID(event_id)
    except ValueError:
        return None
    return (at, event) if at.tzinfo is not None else None


def _after(links: QuerySet[EventLink], cursor: str) -> QuerySet[EventLink]:
    """Entries older than the cursor; a broken one reads as the beginning."""
    read = _read_cursor(cursor)
    return links if read is None else links.filter(at__lte=read[0]).exclude(at=read[0], event_id__gte=read[1])


def _down_to(links: QuerySet[EventLink], cursor: str) -> QuerySet[EventLink]:
    read = _read_cursor(cursor)
    return links if read is None else links.filter(at__gte=read[0]).exclude(at=read[0], event_id__lt=read[1])


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


def operations_page(actor: Actor, *, before: int | None = None, limit: int = 30) -> tuple[list[Operation], int]:
    """(operations the actor may take back, newest first, id to go on from or 0)."""
    rows = reachable_operations(actor).order_by("-pk")
    found = list((rows if before is None else rows.filter(pk__lt=before))[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else 0


def topics_of(op: Operation, *, most: int = 20) -> list[str]:
    """What open pages should refetch once an operation is undone: what it was about, its record types, and the very rows
    when they are few."""
    links = EventLink.objects.filter(event__operation=op.pk).values_list("record", "record_id").distinct()
    refs = list(links[: most + 1])
    rows = [f"{record}:{pk}" for record, pk in refs] if len(refs) <= most else []
    about = [op.record] if op.record else []
    return [*dict.fromkeys([*about, *(record for record, _pk in refs)]), *rows]


def causes_of(actor: Actor, events: list[Event]) -> tuple[dict[UUID, Event], dict[int, str]]:
    """(the events that caused these as the actor may read them, labels of the operations of several rows that they belong to), by id."""
    found = list(Event.objects.filter(pk__in=[e.cause for e in events if e.cause]))
    causes = {e.pk: e for e in readable_by(actor, found)}
    numbers = {e.operation for e in events if e.operation}
    return causes, dict(Operation.objects.filter(pk__in=numbers, count__gt=1).values_list("pk", "label"))
