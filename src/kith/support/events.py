"""What happens with tickets. Clocks are made from these (`clocks/keeping.py`), so that whatever says so counts, however the
ticket came to be."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType
from kith.support.bodies import bodies_of_entries


@dataclass(frozen=True)
class Answered(EventType):
    """We wrote to them. `first` says that it was our first word."""

    verb, icon, chip, sentence = "ticket.answered", "send", "mail", _("answered the ticket “{subject}”")
    bodies = staticmethod(bodies_of_entries)
    subject: str
    entry: int
    first: bool = False
    personal = ("subject",)


@dataclass(frozen=True)
class CustomerReplied(EventType):
    verb, icon, chip, sentence = "ticket.customer_replied", "mail", "mail", _("wrote about the ticket “{subject}”")
    bodies = staticmethod(bodies_of_entries)
    subject: str
    entry: int
    channel: str = ""
    personal = ("subject",)


@dataclass(frozen=True)
class Noted(EventType):
    verb, icon, chip, sentence = "ticket.noted", "note", "notes", _("wrote a note for colleagues")
    bodies = staticmethod(bodies_of_entries)
    entry: int


@dataclass(frozen=True)
class Waits(EventType):
    verb, icon, chip, sentence = "ticket.waits", "hourglass", "steps", _("waits for the customer: {why}")
    why: str = ""
    until: str = ""
    personal = ("why",)


@dataclass(frozen=True)
class Resumed(EventType):
    verb, icon, chip, sentence = "ticket.resumed", "loop", "steps", _("waits no more: {why}")
    why: str = ""
    personal = ("why",)


@dataclass(frozen=True)
class Solved(EventType):
    verb, icon, chip, sentence = "ticket.solved", "check", "steps", _("solved the ticket “{subject}”")
    subject: str
    cause: str = ""
    personal = ("subject",)


@dataclass(frozen=True)
class Reopened(EventType):
    verb, icon, chip, sentence = "ticket.reopened", "undo", "steps", _("opened the ticket again: {why}")
    why: str = ""
    personal = ("why",)


@dataclass(frozen=True)
class Closed(EventType):
    verb, icon, chip, sentence = "ticket.closed", "archive", "changes", _("closed the ticket for good")


@dataclass(frozen=True)
class Transferred(EventType):
    """Somebody else goes on with it: given by turn ("turn"), taken, or handed on."""

    verb, icon, chip, sentence = "ticket.transferred", "share", "steps", _("gave the ticket to {to}: {why}")
    to: str
    why: str = ""
    how: str = "handed"


@dataclass(frozen=True)
class Reasked(EventType):
    """We asked what they had told us already. `by_itself`: noticed by Kith, not marked by a colleague."""

    verb, icon, chip, sentence = "ticket.reasked", "loop", "changes", _("asked again what was known: {what}")
    what: str
    by_itself: bool = False
    personal = ("what",)


@dataclass(frozen=True)
class Split(EventType):
    verb, icon, chip, sentence = "ticket.split", "branch", "changes", _("made a ticket of its own of a part: {subject}")
    subject: str
    ticket: int
    personal = ("subject",)


@dataclass(frozen=True)
class TimeSpent(EventType):
    verb, icon, chip, sentence = "ticket.time_spent", "clock", "changes", _("spent {minutes} min on it")
    minutes: int


@dataclass(frozen=True)
class ClockWarned(EventType):
    verb, icon, chip, sentence = "ticket.clock_warned", "clock", "changes", _("{share} % of the time is used: {clock}")
    clock: str
    share: int
    told: str = ""


@dataclass(frozen=True)
class ClockBroken(EventType):
    verb, icon, chip, sentence = "ticket.clock_broken", "alert", "steps", _("saw the time run out: {clock}")
    clock: str
    told: str = ""


@dataclass(frozen=True)
class AlsoBelongs(EventType):
    """A mail answered two tickets: it stands in the one whose message it answered last, and is named in the other."""

    verb, icon, chip, sentence = (
        "ticket.also_named",
        "mail",
        "changes",
        _("a mail that also belongs here stands in “{subject}”"),
    )
    subject: str
    ticket: int
    personal = ("subject",)


@dataclass(frozen=True)
class ChatJoined(EventType):
    """A chat is part of the ticket from here on. `conversation`: its id."""

    verb, icon, chip, sentence = "ticket.chat_joined", "chat", "changes", _("goes on in the chat with {who}")
    personal = ("who",)
    who: str
    conversation: int
