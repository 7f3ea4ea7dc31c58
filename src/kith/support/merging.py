"""Tickets that become one: their clocks are made afresh, and whoever asked is told where it goes on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.languages import speaking
from kith.kernel.records.models import Moved
from kith.support.channels.sending import put_out
from kith.support.channels.ways import last_writer
from kith.support.models import Clock, Entry, Looking, Side, Ticket

MERGED = "ticket.merged"
PAUSE = dt.timedelta(minutes=2)  # in which it can be taken back before anybody is written to


def prepare(record: Any, keep: Any, others: list[Any], by: Actor) -> None:
    """Clocks follow from what happened to a ticket, so that none moves to another one."""
    if record.name == "ticket":
        rows = [keep.pk, *(row.pk for row in others)]
        Clock.objects.filter(ticket__in=rows[1:]).delete()
        Looking.objects.filter(ticket__in=rows).delete()


def handles(verb: str) -> bool:
    return verb == MERGED


def hear(entries: list[Any], by: Actor) -> None:
    for entry in entries:
        enqueue("support.tell_merged", at=PAUSE, ticket=entry.record_id)


def tell_merged(ticket_id: int) -> int:
    """Tell those whose tickets were merged into this one, and who are somebody else than whom it is from, where it goes on;
    each once, and nobody where it was taken back. Returns how many."""
    from kith.kernel.jobs import once

    ticket = Ticket.objects.select_related("person").get(pk=ticket_id)
    old = Moved.objects.filter(record="ticket", new_id=ticket_id).values("old_id")
    others = Ticket.objects.filter(pk__in=old, person__isnull=False).exclude(person=ticket.person_id)
    told = 0
    for other in others.select_related("person"):
        writer = _by_channel(ticket, other.person)
        if writer is None and not other.person.email:
            continue
        with once(f"ticket_merged:{other.pk}:{ticket_id}") as first:
            told += first and _tell_one(ticket, other, writer)
    return told


def _by_channel(ticket: Ticket, person: Any) -> Any:
    """Whom to tell by a channel, as they wrote last; None where a mail is the way."""
    found = last_writer(ticket, person)
    return found[0] if found is not None and (found[1] or not person.email) else None


def _tell_one(ticket: Ticket, other: Ticket, writer: Any) -> bool:
    """Write to whom the other ticket was from, in their language; False where their address takes no mail."""
    from kith.activities.mail import write_mail

    person: Any = other.person
    message = None
    with speaking(person.language):
        text = _("Hello,\n\nyour question “%(subject)s” is handled together with another one now. Whatever you answer here "
                 "reaches us; there is nothing you need to do.") % {"subject": other.subject}  # fmt: skip
    if writer is None:
        subject = f"{other.subject} [#{ticket.pk}]"
        try:
            message = write_mail(person, to=[person.email], subject=subject, text=text, by=system())
        except Invalid:
            return False
    channel = "mail" if writer is None else writer.channel.kind
    entry = Entry.objects.create(
        ticket=ticket, side=Side.US, channel=channel, text=text, message=message, name=system().name, person=person
    )
    if writer is not None:
        put_out(entry, writer)
    return True
