"""What happens with activities and messages. Calls, meetings and notes carry their words in the activity itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.bodies import PLANNED, activity_bodies, mail_bodies, mail_withheld
from kith.kernel.mail.levels import Level
from kith.kernel.timeline.types import EventType

# {verb: what it was} by which a colleague reaches out to somebody: it answers a lead, and stops the clock of an answer.
OUTREACH = {
    "mail.written": "mail", "activity.called": "call", "activity.met": "meeting", "conversation.answered": "chat",
}  # fmt: skip


@dataclass(frozen=True)
class TaskPlanned(EventType):
    verb, icon, chip, sentence = PLANNED, "check", "tasks", _("planned: {subject}")
    bodies = staticmethod(activity_bodies)
    subject: str
    kind: str = "task"
    due: str = ""
    personal = ("subject",)


@dataclass(frozen=True)
class ActivityDone(EventType):
    verb, icon, chip, sentence = "activity.done", "check", "tasks", _("did: {subject}")
    subject: str
    kind: str = "task"
    outcome: str = ""
    personal = ("subject", "outcome")

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = __("did: %(subject)s")
        return (words + " (%(outcome)s)" if payload.get("outcome") else words) % {
            "subject": "",
            "outcome": "",
            **payload,
        }


@dataclass(frozen=True)
class ActivityReopened(EventType):
    verb, icon, chip, sentence = "activity.reopened", "undo", "tasks", _("opened again: {subject}")
    subject: str
    personal = ("subject",)


@dataclass(frozen=True)
class Postponed(EventType):
    verb, icon, chip, sentence = "activity.postponed", "clock", "tasks", _("moved {subject} from {old} to {new}")
    subject: str
    old: str
    new: str
    personal = ("subject",)


@dataclass(frozen=True)
class NoteWritten(EventType):
    verb, icon, chip, sentence = "activity.noted", "note", "notes", _("wrote a note")
    bodies = staticmethod(activity_bodies)


@dataclass(frozen=True)
class CallLogged(EventType):
    verb, icon, chip, sentence = "activity.called", "phone", "calls", _("called")
    bodies = staticmethod(activity_bodies)
    minutes: int | None = None
    incoming: bool = False

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = __("took a call") if payload.get("incoming") else __("called")
        return f"{words}, {payload['minutes']} min" if payload.get("minutes") else words


@dataclass(frozen=True)
class MeetingLogged(EventType):
    verb, icon, chip, sentence = "activity.met", "calendar", "meetings", _("met: {subject}")
    bodies = staticmethod(activity_bodies)
    subject: str
    minutes: int | None = None
    personal = ("subject",)


@dataclass(frozen=True)
class MailTold(EventType):
    """What is told of a mail. Whoever does not see all of it reads it without what is not for them (`privacy.withheld`)."""

    withheld = staticmethod(mail_withheld)

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        from kith.activities.privacy import no_subject

        unsaid = "shows" in payload and "subject" not in payload
        return super().say({**payload, "subject": no_subject(payload["shows"])} if unsaid else payload)


@dataclass(frozen=True)
class MailWritten(MailTold):
    verb, icon, chip, sentence = "mail.written", "mail", "mail", _("wrote: {subject}")
    bodies = staticmethod(mail_bodies)
    message: int
    subject: str
    personal = ("subject",)


@dataclass(frozen=True)
class MailSent(MailTold):
    verb, icon, chip, sentence = "mail.sent", "mail", "mail", _("the mail “{subject}” left")
    message: int
    subject: str
    personal = ("subject",)


@dataclass(frozen=True)
class MailFailed(MailTold):
    verb, icon, chip, sentence = "mail.failed", "alert", "mail", _("the mail “{subject}” could not be sent: {problem}")
    message: int
    subject: str
    problem: str
    personal = ("subject",)


@dataclass(frozen=True)
class MailReceived(MailTold):
    verb, icon, chip, sentence = "mail.received", "mail", "mail", _("wrote to us: {subject}")
    bodies = staticmethod(mail_bodies)
    message: int
    subject: str
    # For those who listen, so that they need not read what was just written; not kept with the event.
    thread: int | None = field(default=None, kw_only=True)
    answers: tuple[str, ...] | None = field(default=None, kw_only=True)
    personal = ("subject",)

    def payload(self) -> dict[str, Any]:
        told = super().payload()
        del told["thread"], told["answers"]
        return told


@dataclass(frozen=True)
class MailAutoReplied(MailTold):
    """A machine of theirs wrote: an absence notice, a newsletter. It counts neither as a reply nor as a touch."""

    verb, icon, chip, sentence = "mail.auto_replied", "clock", "mail", _("sent an automatic mail: {subject}")
    bodies = staticmethod(mail_bodies)
    message: int
    subject: str
    personal = ("subject",)


@dataclass(frozen=True)
class MailBounced(MailTold):
    """A mail of ours came back, or (hard is false) may still arrive."""

    verb, icon, chip, sentence = (
        "mail.bounced",
        "alert",
        "mail",
        _("the mail “{subject}” did not reach {address}: {problem}"),
    )
    message: int
    subject: str
    address: str
    problem: str
    hard: bool = True
    personal = ("subject", "address", "problem")


@dataclass(frozen=True)
class MailComplained(MailTold):
    verb, icon, chip, sentence = (
        "mail.complained",
        "alert",
        "mail",
        _("the mail “{subject}” was called unwanted by {address}"),
    )
    message: int
    subject: str
    address: str
    personal = ("subject", "address")


@dataclass(frozen=True)
class ContactShared(EventType):
    """Somebody said what colleagues see of the mail of their own mailboxes with a person or a company; shows: "" for what
    the mailboxes say."""

    verb, icon, chip, sentence = (
        "mail.contact_shared",
        "people",
        "mail",
        _("chose what colleagues see of their mail with them: {words}"),
    )
    shows: str

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        shows = payload["shows"]
        words = Level(shows).label if shows else __("what the mailbox says")
        return super().say({**payload, "words": str(words).lower()})


@dataclass(frozen=True)
class MailShared(EventType):
    """Somebody who takes part in a conversation said what colleagues see of it."""

    verb, icon, chip, sentence = (
        "mail.shared",
        "people",
        "mail",
        _("chose what colleagues see of a conversation: {words}"),
    )
    thread: int
    shows: str

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return super().say({**payload, "words": str(Level(payload["shows"]).label).lower()})
