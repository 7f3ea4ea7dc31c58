"""What happens to reviews and to what colleagues said, as facts. None of them tells a figure: everybody may read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class Prepared(EventType):
    """Figures and proposals are its side rows."""

    verb, sentence, icon = "review.prepared", _("counted the figures and made the proposals"), "chart"


@dataclass(frozen=True)
class Postponed(EventType):
    verb, sentence, icon = "review.postponed", _("moved the meeting to {day}"), "clock"
    day: str = ""


@dataclass(frozen=True)
class Proposed(EventType):
    verb, sentence, icon = "review.proposed", _("proposed “{title}”"), "plus"
    title: str = ""


@dataclass(frozen=True)
class Decided(EventType):
    """What was decided about one proposal, which is its side row."""

    verb, sentence, icon = "review.decided", _("decided on “{title}”: {verdict}"), "check"
    title: str = ""
    verdict: str = ""
    reason: str = ""

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        from kith.process.review.models import Verdict

        verdict = str(dict(Verdict.choices).get(payload.get("verdict", ""), "–")).lower()
        words = str(cls.sentence).format(title=payload.get("title", ""), verdict=verdict)
        return words + (__(", because “%s”") % payload["reason"] if payload.get("reason") else "")


@dataclass(frozen=True)
class Held(EventType):
    """The meeting took place; the figures of that day are its side rows."""

    verb, sentence, icon = "review.held", _("held the meeting"), "people"


@dataclass(frozen=True)
class VersionCame(EventType):
    """A version was published from the review. `adopted`: the proposals it carries out."""

    verb, sentence, icon = "review.published", _("published version {number} from this review"), "check"
    number: int = 0
    adopted: tuple[str, ...] = ()

    @classmethod
    def say(cls, payload: dict[str, Any]) -> str:
        words = super().say(payload)
        return words + (
            ": " + ", ".join(f"“{title}”" for title in payload["adopted"]) if payload.get("adopted") else ""
        )


@dataclass(frozen=True)
class EffectSeen(EventType):
    """What was found is its side row."""

    verb, sentence, icon = "review.followed", _("looked at what came of version {number}"), "chart"
    number: int = 0


@dataclass(frozen=True)
class Read(EventType):
    verb, sentence, icon = "feedback.read", _("read this in the {review}"), "check"
    review: str = ""


@dataclass(frozen=True)
class Answered(EventType):
    verb, sentence, icon = "feedback.answered", _("said what came of it"), "note"


@dataclass(frozen=True)
class RhythmSet(EventType):
    """How often a process is reviewed; the rhythm is its side row."""

    verb, sentence, icon = "process.rhythm_set", _("set a review every {weeks} weeks"), "calendar"
    weeks: int = 0


@dataclass(frozen=True)
class ReviewsStopped(EventType):
    verb, sentence, icon = "process.reviews_stopped", _("stopped the reviews"), "calendar"
