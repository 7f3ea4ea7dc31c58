"""What people do with workflows and runs. What workflows do stands on the rows they do it to."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class Published(EventType):
    verb, sentence, icon = "workflow.published", _("published version {number}"), "check"
    number: int


@dataclass(frozen=True)
class SwitchedOn(EventType):
    verb, sentence, icon = "workflow.switched_on", _("switched this on"), "check"


@dataclass(frozen=True)
class SwitchedOff(EventType):
    verb, sentence, icon = "workflow.switched_off", _("switched this off"), "x"
    why: str = ""


@dataclass(frozen=True)
class SecretRenewed(EventType):
    verb, sentence, icon = "workflow.secret_renewed", _("gave this a new address and a new secret"), "pencil"


@dataclass(frozen=True)
class RunStartedByHand(EventType):
    verb, sentence, icon = "run.created", _("started this by hand"), "loop"


@dataclass(frozen=True)
class RunStartedAgain(EventType):
    verb, sentence, icon = "run.repeated", _("started this once more, after run {earlier}"), "loop"
    earlier: int


@dataclass(frozen=True)
class RunRetried(EventType):
    verb, sentence, icon = "run.retried", _("tried this again from step {step}"), "loop"
    step: str


@dataclass(frozen=True)
class RunCancelled(EventType):
    verb, sentence, icon = "run.cancelled", _("cancelled this"), "x"


@dataclass(frozen=True)
class RunTakenBack(EventType):
    verb, sentence, icon = "run.taken_back_whole", _("took back what this did: {count} steps"), "undo"
    count: int


@dataclass(frozen=True)
class RunAnswered(EventType):
    verb, sentence, icon = "run.answered", _("said {answer}"), "check"
    answer: str
