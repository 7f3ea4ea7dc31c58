"""What people said about the use of their address, on their own timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class _Said(EventType):
    icon, chip = "shield", "steps"
    purpose: str  # key
    name: str  # what it was called then
    through: str = ""
    source: str = ""
    wording: int | None = None  # version of the words
    reason: str = ""
    ref: str = ""  # the mail whose link was used, as whoever sent it calls it ("mailing:12")
    line: int | None = None  # of the log
    personal = ("reason",)

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        return f"{words} ({payload['source']})" if payload.get("source") else words


@dataclass(frozen=True)
class ConsentAsked(_Said):
    verb, sentence = "person.consent_asked", _("is asked to confirm by mail: {name}")


@dataclass(frozen=True)
class ConsentGiven(_Said):
    verb, sentence = "person.consent_given", _("agreed to: {name}")


@dataclass(frozen=True)
class ConsentConfirmed(_Said):
    verb, sentence = "person.consent_confirmed", _("confirmed: {name}")


@dataclass(frozen=True)
class ConsentWithdrawn(_Said):
    verb, sentence = "person.consent_withdrawn", _("withdrew: {name}")

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        return __("%(words)s, because: %(reason)s") % {"words": words, **payload} if payload.get("reason") else words
