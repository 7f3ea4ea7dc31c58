"""How long somebody who came to us waits for the first word of a colleague, in business time.

The clocks are made from events whenever these are written or taken back, so that they say the same: a person who comes
starts one, unless one runs already; a mail, a call, a meeting or an answer in the chat by a colleague stops it, from wherever
they wrote it. What Kith writes in a colleague's name (a sequence, a workflow) answers nobody. A call that was taken back never
was. What a clock promised when it started (`targets.py`), and by whose opening hours, it keeps.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from kith.activities.events import OUTREACH
from kith.capture import targets
from kith.capture.models import LeadClock
from kith.capture.ways import BOOKING
from kith.kernel.calendars.queries import calendar_of

CAME, MADE = "person.captured", "person.created"
VERBS = frozenset((CAME, *OUTREACH))
# Events of those who were merged into somebody are told under their old ids; answers in the chat on the conversation alone,
# of which their story has one entry.
TOLD = """
    WITH RECURSIVE same (now, id) AS (
        SELECT id, id FROM unnest(%s::bigint[]) AS asked (id)
        UNION SELECT same.now, m.old_id FROM records_moved m JOIN same ON m.new_id = same.id AND m.record = 'person'
    )
    SELECT same.now, e.id, e.verb, e.at, e.actor_id, e.payload, e.channel, e.operation
    FROM same CROSS JOIN LATERAL (
        SELECT l.event_id FROM timeline_eventlink l WHERE l.record = 'person' AND l.record_id = same.id
        UNION ALL
        SELECT l.event_id FROM chat_conversation c JOIN timeline_eventlink l ON l.record = 'conversation' AND l.record_id = c.id
        WHERE c.person_id = same.id
    ) l JOIN timeline_event e ON e.id = l.event_id
    WHERE e.verb = ANY(%s) AND (e.verb IN ('person.captured', 'person.created') OR e.actor_id IS NOT NULL AND e.channel <> 'automation')
      AND NOT EXISTS (SELECT 1 FROM timeline_operation o WHERE o.id = e.operation AND o.undone_at IS NOT NULL)
    ORDER BY same.now, e.at, e.id
"""
CONCERNED = """
    SELECT DISTINCT c.person_id FROM timeline_event e
    JOIN timeline_eventlink l ON l.event_id = e.id AND l.record = 'person'
    JOIN capture_leadclock c ON c.person_id = l.record_id
    WHERE e.id IN (SELECT event_id FROM timeline_eventlink WHERE record = %s AND record_id = ANY(%s)) AND e.verb = ANY(%s)
"""


def follow(people: Iterable[int]) -> None:
    """Make the clocks of these people agree with their events."""
    ids = sorted(set(people))
    held = {clock.event: clock for clock in LeadClock.objects.filter(person_id__in=ids)}
    wanted = {clock.event: clock for clock in _clocks(ids, held)}
    LeadClock.objects.filter(pk__in=[held[event].pk for event in held.keys() - wanted.keys()]).delete()
    new = [clock for event, clock in wanted.items() if event not in held]
    for clock in new:
        clock.derive()
    LeadClock.objects.bulk_create(new)
    fields = ["reached_at", "reached_by_id", "minutes"]
    changed = []
    for event in held.keys() & wanted.keys():
        if any(getattr(held[event], f) != getattr(wanted[event], f) for f in fields):
            for f in fields:
                setattr(held[event], f, getattr(wanted[event], f))
            changed.append(held[event])
    LeadClock.objects.bulk_update(changed, ["reached_at", "reached_by", "minutes"])


def follow_made(people: Iterable[int]) -> None:
    """People were typed in, imported or sent by a program; mostly these wait for nobody, which costs no query to know."""
    if targets.any_born():
        follow(people)


def follow_about(record: str) -> Callable[[list[int]], None]:
    """A call is told on the activity, a mail perhaps on a deal: whoever it concerns and still waits is looked at again."""

    def look(ids: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(CONCERNED, [record, sorted(set(ids)), list(OUTREACH)])
            people = [pk for (pk,) in cursor.fetchall()]
        if people:
            follow(people)

    return look


def _clocks(ids: list[int], held: Mapping[UUID, LeadClock]) -> list[LeadClock]:
    """The clocks that the events of these people tell of; one query."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [ids, sorted((*VERBS, MADE))])
        rows = cursor.fetchall()
    by_person: dict[int, list[Any]] = defaultdict(list)
    for person, *told in rows:
        by_person[person].append(told)
    return [clock for person, told in by_person.items() for clock in _of_one(person, told, held)]


def _of_one(person: int, told: list[Any], held: Mapping[UUID, LeadClock]) -> list[LeadClock]:
    """Whoever is made as they come to us comes once."""
    out: list[LeadClock] = []
    running: LeadClock | None = None
    came = {operation for _event, verb, *_rest, operation in told if verb == CAME}
    for event, verb, at, actor, payload, channel, operation in told:
        said = payload if isinstance(payload, dict) else _loaded(payload)
        if verb == MADE:
            said = {} if operation in came else _made(event, at, channel, held)
        if verb in (CAME, MADE):
            if running is None and said and said.get("through") != BOOKING:
                running = _started(person, event, at, said, held.get(event))
                out.append(running)
        elif running is not None and not said.get("incoming"):
            _stop(running, at, actor)
            running = None
    return out


def _made(event: UUID, at: dt.datetime, channel: str, held: Mapping[UUID, LeadClock]) -> dict[str, str]:
    """What somebody who was made comes through; nothing where nobody is waited for. A clock that runs goes on."""
    way = targets.BORN.get(channel, "") if event in held else targets.wait_when_born(channel, at)
    return {"through": way} if way else {}


def _loaded(payload: str) -> dict[str, Any]:
    import orjson

    found: dict[str, Any] = orjson.loads(payload)
    return found


def _started(person: int, event: UUID, at: dt.datetime, said: dict[str, Any], held: LeadClock | None) -> LeadClock:
    way, source = str(said.get("through") or ""), str(said.get("source") or "")
    if held is not None:
        due, target = held.due_at, targets.Target(held.target_minutes, held.calendar_id)
    else:
        target = targets.target_of(way, source, said.get("form"))
        due = calendar_of(target.calendar).add(at, dt.timedelta(minutes=target.minutes))
    return LeadClock(
        person_id=person, event=event, through=way[:12], source=source[:200], started_at=at, due_at=due,
        target_minutes=target.minutes, calendar_id=target.calendar,
    )  # fmt: skip


def _stop(clock: LeadClock, at: dt.datetime, actor: int) -> None:
    clock.reached_at, clock.reached_by_id = at, actor
    business = calendar_of(clock.calendar_id).between(clock.started_at, at)
    clock.minutes = max(int(business.total_seconds() // 60), 0)
