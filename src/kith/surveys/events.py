"""What happens with surveys, as facts: on the person's story, and on that of what they were asked about."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class SurveyStarted(EventType):
    verb, icon, sentence = "survey.started", "check", _("let it ask")


@dataclass(frozen=True)
class SurveyStopped(EventType):
    verb, icon, sentence = "survey.stopped", "ban", _("stopped it")


@dataclass(frozen=True)
class SurveyAsked(EventType):
    """On the person."""

    verb, icon, chip, sentence = "survey.asked", "help", "steps", _("asked them: {survey}")
    survey: str
    kind: str = ""
    response: int | None = None


@dataclass(frozen=True)
class SurveyAnswered(EventType):
    """On the person, about their company and what they were asked about. `band`: "low", "middle", "high"; `top` is the
    highest score there is; `about`: [record, id] or []."""

    verb, icon, chip, sentence = (
        "survey.answered",
        "star",
        "steps",
        _("answered “{survey}” with {score} of {top}{words}"),
    )
    personal = ("words",)
    survey: str
    kind: str
    score: int
    top: int
    band: str
    about: list[object] = field(default_factory=list)
    response: int | None = None
    words: str = ""


@dataclass(frozen=True)
class SurveyCommented(EventType):
    """On the person: words to an answer that was told already."""

    verb, icon, chip, sentence = "survey.commented", "star", "steps", _("wrote to their answer to “{survey}”: {words}")
    personal = ("words",)
    survey: str
    words: str = ""
    response: int | None = None


@dataclass(frozen=True)
class SurveyForwarded(EventType):
    """Somebody else opened the link and said so: kept as words, counted as no answer."""

    verb, icon, chip, sentence = "survey.forwarded", "share", "steps", _("passed “{survey}” on; somebody else wrote: {words}")  # fmt: skip
    personal = ("words",)
    survey: str
    words: str = ""
    response: int | None = None


@dataclass(frozen=True)
class LoopClosed(EventType):
    """On the person: a low answer was followed up."""

    verb, icon, chip, sentence = "survey.followed_up", "check", "steps", _("followed up their answer to “{survey}”: {outcome}")  # fmt: skip
    personal = ("outcome",)
    survey: str
    outcome: str = ""
    late: bool = False
    response: int | None = None
