"""Mail and tickets: what answers a ticket joins its talk, what comes to a way in becomes one.

A mail is filed on its sender's story first, as all mail is; the ticket's entry points at it. One that answers messages of two
tickets belongs to the one it answers most nearly (In-Reply-To first, then the latest of References); the other one names it.
A machine's mail opens no ticket and moves no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from kith.activities import incoming
from kith.activities.whose import person_of
from kith.contacts.arriving import Newcomer, come
from kith.kernel.access.actor import Actor, actor_for, system
from kith.kernel.accounts.models import User
from kith.kernel.mail.addresses import token_of
from kith.kernel.mail.answering import refusal
from kith.kernel.mail.arriving import bytes_of
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox
from kith.kernel.mail.parsed import Parsed
from kith.kernel.mail.reading import read
from kith.kernel.mail.working import Filed
from kith.kernel.timeline.change import change
from kith.support import acknowledging, events
from kith.support.answering import customer_said, standing
from kith.support.channels.ways import same_matter
from kith.support.house import doors
from kith.support.models import Door, Entry, Side, Through, Ticket, TicketState
from kith.support.opening import open_ticket
from kith.support.saying import attach, known, put

SENT, AUTOMATIC = "sent", "automatic"  # states of a message
WAY = "ticket"  # as which strangers come, see `contacts.arriving`
NUMBER = re.compile(r"\[#(\d{1,15})\]")


def file(arrived: Arrived, parsed: Parsed, mailbox: Mailbox | None) -> Filed | None:
    """The filer of tickets; None for mail that concerns none."""
    answered = answered_by(parsed)
    door = door_of(parsed, mailbox)
    if not answered and (door is None or parsed.automatic):
        return None
    taken = incoming.take(arrived, parsed, mailbox)
    if taken is None:
        return _from_stranger(arrived, parsed, door) if not answered else _unknown_answer(arrived, parsed, answered)
    message = taken.message
    if message is None:
        return taken.done  # the same message came before, or colleagues wrote to each other
    if taken.joined and not answered:
        answered = answers_of(parsed)
    if message.state == SENT:
        return _from_us(message, answered[0]) if answered else taken.done
    answered = answered or same_matter(taken.person)
    ticket = _take(message, parsed, answered, door, taken.person)
    return Filed(ArrivedState.FILED, message.problem, "ticket", ticket.pk)


def answered_by(parsed: Parsed) -> list[Ticket]:
    """The tickets whose messages a mail answers, the nearest first; by the number in its subject, where its headers were lost
    and it is from whom the ticket is."""
    ids = list(parsed.answers)
    found: dict[int, Ticket] = {}
    if ids:
        # In two steps: a join with all tickets is planned by far too many.
        said = dict(Entry.objects.filter(_named(ids)).values_list("message__message_id", "ticket_id"))
        rows = Ticket.objects.filter(pk__in=set(said.values())).select_related("person", "owner")
        tickets = {row.pk: row for row in rows}
        by_token = {token: pk for known_id, pk in said.items() if (token := token_of(known_id))}
        for one in ids:
            pk = said.get(one) or by_token.get(token_of(one))
            if pk is not None:
                found.setdefault(pk, tickets[pk])
    if not found and (number := NUMBER.search(parsed.subject)):
        row = Ticket.objects.select_related("person").filter(pk=int(number[1])).first()
        sender = person_of(parsed.sender.address) if row is not None and row.person_id else None
        if row is not None and sender is not None and sender.pk == row.person_id:
            found[row.pk] = row
    return [standing(row) for row in found.values()]


def in_tickets(messages: Iterable[int]) -> set[int]:
    """Those of these messages that stand in a ticket, which agents read whoever's mailbox they came through."""
    return set(Entry.objects.filter(message__in=list(messages)).values_list("message", flat=True))


def _named(ids: list[str]) -> Q:
    """Entries whose mail one of these Message-IDs names; ours by their first part too, where a server on the way rewrote the
    rest of it."""
    named = Q(message__message_id__in=ids)
    for token in filter(None, map(token_of, ids)):
        named |= Q(message__message_id__startswith=f"{token}@")
    return named


def answers_of(parsed: Parsed) -> list[Ticket]:
    """The ticket that an answer to this mail opened, which came before it."""
    entry = (
        Entry.objects.filter(message__in_reply_to=parsed.message_id).order_by("pk").first()
        if parsed.message_id
        else None
    )
    rows = Ticket.objects.select_related("person", "owner").filter(pk=entry.ticket_id) if entry is not None else []
    return [standing(row) for row in rows]


def door_of(parsed: Parsed, mailbox: Mailbox | None) -> Door | None:
    """The way in that this mail came by: an address it was written to, else the mailbox it came into."""
    known_doors = doors(Through.MAIL)
    for address in parsed.receivers:
        if address.address in known_doors:
            return known_doors[address.address]
    return known_doors.get(mailbox.address) if mailbox is not None else None


def _take(message: Any, parsed: Parsed, answered: list[Ticket], door: Door | None, writer: Any) -> Ticket:
    """A mail that is filed joins its ticket, or becomes one. Where nobody knows who writes on, it is nobody else's word."""
    person = writer if answered else writer or message.thread.person
    by = system("mail", name=str(person) if person is not None else parsed.sender.name or parsed.sender.address)
    said: dict[str, Any] = {
        "text": words_of(message), "by": by, "channel": "mail", "person": person, "message": message.pk, "at": message.at,
        "key": f"mail:{message.pk}", "fresh": True, "files": incoming.kept_files(message) if parsed.attachments else [],
    }  # fmt: skip
    if answered:
        quiet = message.state == AUTOMATIC
        entry = customer_said(answered[0], quiet=quiet, subject=parsed.subject, **said)
        for other in answered[1:]:
            if other.pk != entry.ticket_id:
                with change(other, by=by, verb="see") as c:
                    c.says(events.AlsoBelongs(entry.ticket.subject, entry.ticket_id))
        return entry.ticket
    ticket = open_ticket(subject=parsed.subject, company=message.thread.company, door=door, **said)
    if door is not None and door.acknowledge and not refusal(parsed):
        acknowledging.ask(ticket)
    return ticket


