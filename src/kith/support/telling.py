"""Tickets as they went, told afterwards: for a sample company. Talks, events and clocks stand on their own dates; nothing
leaves."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.text import brief
from kith.kernel.timeline.types import Created
from kith.kernel.timeline.write import Entry as Told
from kith.kernel.timeline.write import write_events
from kith.support import events
from kith.support.clocks.looking import sweep
from kith.support.clocks.model import Kind, Time
from kith.support.clocks.policies import levels_of
from kith.support.models import Entry, Side, Ticket, TicketState


@dataclass(frozen=True)
class ToldLine:
    """One line of a talk. `by` is the colleague who wrote it, None for the customer; `then` as in an answer."""

    at: dt.datetime
    text: str
    by: Actor | None = None
    note: bool = False
    then: str = ""


@dataclass
class ToldTicket:
    """A ticket of a person, its talk in order, and what it was when it was solved."""

    person: Any
    owner: Actor | None
    subject: str
    channel: str
    kind: str
    priority: str
    at: dt.datetime
    lines: Sequence[ToldLine]
    cause: str = ""
    resolution: str = ""
    tags: Sequence[str] = ()
    row: Any = field(default=None)


def first_reply_time(told: ToldTicket) -> Time | None:
    """The time that a ticket like this has for its first reply, by the levels in use."""
    whose = {"person_id": told.person.pk, "company_id": told.person.company_id}
    row = Ticket(pk=0, priority=told.priority, kind=told.kind, **whose)
    level = levels_of([row])[0]
    return level.times().get(Kind.FIRST) if level is not None else None


def tell_tickets(told: Sequence[ToldTicket], *, by: Actor) -> list[Any]:
    """Write these tickets in the caller's transaction: rows, talks and events, from which clocks and next steps follow."""
    from kith.kernel.records.bulk_create import Maker

    if not told:
        return []
    for one in told:
        one.row = _row(one)
        one.row.derive()
    Maker(registry["ticket"]).insert([one.row for one in told])
    entries = [(one, line, _entry(one, line)) for one in told for line in one.lines]
    Entry.objects.bulk_create([entry for _one, _line, entry in entries])
    heard: dict[Actor, list[Told]] = defaultdict(list)
    for one in told:
        heard[by].append(Told("ticket", one.row.pk, Created(), {}, one.row.about(), one.at, str(one.person)))
    answered: set[int] = set()
    solved: set[int] = set()
    for one, line, entry in entries:
        for event in _said(one, line, entry, answered, solved):
            actor = line.by if line.by is not None else by
            name = "" if line.by is not None else str(one.person)
            heard[actor].append(Told("ticket", one.row.pk, event, {}, one.row.about(), line.at, name))
    for actor, some in heard.items():
        write_events(some, actor)
    sweep(aloud=False)  # what ran over was told then
    return [one.row for one in told]


def _row(one: ToldTicket) -> Ticket:
    last = one.lines[-1]
    state, solved, reopened = TicketState.NEW, None, 0
    for line in one.lines[1:]:
        if line.note:
            continue
        if line.by is None:
            reopened += solved is not None
            state, solved = TicketState.OPEN, None
        else:
            state = {"wait": TicketState.WAITING, "solve": TicketState.SOLVED}.get(line.then, TicketState.OPEN)
            solved = line.at if line.then == "solve" else None
    first = next((line.at for line in one.lines if line.by is not None and not line.note), None)
    words = one.lines[0].text
    return Ticket(
        subject=one.subject, person=one.person, company_id=one.person.company_id, state=state, priority=one.priority, kind=one.kind,
        channel=one.channel, opened_at=one.at, created_at=one.at, updated_at=last.at, first_answered_at=first, solved_at=solved,
        cause=one.cause if solved else "", resolution=one.resolution if solved else "", request=words, tags=list(one.tags),
        owner_id=one.owner.user_id if one.owner else None, waiting_until=last.at + dt.timedelta(days=4) if state == TicketState.WAITING else None,
        said=len(one.lines), reopened=reopened, last_at=last.at, last_side=Side.US if last.by else Side.THEM, last_words=brief(last.text, 280),
    )  # fmt: skip


def _entry(one: ToldTicket, line: ToldLine) -> Entry:
    side = Side.NOTE if line.note else Side.US if line.by is not None else Side.THEM
    return Entry(
        ticket=one.row, at=line.at, side=side, channel=one.channel, text=line.text, name=line.by.name if line.by else str(one.person),
        author_id=line.by.user_id if line.by else None, person=None if line.by else one.person,
    )  # fmt: skip


def _said(one: ToldTicket, line: ToldLine, entry: Entry, answered: set[int], solved: set[int]) -> list[Any]:
    if line.note:
        return [events.Noted(entry.pk)]
    if line.by is None:
        if line is one.lines[0]:
            return []
        again = [events.Reopened("they wrote")] if one.row.pk in solved else []
        solved.discard(one.row.pk)
        return [events.CustomerReplied(one.subject, entry.pk, one.channel), *again]
    out: list[Any] = [events.Answered(one.subject, entry.pk, one.row.pk not in answered)]
    answered.add(one.row.pk)
    if line.then == "wait":
        out.append(events.Waits("an answer"))
    elif line.then == "solve":
        out.append(events.Solved(one.subject, one.cause))
        solved.add(one.row.pk)
    return out
