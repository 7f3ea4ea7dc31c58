"""What happens with meetings that people book, as facts on their story. Sequences stop and journeys move on by them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class PageOpened(EventType):
    verb, icon, sentence = "booking_page.opened", "check", _("opened it for bookings")


@dataclass(frozen=True)
class PageClosed(EventType):
    verb, icon, sentence = "booking_page.closed", "ban", _("closed it for bookings")


@dataclass(frozen=True)
class MeetingAsked(EventType):
    """Its verb is that of every creation, so that undo and readers treat it as one."""

    verb, icon, chip, sentence = "booking.created", "calendar", "meetings", _("chose a time: {page}, {when}")
    page: str
    when: str


@dataclass(frozen=True)
class MeetingBooked(EventType):
    """It is known who booked."""

    verb, icon, chip, sentence = (
        "meeting.booked",
        "calendar",
        "meetings",
        _("booked a meeting: {page}, {when}, with {host}"),
    )
    page: str
    when: str
    host: str
    starts_at: str = ""


@dataclass(frozen=True)
class MeetingMoved(EventType):
    verb, icon, chip, sentence = "meeting.moved", "clock", "meetings", _("moved the meeting from {old} to {new}")
    old: str
    new: str


@dataclass(frozen=True)
class MeetingHanded(EventType):
    verb, icon, chip, sentence = "meeting.handed", "share", "meetings", _("handed the meeting to {host}")
    host: str


@dataclass(frozen=True)
class MeetingCancelled(EventType):
    verb, icon, chip, sentence = "meeting.cancelled", "ban", "meetings", _("cancelled the meeting on {when}{why}")
    when: str
    why: str = ""
    personal = ("why",)


@dataclass(frozen=True)
class MeetingHeld(EventType):
    verb, icon, chip, sentence = "meeting.held", "check", "meetings", _("met as booked on {when}")
    when: str


@dataclass(frozen=True)
class MeetingMissed(EventType):
    verb, icon, chip, sentence = "meeting.missed", "alert", "meetings", _("noted that they did not come on {when}")
    when: str


@dataclass(frozen=True)
class MeetingReopened(EventType):
    verb, icon, chip, sentence = (
        "meeting.reopened",
        "undo",
        "meetings",
        _("noted that the meeting on {when} is still to come"),
    )
    when: str


@dataclass(frozen=True)
class MeetingAnswered(EventType):
    verb, icon, chip, sentence = "meeting.answered", "mail", "meetings", _("answered the invitation: {answer}")
    answer: str
