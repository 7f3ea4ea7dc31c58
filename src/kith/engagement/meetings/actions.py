"""What colleagues do with booking pages (open, close) and with meetings (move, cancel, took place, did not come)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _

from kith.activities import actions as activities
from kith.engagement.meetings import booking as core
from kith.engagement.meetings import events
from kith.engagement.meetings.models import Booking, BookingPage, State
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Moment, Text
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change


@action("booking_page.close", needs="booking_page.edit", label=_("Close"), icon="ban",
        applies=lambda page: page.open and page.archived_at is None, done=_("{row} takes no bookings for now."))  # fmt: skip
def close(booking_page: BookingPage, *, by: Actor) -> BookingPage:
    """Nobody can book through it until it is opened again; meetings that were booked stay."""
    return _set_open(booking_page, False, events.PageClosed(), by)


@action("booking_page.open", needs="booking_page.edit", label=_("Open"), icon="check",
        applies=lambda page: not page.open and page.archived_at is None, done=_("{row} takes bookings."))  # fmt: skip
def reopen(booking_page: BookingPage, *, by: Actor) -> BookingPage:
    return _set_open(booking_page, True, events.PageOpened(), by)


def _set_open(page: BookingPage, open_: bool, event: Any, by: Actor) -> BookingPage:
    with change(page, by=by) as c:
        if c.row.open != open_:
            c.row.open = open_
            c.says(event)
    return c.row


def _to_come(row: Booking) -> bool:
    return row.state == State.BOOKED and row.archived_at is None


@action("booking.move", needs="booking.edit", label=_("Move"), icon="clock", applies=_to_come,
        done=_("Moved. They get the new time by mail."))  # fmt: skip
def move(booking: Booking, *, start: Annotated[dt.datetime, Moment(), _("To")], by: Actor) -> Booking:
    """To another time with the same colleague, also one that the page does not offer. Raises Invalid where they meet
    somebody else then."""
    return core.move(booking, start, by=by, anywhere=True)


@action("booking.cancel", needs="booking.edit", label=_("Cancel it"), icon="ban", tone="late", applies=_to_come,
        done=_("Cancelled. They are told by mail."))  # fmt: skip
def cancel(booking: Booking, *, why: Annotated[str, Text(300), _("What they read")] = "", by: Actor) -> Booking:
    """It does not take place; the time is free again."""
    return core.cancel(booking, why, by=by)


@action("booking.met", needs="booking.edit", label=_("Took place"), icon="check", applies=_to_come)
def met(booking: Booking, *, outcome: Annotated[str, Text(300), _("Outcome")] = "", by: Actor) -> Booking:
    """You met; the same as ticking the meeting off."""
    if booking.activity is not None:
        activities.finish.run(booking.activity, outcome=outcome, by=core.following(by))
        booking.refresh_from_db()
        return booking
    with change(booking, by=by) as c:
        core.refuse_over(c.row)
        c.row.state = State.HELD
        c.says(events.MeetingHeld(when=core.when_of(c.row)))
    return c.row


@action("booking.no_show", needs="booking.edit", label=_("They did not come"), icon="alert", applies=_to_come)
def no_show(booking: Booking, *, by: Actor) -> Booking:
    """It counts as no talk. Their link still lets them choose another time."""
    return core.missed(booking, by=by)
