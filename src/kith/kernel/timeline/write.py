"""Writing events: the rows of one change, their links, deliveries and the live ping, all in the caller's transaction.

`change()` writes one row's events through here, imports and bulk edits write thousands; there is no other way in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.database.notify import announce
from kith.kernel.jsontext import encode
from kith.kernel.timeline.ids import uuid7
from kith.kernel.timeline.models import Delivery, Event, EventLink
from kith.kernel.timeline.readers import tell_followers, tell_listeners, wanting
from kith.kernel.timeline.types import EventType

COPY_FROM = 50  # events from which COPY is faster than INSERT (measured: 40 to 60 on the embedded server)
Ref = tuple[str, int]


@dataclass
class Entry:
    """One event to write: what happened to which record, and which other records it concerns."""

    record: str
    record_id: int
    says: EventType
    changes: dict[str, list[Any]] = field(default_factory=dict)
    about: Iterable[Ref] = ()
    at: dt.datetime | None = None
    actor_name: str = ""  # author named by an import, where no user stands for them
    id: UUID = field(default_factory=uuid7)


def write_events(entries: list[Entry], by: Actor) -> list[UUID]:
    """Insert the events of a change; returns their ids in order. Must run inside a transaction."""
    if not entries:
        return []
    now = timezone.now()
    if len(entries) < COPY_FROM:
        events = [_event(e, by, now) for e in entries]
        Event.objects.bulk_create(events)
        EventLink.objects.bulk_create([EventLink(**link) for e in entries for link in _links(e, now)])
    else:
        _copy(entries, by, now)
    tell_followers((e.says.verb_for(e.record), e.record, e.record_id) for e in entries)
    _deliver(entries)
    _ping(entries)
    tell_listeners(entries, by)
    return [e.id for e in entries]


def _event(e: Entry, by: Actor, now: dt.datetime) -> Event:
    return Event(
        id=e.id, at=e.at or now, recorded_at=now, actor_id=by.user_id, actor_name=e.actor_name or by.name,
        channel=by.channel, verb=e.says.verb_for(e.record), record=e.record, record_id=e.record_id,
        changes=e.changes, payload=e.says.payload(), cause=by.cause, operation=by.operation,
    )  # fmt: skip


def _refs(e: Entry) -> Iterable[Ref]:
    return dict.fromkeys([(e.record, e.record_id), *e.about])


def _links(e: Entry, now: dt.datetime) -> Iterable[dict[str, Any]]:
    for record, pk in _refs(e):
        yield {"event_id": e.id, "record": record, "record_id": pk, "at": e.at or now, "chip": e.says.chip}


def _json(value: Any) -> str:
    return encode(value) if value else "{}"


def _copy(entries: list[Entry], by: Actor, now: dt.datetime) -> None:
    columns = "id, at, recorded_at, actor_id, actor_name, channel, verb, record, record_id, changes, payload, cause, operation"
    recorded = now.isoformat()  # moments and ids are written as text once, not by the driver in every row
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY timeline_event ({columns}) FROM STDIN") as copy:
            for e in entries:
                copy.write_row((
                    e.id.hex, e.at.isoformat() if e.at else recorded, recorded, by.user_id, e.actor_name or by.name,
                    by.channel, e.says.verb_for(e.record), e.record, e.record_id, _json(e.changes),
                    _json(e.says.payload()), by.cause, by.operation,
                ))  # fmt: skip
        with cursor.copy("COPY timeline_eventlink (event_id, record, record_id, at, chip) FROM STDIN") as copy:
            for e in entries:
                at, event = e.at.isoformat() if e.at else recorded, e.id.hex
                for record, pk in _refs(e):
                    copy.write_row((event, record, pk, at, e.says.chip))


def _deliver(entries: list[Entry]) -> None:
    wanted = [(e, reader) for e in entries for reader in wanting(e.says.verb_for(e.record))]
    if not wanted:
        return
    from kith.kernel.jobs import enqueue

    Delivery.objects.bulk_create([Delivery(event_id=e.id, reader=r.name) for e, r in wanted])
    for job in {r.job for _e, r in wanted}:
        enqueue(job, key=f"deliver:{job}")


def _ping(entries: list[Entry]) -> None:
    """Tell open pages, on commit: the record types and the very records, however many there are."""
    refs = {ref for e in entries for ref in _refs(e)}
    announce([*{record for record, _pk in refs}, *(f"{record}:{pk}" for record, pk in refs)], str(entries[-1].id))
