"""Invitations follow bookings: whenever one says something else than the last invitation did, the next one is on its way.

Called in the transaction that writes a booking's events and in the one that takes them back, so that undoing a move tells
them of it as well. How the mail looks is in `letters.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kith.engagement.meetings.models import Booking, State, Told
from kith.kernel.jobs import enqueue

VERBS = frozenset({
    "booking.created", "booking.changed", "booking.archived", "booking.restored", "booking.merged", "meeting.booked", "meeting.moved",
    "meeting.handed", "meeting.cancelled", "meeting.held", "meeting.missed", "meeting.reopened",
})  # fmt: skip
PERSON, HOST = "person", "host"


def follow(ids: list[int]) -> None:
    """Send what these bookings say now to both sides, where it was not said before."""
    last = {told.booking_id: told for told in Told.objects.select_for_update().filter(booking__in=ids)}
    for row in Booking.objects.filter(pk__in=ids).order_by("pk"):
        what, told = _what(row), last.get(row.pk)
        if told is not None and told.what == what:
            continue
        if told is None:
            told = Told.objects.create(booking=row, what=what)
        else:
            before = told.what["host"]
            told.number, told.what, told.sent_at, told.problem = told.number + 1, what, None, ""
            told.save()
            if before != what["host"]:
                enqueue("meetings.tell", booking=row.pk, number=told.number, to=HOST, gone=before)
        for to in (PERSON, HOST):
            enqueue("meetings.tell", booking=row.pk, number=told.number, to=to)


def told_already(rows: Sequence[Booking]) -> None:
    """What these bookings say counts as said: for such as are told afterwards, about which nobody is written to."""
    Told.objects.bulk_create(Told(booking=row, what=_what(row), sent_at=row.created_at) for row in rows)


def _what(row: Booking) -> dict[str, Any]:
    """What an invitation says, as far as it can change. A meeting that is over says nothing new."""
    off = row.state == State.CANCELLED or row.archived_at is not None
    return {"starts": row.starts_at.isoformat(), "ends": row.ends_at.isoformat(), "host": row.host_id, "off": off}
