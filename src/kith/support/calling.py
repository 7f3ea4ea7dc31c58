"""Calls about a ticket: what was said on the phone stands in its talk, theirs as a reply, ours as an answer."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Duration, LongText
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.followup import touch
from kith.kernel.timeline.sides import Sides
from kith.support import events
from kith.support.answering import customer_said
from kith.support.models import Entry, Side, Ticket, TicketChannel, TicketState
from kith.support.routing import give
from kith.support.saying import put, tidy


@action("ticket.log_call", needs="ticket.edit", label=_("Call"), icon="phone",
        applies=lambda row: row.archived_at is None, done=_("Call logged."))  # fmt: skip
def log_call(
    ticket: Ticket, *, body: Annotated[str, LongText(), _("What was said")],
    minutes: Annotated[int | None, Duration(), _("Minutes")] = None,
    incoming: Annotated[bool, Bool(), _("They called")] = False, by: Actor,
) -> Ticket:  # fmt: skip
    """A call about it. Theirs opens what was solved again, as any reply does; ours answers, and stops the clock of the answer."""
    text, key = tidy(body), uuid4().hex
    if incoming:
        entry = customer_said(
            ticket, text, by=by, channel=TicketChannel.PHONE, person=ticket.person, key=key, undoable=True
        )
    else:
        entry = _we_called(ticket, text, key, by)
    if minutes:
        with change(Ticket.objects.get(pk=entry.ticket_id), by=by) as c:
            c.row.minutes += minutes
            c.says(events.TimeSpent(minutes))
    return Ticket.objects.get(pk=entry.ticket_id)


def _we_called(ticket: Ticket, text: str, key: str, by: Actor) -> Entry:
    with change(ticket, by=by) as c:
        row, side = c.row, Sides(Entry.objects.filter(key=key))
        entry = put(row, Side.US, text, by=by, channel=TicketChannel.PHONE, key=key)
        c.says(events.Answered(row.subject, entry.pk, row.first_answered_at is None, sides=side.touched()))
        row.first_answered_at = row.first_answered_at or entry.at
        if row.state == TicketState.NEW:
            row.state = TicketState.OPEN
    if row.owner_id is None and by.user is not None:
        give(row, by.user, how="taken", why=str(_("they called them")), by=by)
    touch(dict.fromkeys(row.about(), entry.at))
    return entry
