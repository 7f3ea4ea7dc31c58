"""Tickets that become one: their clocks are made afresh, and whoever asked is told where it goes on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.jobs import enqueue
from kith.kernel.records.models import Moved
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
    from django.utils.translation import gettext as _

    from kith.activities.mail import write_mail
    from kith.kernel.access.actor import system
    from kith.kernel.errors import Invalid
    from kith.kernel.jobs import once

    ticket = Ticket.objects.select_related("person").get(pk=ticket_id)
    old = Moved.objects.filter(record="ticket", new_id=ticket_id).values("old_id")
    told = 0
    for other in (
        Ticket.objects.filter(pk__in=old, person__isnull=False)
        .exclude(person=ticket.person_id)
        .select_related("person")
    ):
        if not other.person.email:
            continue
        with once(f"ticket_merged:{other.pk}:{ticket_id}") as first:
            if not first:
                continue
            text = _("Hello,\n\nyour question “%(subject)s” is handled together with another one now. Whatever you answer to this "
                     "mail reaches us; there is nothing you need to do.") % {"subject": other.subject}  # fmt: skip
            try:
                message = write_mail(
                    other.person,
                    to=[other.person.email],
                    subject=f"{other.subject} [#{ticket.pk}]",
                    text=text,
                    by=system(),
                )
            except Invalid:
                continue
            Entry.objects.create(
                ticket=ticket,
                side=Side.US,
                channel="mail",
                text=text,
                message=message,
                name=system().name,
                person=other.person,
            )
            told += 1
    return told
