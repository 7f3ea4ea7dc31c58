"""What colleagues do with the meeting in their calendar, they do with the booking: move it, hand it on, tick it off, put it away."""

from __future__ import annotations

from typing import Any

from kith.engagement.meetings import booking, events
from kith.engagement.meetings.models import Booking, State
from kith.kernel.access.actor import Actor
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry

HEARD = frozenset({
    "activity.changed", "activity.postponed", "activity.met", "activity.reopened", "activity.archived", "activity.restored",
})  # fmt: skip


def handles(verb: str) -> bool:
    return verb in HEARD


def hear(entries: list[Entry], by: Actor) -> None:
    """Bring bookings in line with their activities. One query where none of them was booked."""
    ids = {entry.record_id for entry in entries if entry.record == "activity"}
    rows = Booking.objects.filter(activity__in=ids, archived_at=None).select_related("activity", "page", "host")
    for row in rows.order_by("pk"):
        _follow(row, row.activity, booking.following(by))


def _follow(row: Booking, activity: Any, by: Actor) -> None:
    if activity.archived_at is not None:
        if row.state == State.BOOKED:
            booking.cancel(row, "", by=by)
        return
    with change(row, by=by) as c:
        if activity.done_at is not None and c.row.state == State.BOOKED:
            c.row.state = State.HELD
            c.says(events.MeetingHeld(when=booking.when_of(c.row)))
        elif activity.done_at is None and c.row.state in (State.HELD, State.CANCELLED, State.MISSED):
            c.row.state, c.row.why = State.BOOKED, ""
            c.says(events.MeetingReopened(when=booking.when_of(c.row)))
        if c.row.state == State.BOOKED:
            _as_planned(c, activity)


def _as_planned(c: change, activity: Any) -> None:
    minutes = activity.minutes or c.row.minutes
    if activity.due_at is not None and (activity.due_at, minutes) != (c.row.starts_at, c.row.minutes):
        booking.put(c, activity.due_at, minutes)
    if activity.owner_id is not None and activity.owner_id != c.row.host_id:
        c.row.host = activity.owner
        c.says(events.MeetingHanded(host=activity.owner.name))
