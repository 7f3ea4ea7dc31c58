"""Chats on Tidewell's site and meetings that were booked through its page: beside what the story tells, and of the same people.

A first talk that was booked is one that the story tells anyhow, so that calendar and booking page say the same. Chats are with
leads who had been answered before, and no customers, so that neither how fast we were nor how well customers are hangs on
them. Nobody is written to: what an invitation would say counts as said.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from kith.capture.chat import events as chat
from kith.capture.chat.models import Conversation, Line, Side, State
from kith.engagement.meetings import events as meeting
from kith.engagement.meetings.booking import when_of
from kith.engagement.meetings.models import Answer, Booking
from kith.engagement.meetings.models import State as Met
from kith.engagement.meetings.telling import told_already
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import User
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.text import brief
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.write import Entry, write_events
from kith.starters.tidewell import early_words as e
from kith.starters.tidewell import outreach_words as w
from kith.starters.tidewell.firststeps import Cast
from kith.starters.tidewell.writing import write_told

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
MOST_CHATS, MOST_MET = 400, 600
TALKS = 30  # minutes that a first talk lasts, where the story does not say


def _people(cast: Cast) -> Any:
    """Ids of the people whom the sample made."""
    return Event.objects.filter(operation=cast.kith.operation, verb="person.created").values("record_id")


# --- chats -----------------------------------------------------------------------------------------------------------


def write_chats(cast: Cast, seed: int) -> int:
    """The widget and what was said in it, the last one just now; returns how many conversations."""
    random = Random(f"{seed}:chats")
    widget = actions.create(
        registry["chat_widget"], {"name": "Website chat", "key": "tidewell", "document": w.CHAT}, by=cast.voices[0]
    )
    clocks = registry["lead_clock"].model._default_manager
    answered = clocks.filter(reached_at__lt=cast.now - (w.TALKED + 1) * DAY).values("person")
    people = (
        registry["person"]
        .model._default_manager.filter(pk__in=_people(cast), company__customer_since=None, owner__isnull=False)
        .filter(pk__in=answered)
    )
    known = list(people.select_related("owner", "team").order_by("pk"))
    many = min(len(known), MOST_CHATS, max(1, round(len(known) * w.CHATS)))
    some = random.sample(known, many)
    told = [_Chat(widget, person, _working(cast.now, random), random) for person in some[1:]]
    told += [_Chat(widget, person, cast.now - 6 * MINUTE, random, goes_on=True) for person in some[:1]]
    told += [_Chat(widget, None, _working(cast.now, random), random) for _n in range(1 + many // 8)]
    told.sort(key=lambda one: one.begun)
    write_told("conversation", [one.row for one in told], by=cast.kith, story=[[]] * len(told))
    Line.objects.bulk_create(line for one in told for line in one.lines())
    for one in told:
        write_events(one.entries(), cast.kith)
        if one.person is not None:
            write_events(one.answers(), next(voice for voice in cast.voices if voice.user_id == one.person.owner_id))
    return len(told)


def _working(now: dt.datetime, random: Random) -> dt.datetime:
    """A working moment of the last weeks."""
    at = now - random.uniform(1, w.TALKED) * DAY
    at -= max(0, at.weekday() - 4) * DAY
    return at.replace(
        hour=8 + random.randrange(8), minute=random.randrange(60), second=random.randrange(60), microsecond=0
    )


class _Chat:
    """One conversation, with somebody we know or a visitor who said no name."""

    def __init__(self, widget: Any, person: Any, begun: dt.datetime, random: Random, *, goes_on: bool = False):
        self.person, self.begun = person, begun
        self.said = random.choice(w.TALKS) if person is not None else w.ANONYMOUS
        self.said = self.said[:3] if goes_on else self.said
        self.steps = [begun + n * MINUTE for n in range(1, len(self.said) + 1)]
        self.ended = None if goes_on else self.steps[-1] + 2 * MINUTE
        secret = f"{random.getrandbits(128):032x}"
        self.row = Conversation(
            name=str(person) if person is not None else f"Visitor {secret[-4:].upper()}", widget=widget, person=person,
            state=State.OPEN if goes_on else State.CLOSED, email=person.email if person is not None else "", secret=secret,
            last_words=brief(self.said[-1], 280), last_at=self.steps[-1], answered_at=self.steps[1], closed_at=self.ended,
            waiting_since=None, said=len(self.said) + 1, language="en", page=f"{e.SITE}/", owner=person.owner if person is not None else None,
            team=person.team if person is not None else None, created_at=begun, updated_at=self.ended or self.steps[-1],
        )  # fmt: skip

    def lines(self) -> list[Line]:
        """The greeting, then they and we in turn."""
        bot, text = w.CHAT["bot"]["name"]["en"], w.CHAT["greeting"]["en"]
        out = [Line(conversation=self.row, number=1, side=Side.BOT, text=text, at=self.begun, name=bot)]
        for n, (text, at) in enumerate(zip(self.said, self.steps, strict=True)):
            ours = n % 2 == 1
            side = (Side.COLLEAGUE if self.person is not None else Side.BOT) if ours else Side.VISITOR
            name = (self.person.owner.name if self.person is not None else bot) if ours else self.row.name
            author = self.person.owner_id if ours and self.person is not None else None
            out.append(
                Line(conversation=self.row, number=n + 2, side=side, text=text, at=at, name=name, author_id=author)
            )
        return out

    def entries(self) -> list[Entry]:
        """What happens by itself: it begins, it is told whose it is, it ends."""
        pk, page = self.row.pk, self.row.page
        out = [Entry("conversation", pk, chat.ChatBegun(page=page), {}, (), self.begun, self.row.name)]
        if self.person is not None:
            held = chat.ChatHeld(conversation=pk, chat=self.row.widget.name, page=page)
            about = [("company", self.person.company_id)] if self.person.company_id else []
            out.append(Entry("conversation", pk, chat.Recognised(person=str(self.person)), {}, (), self.begun))
            out.append(Entry("person", self.person.pk, held, {}, about, self.begun, self.row.name))
        if self.ended is not None:
            out.append(Entry("conversation", pk, chat.ChatClosed(), {}, (), self.ended))
        return out

    def answers(self) -> list[Entry]:
        """What their colleague did."""
        return [
            Entry("conversation", self.row.pk, says, {}, (), self.steps[1]) for says in (chat.Taken(), chat.Answered())
        ]


# --- meetings --------------------------------------------------------------------------------------------------------


def write_bookings(cast: Cast, seed: int) -> int:
    """The booking page with its hosts, and first talks that were booked through it; returns how many."""
    random, by = Random(f"{seed}:bookings"), cast.voices[0]
    users = User.objects.in_bulk([voice.user_id for voice in cast.voices])
    page = actions.create(registry["booking_page"], {**w.PAGE, "owner": users[by.user_id]}, by=by)
    for voice in cast.voices[1:-1]:
        actions.create(registry["host"], {"page": page, "user": users[voice.user_id]}, by=by)
    talks = registry["activity"].model._default_manager.filter(
        person__in=_people(cast), kind="meeting", archived_at=None, owner__isnull=False,
        due_at__gte=cast.now - w.MET * DAY,
    ).exclude(person__email="")  # fmt: skip
    rows: list[Booking] = []
    taken: dict[int, list[tuple[dt.datetime, dt.datetime]]] = {}
    for one in talks.select_related("person", "owner").order_by("due_at", "pk")[:MOST_MET]:
        if random.random() >= w.BOOKED or (one.done_at is None and one.due_at <= cast.now):
            continue
        row = _booking(page, one, random)
        if row.state == Met.BOOKED and not _free(taken.setdefault(one.owner_id, []), row):
            continue
        rows.append(row)
        if row.state == Met.HELD and (drawn := random.random()) < w.MISSED + w.CANCELLED:
            rows.append(_not_held(row, drawn < w.MISSED, random))
    write_told("booking", rows, by=cast.kith, story=[[]] * len(rows))
    told_already(rows)
    write_events([entry for row in rows for entry in _told(row, cast.kith)], cast.kith)
    return len(rows)


def _booking(page: Any, talk: Any, random: Random) -> Booking:
    minutes = talk.minutes or TALKS
    asked = min(talk.due_at - random.uniform(1, 6) * DAY, talk.created_at)
    lines = zip(w.PAGE["questions"].splitlines(), (random.choice(w.SAID), random.choice(w.LEAKED)), strict=True)
    return Booking(
        page=page, host=talk.owner, person=talk.person, activity=talk, name=str(talk.person), email=talk.person.email,
        phone=talk.person.phone, starts_at=talk.due_at, ends_at=talk.due_at + minutes * MINUTE,
        state=Met.HELD if talk.done_at is not None else Met.BOOKED, reply=Answer.ACCEPTED, replied_at=asked + HOUR,
        answers=[{"question": question.rstrip("*"), "answer": answer} for question, answer in lines],
        time_zone=talk.person.time_zone or "UTC", language="en", created_at=asked, updated_at=talk.done_at or asked,
    )  # fmt: skip


def _free(taken: list[tuple[dt.datetime, dt.datetime]], row: Booking) -> bool:
    """Whether nothing else was booked with them then; if so it is now."""
    free = all(row.ends_at <= start or end <= row.starts_at for start, end in taken)
    if free:
        taken.append((row.starts_at, row.ends_at))
    return free


def _not_held(row: Booking, missed: bool, random: Random) -> Booking:
    """The time before, to which they did not come or which they called off; then they booked the one that took place."""
    at = row.starts_at - random.randrange(3, 9) * DAY
    at -= max(0, at.weekday() - 4) * DAY
    return Booking(
        page=row.page, host=row.host, person=row.person, name=row.name, email=row.email, phone=row.phone, starts_at=at,
        ends_at=at + (row.ends_at - row.starts_at), state=Met.MISSED if missed else Met.CANCELLED, why="" if missed else random.choice(w.WHY),
        answers=row.answers, time_zone=row.time_zone, language="en", created_at=at - 4 * DAY, updated_at=at,
    )  # fmt: skip


def _told(row: Booking, by: Actor) -> list[Entry]:
    when, about, who = when_of(row), [("person", row.person_id)], row.name
    booked = meeting.MeetingBooked(
        page=row.page.name, when=when, host=row.host.name, starts_at=row.starts_at.isoformat()
    )
    out = [
        Entry("booking", row.pk, meeting.MeetingAsked(page=row.page.name, when=when), {}, (), row.created_at, who),
        Entry("booking", row.pk, booked, {}, about, row.created_at, who),
    ]
    ends: dict[str, Any] = {
        Met.HELD: meeting.MeetingHeld(when=when), Met.MISSED: meeting.MeetingMissed(when=when),
        Met.CANCELLED: meeting.MeetingCancelled(when=when, why=f": {row.why}"),
    }  # fmt: skip
    if row.state in ends:
        out.append(Entry("booking", row.pk, ends[row.state], {}, about, row.updated_at))
    return out
