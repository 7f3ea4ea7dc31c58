"""What happens to tickets by itself: those that waited long enough come back, and solved ones close after some days."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import system
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.types import EventType
from kith.support import events
from kith.support.house import rules
from kith.support.models import Ticket, TicketState

BATCH = 5000


def wake_up(now: dt.datetime | None = None) -> int:
    """Tickets whose waiting is over are ours again: their clocks go on, and they stand in the queue. Returns how many."""
    now = now or timezone.now()
    late = Ticket.objects.filter(state=TicketState.WAITING, waiting_until__lte=now, archived_at=None)

    def back(row: Ticket) -> list[EventType]:
        if row.state != TicketState.WAITING:
            return []
        row.state, row.waiting_until = TicketState.OPEN, None
        return [events.Resumed(_("they did not answer"))]

    return change_many(list(late.order_by("waiting_until")[:BATCH]), back, by=system())


def close_old(now: dt.datetime | None = None) -> int:
    """Solved tickets whose days are over close: a reply then begins another one that follows. Returns how many."""
    now = now or timezone.now()
    until = now - dt.timedelta(days=rules().reopen_days)
    old = Ticket.objects.filter(state=TicketState.SOLVED, solved_at__lte=until, archived_at=None)

    def close(row: Ticket) -> list[EventType]:
        if row.state != TicketState.SOLVED:
            return []
        row.state, row.closed_at = TicketState.CLOSED, now
        return [events.Closed()]

    done = 0
    while rows := list(old.order_by("solved_at", "pk")[:BATCH]):
        closed = change_many(rows, close, by=system())
        done += closed
        if not closed or len(rows) < BATCH:
            break
    return done
