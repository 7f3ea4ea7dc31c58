"""Booking, moving and cancelling: the one way each happens, whoever asks.

A time is looked at again under a lock on everybody it may be with, in the transaction that takes it; and were that ever
forgotten, the database refuses a second meeting of one colleague at the same time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kith.activities import actions as activities
from kith.contacts.arriving import Newcomer, come
from kith.contacts.consent import actions as consent
from kith.contacts.consent.queries import purposes
from kith.engagement.meetings import events
from kith.engagement.meetings.availability import Times, times
from kith.engagement.meetings.models import Booking, BookingPage, State, Turn, Way
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.records.actions import archive, edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.turns import next_one, settled
from kith.kernel.zones import zone

LOCK = 0xB00  # of advisory locks: one for each colleague who can be met
WAY = "booking"


@dataclass(frozen=True)
class Wanted:
    """What somebody chose and said. `answers`: [{"question", "answer"}]; `known`: the person whose own link they used;
    `consent`: what they agreed to, as `contacts.consent` keeps it, or {}."""

    starts_at: dt.datetime
    minutes: int
    name: str
    email: str
    phone: str = ""
    answers: list[dict[str, str]] = field(default_factory=list)
    time_zone: str = "UTC"
    language: str = ""
    known: int | None = None
    consent: dict[str, Any] = field(default_factory=dict)


def book(page: BookingPage, wanted: Wanted) -> Booking:
    """Take a time. Raises Invalid where it is not free (any more)."""
    if wanted.minutes not in page.minutes():
        raise Invalid(_("This meeting cannot have that length; choose another one."), "minutes")
    by = system("web", name=wanted.name[:200])
    end = wanted.starts_at + dt.timedelta(minutes=wanted.minutes)
    with transaction.atomic():
        free = _free(page, wanted.starts_at, wanted.minutes)
        host = free.users[_turn(page, free, free.free[wanted.starts_at])]
        row = Booking(
            page=page, host=host, name=wanted.name, email=wanted.email, phone=wanted.phone, starts_at=wanted.starts_at,
            ends_at=end, answers=wanted.answers, time_zone=wanted.time_zone, language=wanted.language, known=wanted.known,
            consent=wanted.consent,
        )  # fmt: skip
        with change(row, by=by) as c:
            c.says(events.MeetingAsked(page=page.name, when=when_of(row)))
        newcomer = Newcomer(WAY, row.pk, wanted.name, wanted.email, wanted.phone, page.name, said(row), wanted.known)
        come(newcomer, by=system("web"))
        row.refresh_from_db()
        if row.activity_id is None:  # a colleague looks at who it is; the time is taken all the same
            row = _into_calendar(row, by)
    return row


def _free(page: BookingPage, start: dt.datetime, minutes: int, leaving_out: Booking | None = None) -> Times:
    """Who can be met at that moment, locked until the transaction ends. Raises Invalid for nobody."""
    seats = times(page, minutes, start, start + dt.timedelta(seconds=1))
    _lock({*seats.users, *([leaving_out.host_id] if leaving_out else [])})
    found = times(
        page, minutes, start, start + dt.timedelta(seconds=1), leaving_out=leaving_out.pk if leaving_out else None
    )
    if start not in found.free:
        raise Invalid(_("This time was taken a moment ago; choose another one."), "starts_at")
    return found


def _lock(users: Iterable[int]) -> None:
    """One at a time of those who want these colleagues; in one order, so that nobody waits in a ring."""
    with connection.cursor() as cursor:
        for pk in sorted(users):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, pk % 2**31])


def _turn(page: BookingPage, free: Times, ids: list[int]) -> int:
    """Whose turn it is among those who can, and note it."""
    if len(free.users) == 1:
        return ids[0]
    shares = {pk: free.shares[pk] for pk in ids}
    credits = dict(Turn.objects.filter(page=page).values_list("user_id", "credit"))
    taken = next_one(shares, credits)
    for pk, credit in settled(shares, credits, taken).items():
        Turn.objects.update_or_create(page=page, user_id=pk, defaults={"credit": credit})
    return taken


def taken(ref: int, person: Any, by: Actor) -> None:
    """It is known who booked: the meeting stands on their story."""
    row = Booking.objects.filter(pk=ref).first()
    if row is None or row.person_id == person.pk:
        return
    kith = dataclasses.replace(system("web", name=row.name[:200]), operation=by.operation)
    with change(row, by=kith) as c:
        c.row.person = person
        c.says(
            events.MeetingBooked(
                page=c.row.page.name, when=when_of(c.row), host=c.row.host.name, starts_at=c.row.starts_at.isoformat()
            )
        )
    _into_calendar(c.row, kith)
    _look_after(person, c.row.host, kith)
    _agree(c.row, person, kith)


def _into_calendar(row: Booking, by: Actor) -> Booking:
    """The meeting as an activity of whoever it is with."""
    if row.activity is not None:
        activities.edit(row.activity, {"person": row.person}, by=by)
        return row
    with translation.override(row.host.language or None):  # colleagues read it, whatever who booked speaks
        where = where_of(row)
    values = {
        "kind": "meeting", "subject": str(row)[:300], "body": said(row), "due_at": row.starts_at, "minutes": row.minutes,
        "location": where, "person": row.person, "owner": row.host,
    }  # fmt: skip
    made = activities.create(values, by=by)
    with change(row, by=by) as c:
        c.row.activity = made
    return c.row


def _look_after(person: Any, host: Any, by: Actor) -> None:
    """Somebody whom no rule gave to anybody belongs to whoever they meet."""
    record = registry["person"]
    row = record.get(by, person.pk)
    if row.owner_id is None and row.archived_at is None:
        edit(record, row, {"owner": host}, by=by)


def _agree(row: Booking, person: Any, by: Actor) -> None:
    purpose = purposes().get(str(row.consent.get("purpose", "")))
    if purpose is not None:
        asked = consent.record_many([consent.Said(
            person.pk, purpose, True, consent.Through.FORM, address=row.email, language=row.consent.get("language", ""),
            source=row.page.name, page=row.consent.get("page", ""), wording=row.consent.get("wording", ""),
            number=row.consent.get("number"), who=str(person), proof={"booking": row.pk, "network": row.consent.get("network", "")},
        )], by=by)  # fmt: skip
        if asked:
            enqueue("consent.ask_to_confirm", ids=[line.pk for line in asked])


def move(row: Booking, start: dt.datetime, *, by: Actor, anywhere: bool = False) -> Booking:
    """To another time, with the same colleague. Raises Invalid where they are not free then. anywhere: a colleague moves
    it, who may choose a time that the page does not offer; two meetings at once stay refused."""
    with transaction.atomic():
        if not anywhere:
            free = _free(row.page, start, row.minutes, row)
            if row.host_id not in free.free[start]:
                raise Invalid(_("%s is not free then; choose another time.") % row.host.name, "starts_at")
        with change(row, by=by) as c:
            refuse_over(c.row)
            if start <= timezone.now():
                raise Invalid(_("That time has passed; choose one to come."), "start")
            if start == c.row.starts_at:
                return c.row
            put(c, start, c.row.minutes)
        if c.row.activity is not None:
            activities.edit(c.row.activity, {"due_at": start}, by=following(by))
    return c.row


def put(c: change, start: dt.datetime, minutes: int) -> None:
    """Set when the row of a change is, and say so. What their calendar answered was about the time before."""
    old, new = when_of(c.row), c.row
    new.starts_at, new.ends_at = start, start + dt.timedelta(minutes=minutes)
    new.reply, new.replied_at = "", None
    c.says(events.MeetingMoved(old=old, new=when_of(new)))


def cancel(row: Booking, why: str, *, by: Actor) -> Booking:
    """It does not take place; the time is free again."""
    with transaction.atomic():
        with change(row, by=by) as c:
            if c.row.state == State.CANCELLED:
                return c.row
            refuse_over(c.row)
            c.row.state, c.row.why = State.CANCELLED, why.strip()[:300]
            words = f": {c.row.why}" if c.row.why else ""
            c.says(events.MeetingCancelled(when=when_of(c.row), why=words))
        _put_away(c.row, by)
    return c.row


def missed(row: Booking, *, by: Actor) -> Booking:
    """They did not come: it was no talk, and nothing is open any more."""
    with transaction.atomic():
        with change(row, by=by) as c:
            refuse_over(c.row)
            c.row.state = State.MISSED
            c.says(events.MeetingMissed(when=when_of(c.row)))
        _put_away(c.row, by)
    return c.row


def _put_away(row: Booking, by: Actor) -> None:
    if row.activity is not None and row.activity.archived_at is None:
        archive(registry["activity"], row.activity, by=following(by))


def following(by: Actor) -> Actor:
    """The same somebody, for what follows from what they were allowed to do: the entry in a colleague's calendar."""
    return dataclasses.replace(by, role="system")


def refuse_over(row: Booking) -> None:
    """Raises Invalid for a meeting that is over or was cancelled."""
    if row.state != State.BOOKED:
        raise Invalid(_("This meeting is %s already.") % row.get_state_display().lower())


def when_of(row: Booking, zone_name: str = "") -> str:
    """When it is, in words: in the zone of whoever reads, else in the host's."""
    there = zone(zone_name or row.host.time_zone or "UTC")
    return row.starts_at.astimezone(there).strftime("%Y-%m-%d %H:%M")


def where_of(row: Booking) -> str:
    """Where they meet, in words."""
    page = row.page
    if page.way == Way.PHONE and not page.place:
        return _("We call %s") % row.phone if row.phone else _("By phone")
    return page.place or str(Way(page.way).label)


def said(row: Booking) -> str:
    """What they answered, as text."""
    return "\n\n".join(f"{one['question']}\n{one['answer']}" for one in row.answers if one.get("answer"))
