"""What happens to people and companies beyond being added, changed, merged and archived."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType, SaysWhy


@dataclass(frozen=True)
class ChangedPosition(EventType):
    verb, icon, sentence = "person.position_changed", "company", _("works at {company}")
    company: str
    title: str = ""
    ended: bool = False
    removed: bool = False

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        if payload.get("removed"):
            return __("removed the role at %s") % payload["company"]
        if payload.get("ended"):
            return __("noted that a role at %s ended") % payload["company"]
        title = payload.get("title")
        return (
            __("noted a role at %(company)s: %(title)s") % payload
            if title
            else __("noted a role at %s") % payload["company"]
        )


@dataclass(frozen=True)
class Related(EventType):
    verb, icon, sentence = "person.related", "people", _("noted a connection to {other}: {kind}")
    other: str
    kind: str
    personal = ("other",)


@dataclass(frozen=True)
class Unrelated(EventType):
    verb, icon, sentence = "person.unrelated", "people", _("removed the connection to {other}")
    other: str
    kind: str = ""
    personal = ("other",)

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        if payload.get("kind"):
            return __("removed the connection to %(other)s: %(kind)s") % payload
        return super().say(payload)


@dataclass(frozen=True)
class ToldApart(EventType):
    verb, icon, sentence = "contacts.told_apart", "people", _("said that this is not {other}")
    other: str
    personal = ("other",)


@dataclass(frozen=True)
class LookedUp(EventType):
    """Values were found and put where none stood; `columns` says each one's source by key."""

    verb, icon, sentence = "contacts.looked_up", "search", _("looked up: {what}")
    columns: dict[str, str] = field(default_factory=dict)
    what: str = ""


@dataclass(frozen=True)
class Captured(EventType):
    """Somebody made themselves known, or came back: what a lead begins with. Whoever takes them in says it on the
    person; assignment, scores and clocks hear it."""

    verb, icon, sentence = "person.captured", "flag", _("came to us through {through}")
    through: str  # "form", "mail", "chat", "event", "referral": a key, for those who listen
    source: str = ""  # what people call it: the name of the form, the address of the mailbox
    campaign: str = ""
    form: int | None = None  # through which they came; its name is told by `source`, and may change

    def payload(self) -> dict[str, Any]:
        told = super().payload()
        if self.form is None:
            del told["form"]
        return told

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return __("came to us: %s") % (payload.get("source") or payload["through"])


@dataclass(frozen=True)
class BecameCustomer(EventType):
    """They buy from us. since: the day, as a date; again: they had left before."""

    verb, icon, chip, sentence = "person.became_customer", "check", "steps", _("is a customer")
    since: str = ""
    again: bool = False

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return __("is a customer again") if payload.get("again") else super().say(payload)


@dataclass(frozen=True)
class CompanyBecameCustomer(BecameCustomer):
    verb = "company.became_customer"


@dataclass(frozen=True)
class StoppedBeingCustomer(SaysWhy):
    """They buy from us no more. until: the day, as a date."""

    verb, icon, chip, sentence = "person.ended_customer", "x", "steps", _("is a customer no more")
    personal = ("reason",)
    until: str = ""
    reason: str = ""


@dataclass(frozen=True)
class CompanyLeft(StoppedBeingCustomer):
    verb = "company.ended_customer"
