"""Mail and tickets: what answers a ticket joins its talk, what comes to a way in becomes one.

A mail is filed on its sender's story first, as all mail is; the ticket's entry points at it. One that answers messages of two
tickets belongs to the one it answers most nearly (In-Reply-To first, then the latest of References); the other one names it.
A machine's mail opens no ticket and moves no clock.
"""

from __future__ import annotations

import re
from typing import Any

from kith.activities import incoming
from kith.activities.whose import person_of
from kith.contacts.arriving import Newcomer, come
from kith.kernel.access.actor import Actor, actor_for, system
from kith.kernel.accounts.models import User
from kith.kernel.mail.answering import refusal
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox
from kith.kernel.mail.parsed import Parsed
from kith.kernel.mail.working import Filed
from kith.kernel.timeline.change import change
from kith.support import acknowledging, events
from kith.support.answering import customer_said, standing
from kith.support.house import doors
from kith.support.models import Door, Entry, Side, Through, Ticket, TicketState
from kith.support.opening import open_ticket
from kith.support.saying import known, put

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
    ticket = _take(message, parsed, answered, door, taken.person)
    return Filed(ArrivedState.FILED, message.problem, "ticket", ticket.pk)


def answered_by(parsed: Parsed) -> list[Ticket]:
    """The tickets whose messages a mail answers, the nearest first; by the number in its subject, where its headers were lost
    and it is from whom the ticket is."""
    ids = list(parsed.answers)
    found: dict[int, Ticket] = {}
    if ids:
        # In two steps: a join with all tickets is planned by far too many.
        said = dict(Entry.objects.filter(message__message_id__in=ids).values_list("message__message_id", "ticket_id"))
        rows = Ticket.objects.filter(pk__in=set(said.values())).select_related("person", "owner")
        tickets = {row.pk: row for row in rows}
        for one in ids:
            if one in said:
                found.setdefault(said[one], tickets[said[one]])
    if not found and (number := NUMBER.search(parsed.subject)):
        row = Ticket.objects.select_related("person").filter(pk=int(number[1])).first()
        sender = person_of(parsed.sender.address) if row is not None and row.person_id else None
        if row is not None and sender is not None and sender.pk == row.person_id:
            found[row.pk] = row
    return [standing(row) for row in found.values()]


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
    """A mail that is filed joins its ticket, or becomes one."""
    person = writer or message.thread.person
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
    by = system("mail", name=parsed.sender.name or parsed.sender.address)
    if not parsed.sender.address:
        return None
    text = (parsed.fresh or parsed.text).strip() or parsed.subject
    ticket = open_ticket(
        subject=parsed.subject, text=text, channel="mail", by=by, door=door, at=arrived.at, key=f"arrived:{arrived.pk}"
    )
    come(Newcomer(WAY, arrived.pk, parsed.sender.name, parsed.sender.address, source=parsed.subject, text=text), by=by)
    ticket.refresh_from_db()
    if door is not None and door.acknowledge and not refusal(parsed):
        acknowledging.ask(ticket)
    return Filed(ArrivedState.FILED, "", "ticket", ticket.pk)


def _unknown_answer(arrived: Arrived, parsed: Parsed, answered: list[Ticket]) -> Filed:
    """Somebody nobody knows answers a ticket: a colleague of the customer writes on from an address of their own."""
    by = system("mail", name=parsed.sender.name or parsed.sender.address)
    text = (parsed.fresh or parsed.text).strip() or parsed.subject
    entry = customer_said(answered[0], text, by=by, channel="mail", at=arrived.at, key=f"arrived:{arrived.pk}",
                          quiet=bool(parsed.automatic), subject=parsed.subject)  # fmt: skip
    return Filed(ArrivedState.FILED, "", "ticket", entry.ticket_id)


def taken(ref: int, person: Any, by: Actor) -> None:
    """A stranger who wrote is somebody now: their mail is filed on their story, and the ticket is theirs."""
    message = incoming.file_for(ref, person, system("mail"))
    entry = Entry.objects.select_related("ticket").filter(key=f"arrived:{ref}").first()
    if entry is None:
        return
    Entry.objects.filter(pk=entry.pk).update(message=message, person=person)
    Arrived.objects.filter(pk=ref).update(record="ticket", record_id=entry.ticket_id)
    with change(entry.ticket, by=system("mail"), verb="see") as c:
        if c.row.person_id is None:
            c.row.person, c.row.company = person, c.row.company or person.company
