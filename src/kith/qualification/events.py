"""What happens to leads: whom they are given to, what is answered, how they are decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class LeadAssigned(EventType):
    verb, icon, chip, sentence = "lead.assigned", "person", "steps", _("gave this lead to {who}")
    who: str
    rule: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return super().say(payload) + (__(", by the rule %s") % payload["rule"] if payload.get("rule") else "")


@dataclass(frozen=True)
class LeadReassigned(EventType):
    verb, icon, chip, sentence = "lead.reassigned", "person", "steps", _("passed this lead from {before} to {who}")
    who: str
    before: str = ""
    why: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return super().say(payload) + (f": {payload['why']}" if payload.get("why") else "")


@dataclass(frozen=True)
class LeadEscalated(EventType):
    verb, icon, chip, sentence = "lead.escalated", "alert", "steps", _("told {who} that nobody answered yet")
    who: str


@dataclass(frozen=True)
class LeadUnrouted(EventType):
    verb, icon, chip, sentence = "lead.unrouted", "alert", "steps", _("found nobody to look after this lead")
    why: str = ""


@dataclass(frozen=True)
class LeadHanded(EventType):
    verb, icon, chip, sentence = "lead.handed", "person", "steps", _("handed this lead from {before} to {who}")
    who: str
    before: str = ""


@dataclass(frozen=True)
class LeadClockStopped(EventType):
    verb, icon, chip, sentence = "lead.clock_stopped", "clock", "steps", _("the clock stopped: {how}")
    how: str


@dataclass(frozen=True)
class CriterionAnswered(EventType):
    verb, icon, chip, sentence = "lead.answered", "note", "steps", _("noted {criterion}: {answer}")
    criterion: str
    answer: str
    personal = ("answer",)


@dataclass(frozen=True)
class LeadQualified(EventType):
    verb, icon, chip, sentence = "lead.qualified", "check", "steps", _("qualified this lead")
    words: str = ""
    personal = ("words",)


@dataclass(frozen=True)
class LeadNurtured(EventType):
    verb, icon, chip, sentence = "lead.nurtured", "clock", "steps", _("will come back to this lead on {until}")
    until: str
    words: str = ""
    personal = ("words",)


@dataclass(frozen=True)
class LeadNotAFit(EventType):
    verb, icon, chip, sentence = "lead.not_a_fit", "x", "steps", _("said that we are not a fit: {reason}")
    reason: str
    advised: str = ""
    words: str = ""
    personal = ("words", "advised")

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        return words + (__("; advised elsewhere: %s") % payload["advised"] if payload.get("advised") else "")


@dataclass(frozen=True)
class LeadCameBack(EventType):
    verb, icon, chip, sentence = "lead.came_back", "undo", "steps", _("came back")
    after: str = ""
    source: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return __("came back, after: %s") % payload["after"] if payload.get("after") else super().say(payload)


@dataclass(frozen=True)
class LeadCredited(EventType):
    verb, icon, chip, sentence = "lead.credited", "star", "steps", _("credited the return to {who}")
    who: str


@dataclass(frozen=True)
class LeadConverted(EventType):
    verb, icon, chip, sentence = "lead.converted", "deal", "steps", _("became the deal {deal}")
    deal: str
    linked: bool = False

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return (__("belongs to the deal %s") if payload.get("linked") else __("became the deal %s")) % payload["deal"]
