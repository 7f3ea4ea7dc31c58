"""What happens to deals, as facts. Names stand beside ids, so that history reads the same after a stage is renamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class _Told(EventType):
    """Events of deals hold only plain values, so their payload is what they hold; imports write many of them."""

    chip = "deals"

    def payload(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "sides" or value}


@dataclass(frozen=True)
class DealOpened(_Told):
    """A deal began. Its verb is that of every creation, so that undo and readers treat it as one."""

    verb, sentence, icon = "deal.created", _("opened this deal in {stage}"), "deal"
    stage: str = ""
    pipeline: str = ""
    stage_id: int | None = None
    pipeline_id: int | None = None


@dataclass(frozen=True)
class StageMoved(_Told):
    """`skipped`: names of stages passed over; `missing`: what the exit rule still asked for; `override`: why it was
    passed all the same (or why a stage was skipped or the deal went back)."""

    verb, sentence, icon = "deal.stage_moved", _("moved this from {old} to {new}"), "columns"
    old: str = ""
    new: str = ""
    pipeline: str = ""
    old_id: int | None = None
    new_id: int | None = None
    pipeline_id: int | None = None
    skipped: tuple[str, ...] = ()
    back: bool = False
    override: str = ""
    missing: tuple[str, ...] = ()

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        if skipped := payload.get("skipped"):
            words += __(", past %s") % ", ".join(skipped)
        return words + _although(payload)


def _although(payload: dict[str, Any]) -> str:
    if not payload.get("override"):
        return ""
    return (
        __(", although something was missing: “%s”") % payload["override"]
        if payload.get("missing")
        else f": “{payload['override']}”"
    )


@dataclass(frozen=True)
class PipelineChanged(_Told):
    verb, sentence, icon = "deal.pipeline_changed", _("moved this from {old} to {new}, {stage}"), "columns"
    old: str = ""
    new: str = ""
    stage: str = ""
    old_id: int | None = None
    new_id: int | None = None
    stage_id: int | None = None
    override: str = ""
    missing: tuple[str, ...] = ()

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        return super().say(payload) + _although(payload)


@dataclass(frozen=True)
class _Closed(_Told):
    personal = ("words",)
    reason: str = ""
    reason_id: int | None = None
    competitor: str = ""
    words: str = ""
    stage: str = ""
    stage_id: int | None = None
    override: str = ""
    missing: tuple[str, ...] = ()

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        if payload.get("reason"):
            words += f": {payload['reason']}"
        if payload.get("competitor"):
            words += f" ({payload['competitor']})"
        return words + _although(payload)


@dataclass(frozen=True)
class DealWon(_Closed):
    verb, sentence, icon = "deal.won", _("won this deal"), "check"


@dataclass(frozen=True)
class DealLost(_Closed):
    verb, sentence, icon = "deal.lost", _("lost this deal"), "x"


@dataclass(frozen=True)
class DealReopened(_Told):
    verb, sentence, icon = "deal.reopened", _("opened this deal again, it was {was}"), "undo"
    was: str = ""
    stage: str = ""
    stage_id: int | None = None


@dataclass(frozen=True)
class DealReassigned(_Told):
    verb, sentence, icon = "deal.reassigned", _("handed this from {old} to {new}"), "person"
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class LinesChanged(_Told):
    """Products on the deal; the lines are its side rows."""

    verb, sentence, icon = "deal.lines_changed", _("{what}"), "box"
    what: str = ""


@dataclass(frozen=True)
class CommitteeChanged(_Told):
    """Who takes part in the decision; the seats are its side rows."""

    verb, sentence, icon = "deal.committee_changed", _("{what}"), "people"
    personal = ("what",)
    what: str = ""


@dataclass(frozen=True)
class RuleChanged(EventType):
    verb, sentence, icon = "stage.rule_changed", _("changed what a deal needs to leave {stage}"), "pencil"
    stage: str = ""
