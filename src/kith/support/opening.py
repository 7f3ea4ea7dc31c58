"""How tickets come to be: whatever way somebody comes, `open_ticket` is called in the end.

Rooms that know nothing of tickets are heard by events (`listening.py`); mail is filed by `incoming.py`; programs and forms
make rows through `create`, which is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from kith.kernel.access.actor import Actor, system
from kith.kernel.records.actions import adopt, fill
from kith.kernel.text import brief, fold
from kith.kernel.timeline.change import change
from kith.kernel.timeline.types import Created
from kith.support import events
from kith.support.clocks.keeping import recount
from kith.support.models import Door, Side, Source, Ticket, TicketChannel, TicketState
from kith.support.routing import keep_turn, turn_taken, whose_turn
from kith.support.saying import known, put

REPEAT = dt.timedelta(days=30)  # who comes back with the same within this time was not helped
ALIKE = 0.5  # share of the words of two subjects that makes them the same matter
HANDS = {"web": TicketChannel.HAND, "api": TicketChannel.API, "cli": TicketChannel.API}


def create(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> Ticket:
    """A ticket from typed values, as forms, imports and programs make it. Raises InvalidMany."""
    from kith.support.records import TicketRecord

    row = Ticket(channel=HANDS.get(by.channel, TicketChannel.HAND))
    fill(TicketRecord, row, values, by=by)
    if at is not None and "opened_at" not in values:
        row.opened_at = at
    return _make(row, by=by, at=at or row.opened_at, name=str(row.person or ""))


def open_ticket(
    *, subject: str, text: str = "", channel: str, by: Actor, person: Any = None, company: Any = None, door: Door | None = None,
    follows: Ticket | None = None, at: dt.datetime | None = None, key: str | None = None, source: tuple[str, int] | None = None,
    message: int | None = None, files: Sequence[Any] = (), fresh: bool = False, **values: Any,
) -> Ticket:  # fmt: skip
    """A ticket of what somebody said. key, source: what it comes from, so that it is opened once however often it is told;
    fresh: it was made in this very transaction, so that nobody can have told of it before.

    `channel` is a `TicketChannel`; `door` the way in, which gives kind, priority, team and tags; further `values` by column.
    """
    there = known(key) if not fresh else None
    if there is not None:
        return there.ticket
    if source is not None:
        made = Source.objects.select_related("ticket").filter(through=source[0], ref=source[1]).first()
        if made is not None:
            return made.ticket
    given = (
        {"kind": door.kind, "priority": door.priority, "team_id": door.team_id, "tags": list(door.tags)} if door else {}
    )
    row = Ticket(
        subject=_line(subject) or brief(text, 80) or "–", person=person, company=company or getattr(person, "company", None),
        channel=channel, follows=follows, request=text, opened_at=at or timezone.now(), **{**given, **values},
    )  # fmt: skip
    if follows is not None and row.owner_id is None and follows.owner is not None and follows.owner.is_active:
        row.owner_id, row.team_id = follows.owner_id, row.team_id or follows.team_id
    try:
        with transaction.atomic(savepoint=source is not None):
            _make(
                row,
                by=by,
                at=row.opened_at,
                name=str(person) if person else by.name if by.is_system else "",
                key=key,
                message=message,
                files=files,
            )
            if source is not None:
                Source.objects.create(ticket=row, through=source[0], ref=source[1])
    except IntegrityError:  # told twice at the same moment, and the other one was first
        if source is None:
            raise
        return Source.objects.select_related("ticket").get(through=source[0], ref=source[1]).ticket
    return row


def _make(
    row: Ticket, *, by: Actor, at: dt.datetime | None, name: str, key: str | None = None, message: int | None = None,
    files: Sequence[Any] = (),
) -> Ticket:  # fmt: skip
    if row.company_id is None and row.person is not None:
        row.company_id = row.person.company_id
    row.repeats = comes_back(row)
    state, text, dealt = row.state, row.request, None
    with change(row, by=by, at=at) as c:
        if at is not None:
            c.row.created_at = at
        adopt(c.row, by)
        c.says(Created())
        if c.row.owner_id is None and c.row.awaits_step and (dealt := whose_turn(c.row)):
            c.row.owner = dealt.user
            c.says(turn_taken(dealt.user), name=by.name if by.user_id else system().name)
        if state in (TicketState.SOLVED, TicketState.CLOSED):
            c.row.solved_at = c.row.solved_at or at or timezone.now()
            c.says(events.Solved(row.subject, row.cause))
        elif state == TicketState.WAITING:
            c.says(events.Waits())
    if text:
        put(row, Side.THEM, text, channel=row.channel, person=row.person_id, name=name, message=message, at=row.opened_at,
            key=key, files=files)  # fmt: skip
        recount([row.pk])
    if dealt is not None:
        keep_turn(row, dealt, by=by)
    return row


def comes_back(row: Ticket) -> bool:
    """Did they come with the same lately, and were told that it was solved?"""
    if row.person_id is None and row.company_id is None:
        return False
    mine = {"person_id": row.person_id} if row.person_id else {"company_id": row.company_id}
    solved = Ticket.objects.filter(
        **mine, solved_at__gte=row.opened_at - REPEAT, solved_at__lte=row.opened_at, archived_at=None
    ).exclude(pk=row.follows_id or 0)  # fmt: skip
    if row.follows_id:
        return True
    words = _words(row.subject)
    for subject in solved.order_by("-solved_at").values_list("subject", flat=True)[:20]:
        other = _words(subject)
        if words and other and len(words & other) / len(words | other) >= ALIKE:
            return True
    return False


def _words(text: str) -> set[str]:
    return {word for word in fold(text).split() if len(word) > 2}


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