def words_of(message: Any) -> str:
    """What is new in a mail; all of it where nothing is."""
    return (message.fresh or message.text).strip() or message.subject or "–"


def _from_us(message: Any, ticket: Ticket) -> Filed:
    """A colleague answered from a mail program of their own: that is our answer, and stops the clock."""
    colleague = User.objects.filter(pk=message.author_id).first()
    by: Actor = actor_for(colleague, "mail") if colleague is not None else system("mail")
    if known(f"mail:{message.pk}") is None:
        with change(ticket, by=system("mail", name=by.name), at=message.at, verb="see") as c:
            entry = put(c.row, Side.US, words_of(message), by=by, channel="mail", message=message.pk, at=message.at, key=f"mail:{message.pk}")  # fmt: skip
            c.says(events.Answered(c.row.subject, entry.pk, c.row.first_answered_at is None))
            c.row.first_answered_at = c.row.first_answered_at or entry.at
            if c.row.state == TicketState.NEW:
                c.row.state = TicketState.OPEN
    return Filed(ArrivedState.FILED, message.problem, "ticket", ticket.pk)


def _from_stranger(arrived: Arrived, parsed: Parsed, door: Door | None) -> Filed | None:
    """Nobody we know: they are taken in as everybody is who comes to us, and have their ticket at once whatever becomes of
    that. Somebody who may be known already waits in the queue, and their ticket does not wait for it."""
    if not parsed.sender.address:
        return None
    if earlier := _waiting(parsed):
        return _unknown_answer(arrived, parsed, earlier)
    by = system("mail", name=parsed.sender.name or parsed.sender.address)
    ticket = open_ticket(subject=parsed.subject, text=_new_in(parsed), channel="mail", by=by, door=door, at=arrived.at,
                         key=_key(arrived.pk))  # fmt: skip
    _come(arrived, parsed, by)
    return Filed(ArrivedState.FILED, "", "ticket", ticket.pk)


def _waiting(parsed: Parsed) -> list[Ticket]:
    """The ticket of somebody who waits to be taken in and answers a mail of their own, which is filed with nobody yet."""
    before = (
        Arrived.objects.filter(message_id__in=parsed.answers).values_list("pk", flat=True) if parsed.answers else []
    )
    keys = [_key(pk) for pk in before]
    entries = Entry.objects.filter(key__in=keys).select_related("ticket__owner").order_by("pk") if keys else []
    return [standing(entry.ticket) for entry in entries][:1]


def _unknown_answer(arrived: Arrived, parsed: Parsed, answered: list[Ticket]) -> Filed:
    """Somebody nobody knows answers a ticket: a colleague of the customer writes on from an address of their own. Unless a
    machine wrote it, they are taken in as well, so that an answer can reach them."""
    by = system("mail", name=parsed.sender.name or parsed.sender.address)
    quiet = bool(parsed.automatic)
    entry = customer_said(answered[0], _new_in(parsed), by=by, channel="mail", at=arrived.at, key=_key(arrived.pk), quiet=quiet,
                          subject=parsed.subject)  # fmt: skip
    if not quiet and parsed.sender.address:
        _come(arrived, parsed, by)
    return Filed(ArrivedState.FILED, "", "ticket", entry.ticket_id)


def _key(arrived: int) -> str:
    """Under which the entry of a mail is known that is filed with nobody yet."""
    return f"arrived:{arrived}"


def _new_in(parsed: Parsed) -> str:
    return (parsed.fresh or parsed.text).strip() or parsed.subject


def _come(arrived: Arrived, parsed: Parsed, by: Actor) -> None:
    name, address = parsed.sender.name, parsed.sender.address
    come(Newcomer(WAY, arrived.pk, name, address, source=parsed.subject, text=_new_in(parsed)), by=by)


def taken(ref: int, person: Any, by: Actor) -> None:
    """A stranger who wrote is somebody now: their mail is filed on their story with its files, the ticket is theirs unless it
    is somebody else's, and what came is said to have come."""
    message = incoming.file_for(ref, person, system("mail"))
    entry = Entry.objects.select_related("ticket").filter(key=_key(ref)).first()
    if entry is None:
        return
    Entry.objects.filter(pk=entry.pk).update(message=message, person=person)
    if not entry.files.exists():  # taken in once more, after that was taken back
        attach(entry, incoming.kept_files(message))
    Arrived.objects.filter(pk=ref).update(record="ticket", record_id=entry.ticket_id)
    with change(entry.ticket, by=system("mail"), verb="see") as c:
        if c.row.person_id is None:
            c.row.person, c.row.company = person, c.row.company or person.company
    if c.row.person_id == person.pk and c.row.state == TicketState.NEW:
        _acknowledge(ref, c.row)


def _acknowledge(ref: int, ticket: Ticket) -> None:
    """Say that it came, where its way in does so; it could not be said before there was whom to say it to."""
    arrived = Arrived.objects.select_related("mailbox", "file").get(pk=ref)
    if arrived.file is None or arrived.cleared_at is not None:
        return
    parsed = read(bytes_of(arrived))
    door = door_of(parsed, arrived.mailbox)
    if door is not None and door.acknowledge and not refusal(parsed):
        acknowledging.ask(ticket)
