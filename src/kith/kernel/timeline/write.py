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
from kith.kernel.database.notify import CHANNEL, announce, payloads
from kith.kernel.jsontext import encode
from kith.kernel.timeline.ids import uuid7
from kith.kernel.timeline.models import Delivery
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
        _insert(entries, by, now)
    else:
        _copy(entries, by, now)
        announce(*_topics(entries))
    tell_followers((e.says.verb_for(e.record), e.record, e.record_id) for e in entries)
    _deliver(entries)
    tell_listeners(entries, by)
    return [e.id for e in entries]


# Events, their links and the ping of open pages in one statement: most writes say one thing, and each trip to the database
# costs more than what it does there.
INSERT = """
    WITH told AS (
        INSERT INTO timeline_event (id, at, recorded_at, actor_id, actor_name, channel, verb, record, record_id, changes, payload,
                                    cause, operation)
        SELECT id, at, %(now)s::timestamptz, %(actor)s::bigint, name, %(channel)s, verb, record, record_id, changes, payload,
               %(cause)s::uuid, %(operation)s::bigint
        FROM unnest(%(ids)s::uuid[], %(ats)s::timestamptz[], %(names)s::text[], %(verbs)s::text[], %(records)s::text[],
                    %(record_ids)s::bigint[], %(changes)s::jsonb[], %(payloads)s::jsonb[])
             AS e (id, at, name, verb, record, record_id, changes, payload)
    ), linked AS (
        INSERT INTO timeline_eventlink (event_id, record, record_id, at, chip)
        SELECT * FROM unnest(%(link_ids)s::uuid[], %(link_records)s::text[], %(link_record_ids)s::bigint[],
                             %(link_ats)s::timestamptz[], %(link_chips)s::text[])
    )
    SELECT pg_notify(%(live)s, payload) FROM unnest(%(pings)s::text[]) AS payload
"""


def _insert(entries: list[Entry], by: Actor, now: dt.datetime) -> None:
    links = [(e.id, record, pk, e.at or now, e.says.chip) for e in entries for record, pk in _refs(e)]
    ids, records, pks, ats, chips = (list(column) for column in zip(*links, strict=True))
    given = {
        "now": now, "actor": by.user_id, "channel": by.channel, "cause": by.cause, "operation": by.operation,
        "ids": [e.id for e in entries], "ats": [e.at or now for e in entries],
        "names": [e.actor_name or by.name for e in entries], "verbs": [e.says.verb_for(e.record) for e in entries],
        "records": [e.record for e in entries], "record_ids": [e.record_id for e in entries],
        "changes": [_json(e.changes) for e in entries], "payloads": [_json(e.says.payload()) for e in entries],
        "link_ids": ids, "link_records": records, "link_record_ids": pks, "link_ats": ats, "link_chips": chips,
        "live": CHANNEL, "pings": list(payloads(*_topics(entries))),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT, given)


def _refs(e: Entry) -> Iterable[Ref]:
    return dict.fromkeys([(e.record, e.record_id), *e.about])


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


def _topics(entries: list[Entry]) -> tuple[list[str], str]:
    """What open pages are told on commit: the record types and the very records, however many there are; and the last event."""
    refs = {ref for e in entries for ref in _refs(e)}
    return sorted({*(record for record, _pk in refs), *(f"{record}:{pk}" for record, pk in refs)}), str(entries[-1].id)
