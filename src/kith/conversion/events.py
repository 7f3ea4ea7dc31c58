"""What happens to orders and promises, beyond being added, changed, merged and archived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType, SaysWhy


@dataclass(frozen=True)
class OrderEnded(SaysWhy):
    verb, icon, chip, sentence = "order.ended", "x", "steps", _("ended the order on {on}")
    on: str = ""
    reason: str = ""


@dataclass(frozen=True)
class OrderRenewed(EventType):
    """Another term was agreed, from the day on which the one before would have ended. since, until: days; before, after: a year."""

    verb, icon, chip, sentence = "order.renewed", "check", "steps", _("renewed the order until {until}")
    since: str = ""
    until: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class OrderTakenBack(EventType):
    """The deal it came from is open again; the order is archived in the same change."""

    verb, icon, chip, sentence = (
        "order.taken_back",
        "undo",
        "steps",
        _("took the order back, because {deal} is open again"),
    )
    deal: str = ""


@dataclass(frozen=True)
class OrderLinesChanged(EventType):
    """What was bought; the lines are its side rows."""

    verb, icon, sentence = "order.lines_changed", "box", _("{what}")
    what: str = ""


@dataclass(frozen=True)
class OrderStepped(EventType):
    """A new year of the order began, for which another price was agreed."""

    verb, icon, chip, sentence = "order.stepped", "coins", "steps", _("brings {yearly} a year from its year {year} on")
    yearly: str = ""
    year: int = 0


@dataclass(frozen=True)
class OrderReported(EventType):
    """What the system that writes invoices says of the order."""

    verb, icon, chip, sentence = "order.reported", "coins", "steps", _("invoicing says {state}")
    state: str = ""
    number: str = ""
    total: str = ""
    note: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say({**payload, "state": str(payload.get("state", "")).lower()})
        return " ".join([words, *(f"({payload[k]})" for k in ("number", "note") if payload.get(k))])


@dataclass(frozen=True)
class _Promised(EventType):
    icon, chip = "check", "steps"
    personal = ("wording", "reason")
    wording: str = ""
    reason: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        return f"{words} ({payload['reason']})" if payload.get("reason") else words


@dataclass(frozen=True)
class PromiseMade(_Promised):
    """The verb is that of every creation, so that undo and readers treat it as one."""

    verb, sentence = "promise.created", _("promised: {wording}")
    due: str = ""


@dataclass(frozen=True)
class PromiseKept(_Promised):
    verb, sentence = "promise.kept", _("kept the promise: {wording}")


@dataclass(frozen=True)
class PromiseBroken(_Promised):
    verb, icon, sentence = "promise.broken", "x", _("broke the promise: {wording}")


@dataclass(frozen=True)
class PromiseWaived(_Promised):
    verb, icon, sentence = "promise.waived", "minus", _("was let off the promise: {wording}")


@dataclass(frozen=True)
class PromiseReopened(_Promised):
    verb, icon, sentence = "promise.reopened", "undo", _("opened the promise again: {wording}")


@dataclass(frozen=True)
class PromiseDelivery(EventType):
    """How far the technical team is with what was promised."""

    verb, icon, chip, sentence = "promise.delivery_told", "flag", "steps", _("said of “{wording}”: {state}")
    personal = ("wording",)
    wording: str = ""
    state: str = ""
    note: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say({**payload, "state": str(payload.get("state", "")).lower()})
        return __("%(words)s (%(note)s)") % {"words": words, **payload} if payload.get("note") else words
