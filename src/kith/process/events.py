"""What happens to journeys and processes, as facts. Stages are told by key and by the name they had, so that renaming one
changes no history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType

TIME = "time.passed"  # stands for an event where there was none
ACCEPTED = "journey.handover_accepted"


@dataclass(frozen=True)
class _Told(EventType):
    chip = "steps"

    def payload(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("sides", "met") or value}


@dataclass(frozen=True)
class _Entered(_Told):
    """`due` is when the stage is to be left, in ISO form or ""; `version` is the number of the version held to."""

    stepped = True
    stage: str = ""
    stage_name: str = ""
    step: int = 1
    version: int | None = None
    due: str = ""


@dataclass(frozen=True)
class JourneyOpened(_Entered):
    """A journey began. Its verb is that of every creation, so that undo and readers treat it as one."""

    verb, sentence, icon = "journey.created", _("began this relationship in {stage_name}"), "map"
    process: str = ""
    on: str = ""
    came_from: str = ""  # the process that it was in until then

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        if payload.get("came_from"):
            return __("goes on with this relationship in {process}, in {stage_name}").format(**payload)
        return super().say(payload)


@dataclass(frozen=True)
class StageEntered(_Entered):
    """`skipped` and `skipped_names`: stages left out; `missing`: what the gate still asked for; `on`: the event that
    brought it here, `TIME` where nothing but time passed, "" by hand; `met`: what time made true; `back`: it went back."""

    verb, sentence, icon = "journey.moved", _("moved this relationship from {old_name} to {stage_name}"), "map"
    old: str = ""
    old_name: str = ""
    skipped: tuple[str, ...] = ()
    skipped_names: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""
    on: str = ""
    met: str = ""
    back: bool = False

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        if names := payload.get("skipped_names"):
            words += __(", skipping %s") % ", ".join(names)
        if missing := payload.get("missing"):
            words += __(", without: %s") % ", ".join(missing)
        met = payload.get("met")
        if met and isinstance(met, str):
            words += __(", since time made it true: %s") % met
        return words + (f": “{payload['reason']}”" if payload.get("reason") else "")


@dataclass(frozen=True)
class JourneyReopened(_Entered):
    verb, sentence, icon = "journey.reopened", _("took this relationship up again in {stage_name}"), "undo"


@dataclass(frozen=True)
class VersionChanged(_Entered):
    """The journey goes on under another version; `stage` is filled only where its stage became another one."""

    verb, sentence, icon = "journey.version_changed", _("goes on under version {number} of {process}"), "map"
    process: str = ""
    number: int = 0


@dataclass(frozen=True)
class SegmentChanged(_Told):
    """What is known of the customer by now puts them into another segment, or into none; `due` as in `_Entered`."""

    verb, sentence, icon = "journey.segment_changed", _("goes the way of {segment_name} from now on"), "map"
    segment: str = ""
    segment_name: str = ""
    old: str = ""
    old_name: str = ""
    due: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        if not payload.get("segment"):
            return __("goes the way of everybody from now on, no longer that of {old_name}").format(**payload)
        return super().say(payload)


@dataclass(frozen=True)
class JourneyClosed(_Told):
    verb, sentence, icon = "journey.closed", _("ended this relationship: {outcome}"), "x"
    outcome: str = ""
    reason: str = ""
    stage: str = ""
    process: str = ""  # where it goes on, and from where it came, when only the process changed
    came_from: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        from kith.process.models import Outcome

        known = dict(Outcome.choices)
        words = str(cls.sentence).format(outcome=str(known.get(payload.get("outcome", ""), "–")).lower())
        if payload.get("process"):
            words = __("moved this relationship from {came_from} to {process}").format(**payload)
        return words + (f": “{payload['reason']}”" if payload.get("reason") else "")


@dataclass(frozen=True)
class Held(_Told):
    """Something would bring the journey on, but a strict gate, an entry rule or a hand-over that is not accepted holds it."""

    verb, sentence, icon = "journey.held", _("stays in {stage_name}, since something is missing: {missing}"), "alert"
    stage: str = ""
    stage_name: str = ""
    wanted: str = ""
    missing: str = ""


@dataclass(frozen=True)
class ClockWarned(_Told):
    """The stage is soon to be left."""

    verb, sentence, icon = "journey.warned", _("is soon to leave {stage_name}"), "clock"
    stage: str = ""
    stage_name: str = ""
    due: str = ""


@dataclass(frozen=True)
class ClockRanOut(_Told):
    """The stage should have been left by now: the moment “overdue” of its automations."""

    verb, sentence, icon = "journey.overdue", _("should have left {stage_name} by now"), "alert"
    stage: str = ""
    stage_name: str = ""
    due: str = ""


@dataclass(frozen=True)
class WentSilent(_Told):
    """Nobody has talked with the customer for longer than the stage allows: the moment “silent” of its automations. Told
    once for each silence; `since`: the last word, or the beginning; `allowed`: the stage's span in words."""

    verb, sentence, icon = (
        "journey.silent",
        _("has heard nothing in {stage_name} for longer than {allowed}"),
        "hourglass",
    )
    stage: str = ""
    stage_name: str = ""
    since: str = ""
    allowed: str = ""


@dataclass(frozen=True)
class AutomationFailed(_Told):
    verb, sentence, icon = "journey.automation_failed", _("could not do by itself “{what}”: {problem}"), "alert"
    what: str = ""
    problem: str = ""


@dataclass(frozen=True)
class NeedMet(_Told):
    """A need ticked by hand; the tick is its side row."""

    verb, sentence, icon = "journey.need_met", _("ticked “{need}”"), "check"
    need: str = ""


@dataclass(frozen=True)
class NeedOpened(_Told):
    verb, sentence, icon = "journey.need_opened", _("took the tick from “{need}”"), "undo"
    need: str = ""


@dataclass(frozen=True)
class HandoverOffered(_Told):
    """The hand-over is its side row."""

    verb, sentence, icon = "journey.handover_offered", _("hands this relationship to {to}"), "arrow"
    to: str = ""
    stage: str = ""


@dataclass(frozen=True)
class HandoverPassedOn(_Told):
    """Nobody took it in time, so it is offered to whom the stage names."""

    verb, sentence, icon = (
        "journey.handover_passed_on",
        _("offered the handover to {to}, since nobody took it within {allowed}"),
        "arrow",
    )
    to: str = ""
    stage: str = ""
    allowed: str = ""


@dataclass(frozen=True)
class HandoverAccepted(_Told):
    verb, sentence, icon = ACCEPTED, _("accepted the handover"), "check"
    stage: str = ""
    receiver: int | None = None  # who looks after them from now on


@dataclass(frozen=True)
class HandoverReturned(_Told):
    verb, sentence, icon = "journey.handover_returned", _("asked back: {missing}"), "undo"
    missing: str = ""
    stage: str = ""


@dataclass(frozen=True)
class HandoverWithdrawn(_Told):
    """Nobody is to answer that offer any more: its giver took it back or offered it to somebody else, or the relationship
    ended or went elsewhere."""

    verb, sentence, icon = "journey.handover_withdrawn", _("took the handover back from {to}"), "undo"
    to: str = ""
    stage: str = ""


@dataclass(frozen=True)
class DraftSaved(EventType):
    verb, sentence, icon = "process.draft_saved", _("changed the draft: {what}"), "pencil"
    what: str = ""


@dataclass(frozen=True)
class Published(EventType):
    """A version is in force from now on. It stays on record when publishing is taken back."""

    verb, sentence, icon = "process.published", _("published version {number}: {note}"), "check"
    number: int = 0
    note: str = ""
    review: int = 0  # from which it was published
