"""What happens to customers: their health moves, contracts come up, they leave, and what we do against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType, SaysWhy


@dataclass(frozen=True)
class HealthFell(EventType):
    """Health came into a lower band. before, after: points of 100; band: "good", "watch" or "poor"; why: parts that moved."""

    verb, icon, chip, sentence = "health.fell", "alert", "steps", _("saw health fall from {before} to {after}")
    before: int
    after: int
    band: str = ""
    why: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return super().say(payload) + (f": {payload['why']}" if payload.get("why") else "")


@dataclass(frozen=True)
class HealthRose(HealthFell):
    verb, icon, sentence = "health.rose", "check", _("saw health rise from {before} to {after}")


@dataclass(frozen=True)
class Churned(SaysWhy):
    """A customer left. kind: "unwanted", "wanted" or "involuntary"; yearly: what was lost a year, as text."""

    verb, icon, chip, sentence = "customer.churned", "x", "steps", _("left us on {ended_on}")
    personal = ("words",)
    ended_on: str
    reason: str = ""
    kind: str = ""
    yearly: str = "0"
    words: str = ""


@dataclass(frozen=True)
class RenewalOpened(EventType):
    verb, icon, chip, sentence = "renewal.opened", "clock", "steps", _("opened the renewal of {order}, due {due}")
    order: str
    due: str
    risk: int | None = None


@dataclass(frozen=True)
class RenewalWon(EventType):
    verb, icon, chip, sentence = "renewal.won", "check", "steps", _("renewed until {until}")
    until: str
    before: str = "0"
    after: str = "0"


@dataclass(frozen=True)
class RenewalLost(EventType):
    verb, icon, chip, sentence = "renewal.lost", "x", "steps", _("did not renew: {reason}")
    personal = ("words",)
    reason: str
    words: str = ""


@dataclass(frozen=True)
class PlayBegan(EventType):
    verb, icon, chip, sentence = "play.began", "flag", "steps", _("began the play {play}")
    play: str


@dataclass(frozen=True)
class PlayEnded(EventType):
    verb, icon, chip, sentence = "play.ended", "check", "steps", _("ended the play {play}: {outcome}")
    play: str
    outcome: str


@dataclass(frozen=True)
class CareFell(EventType):
    """Care after payment fell behind what it was before. what: in words."""

    verb, icon, chip, sentence = "care.fell", "alert", "steps", _("saw care fall after payment: {what}")
    what: str
