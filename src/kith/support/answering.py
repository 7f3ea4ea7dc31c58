"""What is said in a ticket, by us and by them, and what follows: the talk's two directions.

We answer on the way they wrote last, as far as there is one: by a channel (WhatsApp, SMS), by mail where an address is known,
else in the talk alone, where the portal shows it. A reply opens a solved ticket again within the days of the house; after that a new one follows it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.mail import answer_subject, answers_to, write_mail
from kith.activities.notices import notify
from kith.activities.whose import is_us
from kith.kernel.access.actor import Actor
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.errors import Invalid
from kith.kernel.mail.addresses import is_ours
from kith.kernel.mail.headers import normal
from kith.kernel.mail.leaving import Receiver, withheld
from kith.kernel.records.queries import resolve
from kith.kernel.timeline.change import change
from kith.kernel.timeline.followup import touch
from kith.kernel.timeline.sides import Sides
from kith.support import events
from kith.support.channels.sending import put_out
from kith.support.channels.ways import way_out
from kith.support.dressing import MOST, heavy
from kith.support.house import doors, rules
from kith.support.models import Entry, Side, Through, Ticket, TicketChannel, TicketState
from kith.support.opening import open_ticket
from kith.support.reasking import note_reasked
from kith.support.routing import NOTICE, give
from kith.support.saying import known, put, seen, tidy

MOST_COPIES = 15
OVER = (TicketState.SOLVED, TicketState.CLOSED)


def last_message(ticket: Ticket) -> Any:
    """The last mail of the talk, which an answer answers."""
    entry = (
        Entry.objects.filter(ticket=ticket, message__isnull=False, side=Side.THEM)
        .select_related("message__thread").order_by("-at", "-pk").first()
    )  # fmt: skip
    return entry.message if entry is not None else None


def address_of(ticket: Ticket) -> str:
    """Where an answer by mail goes: to whoever wrote last, else to the person's or the company's own address; "" for nowhere."""
    return _address(ticket, last_message(ticket))


def copies_of(ticket: Ticket) -> list[str]:
    """Who else read their last mail and is none of us: whom an answer goes to as well, unless somebody takes them out."""
    return _copies(last_message(ticket))


def receivers_of(ticket: Ticket) -> tuple[str, list[str]]:
    """(`address_of`, `copies_of`), reading the last mail once."""
    message = last_message(ticket)
    return _address(ticket, message), _copies(message)


def _address(ticket: Ticket, message: Any) -> str:
    if message is not None and (found := answers_to(message)):
        return found
    for row in (ticket.person, ticket.company):
        if row is not None and getattr(row, "email", ""):
            return str(row.email)
    return ""


def _copies(message: Any) -> list[str]:
    if message is None:
        return []
    found = dict.fromkeys(address for given in (*message.to, *message.cc) if (address := normal(given)))
    found.pop(answers_to(message), None)
    ways_in = doors(Through.MAIL) if found else {}
    others = [one for one in found if one not in ways_in and not is_us(one) and not is_ours(one)][:MOST_COPIES]
    refused = withheld([Receiver(one) for one in others]) if others else {}
    return [one for one in others if one not in refused]


def answer(
    ticket: Ticket, text: str, *, by: Actor, then: str = "", until: dt.datetime | None = None, cause: str = "",
    resolution: str = "", files: Sequence[Any] = (), mail: bool = True, copies: Sequence[str] | None = None, way: str = "",
) -> Entry:  # fmt: skip
    """Say something to the customer. then: "wait" for them, "solve", or "". Whoever answers what nobody has has it from here.
    copies: who else gets the mail; None for whoever had theirs. way: "mail" or "channel", "" for as they wrote last. mail:
    whether anything leaves at all.

    Raises Invalid where the words are missing, where nobody knows who they are or their address may not be written to, where
    the files are more than a mail carries or go by a channel, or where a solution lacks what the house asks for.
    """
    text = tidy(text)
    with transaction.atomic():
        with change(ticket, by=by) as c:
            row = c.row
            writer = way_out(row, way, address_of(row)) if mail else None
            if writer is not None and files:
                raise Invalid(_("By %s only words go out; send the files by mail.") % writer.channel, "files")
            message = _mail(row, text, by, copies) if mail and writer is None else None
            if message is not None and heavy(files):
                raise Invalid(_("These files are more than the %s MB that a mail carries; send fewer of them, or smaller ones.")
                              % (MOST >> 20), "files")  # fmt: skip
            channel = writer.channel.kind if writer else "mail" if message else row.channel
            entry = put(
                row, Side.US, text, by=by, channel=channel, files=files, message=message.pk if message else None
            )
            if writer is not None:
                put_out(entry, writer)
            first = row.first_answered_at is None
            row.first_answered_at = row.first_answered_at or entry.at
            c.says(events.Answered(row.subject, entry.pk, first))
            if row.state == TicketState.NEW:
                row.state = TicketState.OPEN
            if then == "solve":
                put_solved(c, cause=cause, resolution=resolution)
            elif then == "wait":
                put_waiting(c, why=_("an answer"), until=until)
        if c.row.owner_id is None and by.user is not None:
            give(c.row, by.user, how="taken", why=_("they answered it"), by=by)
        note_reasked(c.row, entry, by=by)
        touch(dict.fromkeys(c.row.about(), entry.at))
    return entry


def nobody_yet(ticket: Ticket) -> bool:
    """Did they write by mail, and nobody knows yet who they are? An answer would reach nobody."""
    return ticket.channel == TicketChannel.MAIL and ticket.person_id is None and ticket.company_id is None


def _mail(ticket: Ticket, text: str, by: Actor, copies: Sequence[str] | None) -> Any:
    to = address_of(ticket)
    about = ticket.person or ticket.company
    if nobody_yet(ticket):
        raise Invalid(_("Say first who this is, under Came in; until then no answer can reach them."))
    if not to or about is None:
        return None
    before = last_message(ticket)
    subject = answer_subject(before.subject or ticket.subject) if before else f"{ticket.subject} [#{ticket.pk}]"
    cc = copies_of(ticket) if copies is None else list(copies)
    return write_mail(about, to=[to], cc=cc, subject=subject, text=text, by=by, answers=before)


def put_solved(c: change, *, cause: str = "", resolution: str = "") -> None:
    """The ticket that `c` holds is solved. Raises Invalid where the house wants to know the cause."""
    row = c.row
    row.cause, row.resolution = cause.strip() or row.cause, resolution.strip() or row.resolution
    if rules().ask_cause and not row.cause:
        raise Invalid(_("Say what was the cause, so that the next one finds it."), "cause")
    if row.state in OVER:
        return
    row.state, row.solved_at, row.waiting_until = TicketState.SOLVED, timezone.now(), None
    c.says(events.Solved(row.subject, row.cause))


def put_waiting(c: change, *, why: str = "", until: dt.datetime | None = None) -> None:
    """The ticket that `c` holds waits for the customer; after the days of the house it comes back by itself."""
    row = c.row
    now = timezone.now()
    if until is not None and until <= now:
        raise Invalid(_("Wait until a moment that is still to come."), "until")
    row.waiting_until = until or calendar_of().add_days(now, rules().wait_days)
    if row.state != TicketState.WAITING:
        row.state = TicketState.WAITING
        c.says(events.Waits(why, row.waiting_until.isoformat()))


def put_back(c: change, why: str) -> None:
    """The ticket that `c` holds is ours to do again."""
    row = c.row
    if row.state == TicketState.WAITING:
        c.says(events.Resumed(why))
    elif row.state in OVER:
        row.reopened += 1
        row.solved_at = row.closed_at = None
        c.says(events.Reopened(why))
    row.state, row.waiting_until = TicketState.OPEN, None


def standing(ticket: Ticket) -> Ticket:
    """The ticket itself, or the one it was merged into."""
    if ticket.archived_at is not None and (moved := resolve("ticket", ticket.pk)):
        return Ticket.objects.get(pk=moved)
    return ticket


def may_reopen(ticket: Ticket, at: dt.datetime) -> bool:
    """Does a reply that comes then open it again, or is it too late?"""
    if ticket.archived_at is not None or ticket.state == TicketState.CLOSED:
        return False
    if ticket.state != TicketState.SOLVED or ticket.solved_at is None:
        return True
    return at <= ticket.solved_at + dt.timedelta(days=rules().reopen_days)


def customer_said(
    ticket: Ticket, text: str, *, by: Actor, channel: str, person: Any = None, message: int | None = None,
    at: dt.datetime | None = None, key: str | None = None, files: Sequence[Any] = (), quiet: bool = False, subject: str = "",
    undoable: bool = False, fresh: bool = False, told: bool = False,
) -> Entry:  # fmt: skip
    """They wrote, by whatever way. The entry may stand in another ticket than this one: in the one it was merged into, or in
    one that follows it, where it was solved too long ago. quiet: a machine of theirs wrote, which changes nothing else. undoable:
    a colleague put it down, under a key, and may take it back. fresh: see `open_ticket`. told: whoever has the
    ticket reads it anyway."""
    there = known(key) if not fresh else None
    if there is not None:
        return there
    moment = at or timezone.now()
    ticket = standing(ticket)
    name = str(person) if person is not None else by.name if by.is_system else ""
    with transaction.atomic(savepoint=False):  # whoever calls takes all of it back where it fails, or none
        if not may_reopen(ticket, moment) and not quiet:
            made = open_ticket(
                subject=subject or ticket.subject, text=text, channel=channel, by=by, person=person or ticket.person,
                company=ticket.company, follows=ticket, at=moment, key=key, message=message, files=files, fresh=fresh,
                kind=ticket.kind, priority=ticket.priority, tags=list(ticket.tags),
            )  # fmt: skip
            return made.entries.latest("pk")
        with change(ticket, by=by, verb="see", at=moment) as c:
            side = Sides(Entry.objects.filter(key=key)) if undoable else None
            entry = put(c.row, Side.THEM, text, channel=channel, person=person.pk if person is not None else None,
                        name=name, message=message, at=moment, key=key, files=files)  # fmt: skip
            if quiet:
                seen(c.row)
                return entry
            kept = {"sides": side.touched()} if side is not None else {}
            c.says(events.CustomerReplied(c.row.subject, entry.pk, channel, **kept))
            if person is not None and person.pk != c.row.person_id:
                c.about("person", person.pk)
            if c.row.state != TicketState.NEW:
                put_back(c, _("they wrote"))
        if ticket.owner_id == c.row.owner_id:
            c.row.owner = ticket.owner  # it is read already
        if not told:
            _tell_owner(c.row, name, entry, by)
    return entry


def _tell_owner(ticket: Ticket, name: str, entry: Entry, by: Actor) -> None:
    if ticket.owner is not None and ticket.owner.is_active and ticket.owner_id != by.user_id:
        words = _("%(who)s wrote about “%(ticket)s”") % {"who": name or _("Somebody"), "ticket": ticket.subject}
        notify([ticket.owner], words, kind=NOTICE, key=f"ticket_said:{entry.pk}", by=by, about=("ticket", ticket.pk))


# What the customer's own pages call (`portal`): the ticket is theirs, the caller has seen to that.
def answer_ticket(
    ticket: Ticket, text: str, *, person: Any, by: Actor, key: str | None = None, files: Sequence[Any] = ()
) -> Entry:
    """A line of theirs in the portal. Raises Invalid for no words."""
    return customer_said(ticket, tidy(text, "text"), by=by, channel="portal", person=person, key=key, files=files)
