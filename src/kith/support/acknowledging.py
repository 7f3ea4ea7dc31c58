"""Saying at once that something came: one mail by a machine, under the number of the ticket, never to another machine."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from kith.activities.mail import answer_subject, answers_to, can_send
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue, once
from kith.kernel.languages import speaking
from kith.kernel.mail.leaving import leave
from kith.kernel.organisation.models import current
from kith.support.models import Entry, Ticket


def ask(ticket: Ticket) -> None:
    """Have it said; without a mail server nothing is."""
    if can_send():
        enqueue("support.acknowledge", ticket=ticket.pk)


def acknowledge(ticket_id: int) -> bool:
    """Say it, once. Raises OSError where the server refuses, so that it is tried again."""
    ticket = Ticket.objects.select_related("person").filter(pk=ticket_id).first()
    entry = (
        Entry.objects.filter(ticket=ticket_id, message__isnull=False).select_related("message").order_by("pk").first()
    )
    message = entry.message if entry is not None else None
    if ticket is None or message is None or not (to := answers_to(message)):
        return False  # nobody to say it to yet: asked again once whoever wrote is taken in
    with once(f"ticket_ack:{ticket_id}") as first:
        if not first:
            return False
        mail = letter(ticket, message, to)
        try:
            leave(mail, person=ticket.person_id, automatic=True)
        except Invalid:  # the address bounced or complained before: nothing leaves
            return False
    return True


def letter(ticket: Ticket, message: Any, to: str) -> EmailMessage:
    """The few words, in their language where we speak it. Nothing they wrote is in it but their own subject."""
    person: Any = ticket.person
    with speaking(person.language if person is not None else ""):
        words = _(
            "Hello,\n\nwe have your message; its number is #%(number)s. Somebody will answer you here.\n"
            "There is no need to write again; whatever you answer to this mail joins the same talk.\n\n%(organisation)s"
        ) % {"number": ticket.pk, "organisation": current().name or "Kith"}
    headers = {"In-Reply-To": message.message_id, "References": message.message_id}
    return EmailMessage(f"{answer_subject(message.subject)[:200]} [#{ticket.pk}]", words, to=[to], headers=headers)
