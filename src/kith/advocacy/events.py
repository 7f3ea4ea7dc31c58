"""What customers do for us, as facts: on their own stories first."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class ReferralMade(EventType):
    """On whoever recommended us, about whoever came once that is known."""

    verb, icon, chip, sentence = "referral.made", "gift", "steps", _("recommended us to {name}")
    personal = ("name",)
    name: str
    programme: str = ""
    referral: int | None = None


@dataclass(frozen=True)
class ReferralCame(EventType):
    """On the referral, about whoever came."""

    verb, icon, chip, sentence = "referral.came", "gift", "steps", _("came to us by a recommendation of {referrer}")
    personal = ("referrer",)
    referrer: str


@dataclass(frozen=True)
class RewardDue(EventType):
    verb, icon, chip, sentence = "referral.due", "coins", "steps", _("what was agreed came about; the reward is due")


@dataclass(frozen=True)
class RewardRefused(EventType):
    verb, icon, chip, sentence = "referral.refused", "ban", "steps", _("refused the reward: {reason}")
    reason: str


@dataclass(frozen=True)
class DoubtsCleared(EventType):
    verb, icon, chip, sentence = "referral.cleared", "check", "steps", _("looked at it and found it in order: {reason}")
    reason: str


@dataclass(frozen=True)
class Rewarded(EventType):
    verb, icon, chip, sentence = "referral.rewarded", "gift", "steps", _("paid the reward for {name}: {how}")
    personal = ("name",)
    name: str
    how: str = ""


@dataclass(frozen=True)
class ReviewAsked(EventType):
    verb, icon, chip, sentence = "public_review.asked", "star", "steps", _("asked for a review on {site}")
    site: str


@dataclass(frozen=True)
class ReviewLeft(EventType):
    verb, icon, chip, sentence = "public_review.left", "star", "steps", _("left a review on {site}{stars}")
    site: str
    stars: str = ""
    link: str = ""


@dataclass(frozen=True)
class ReviewDeclined(EventType):
    verb, icon, chip, sentence = "public_review.declined", "ban", "steps", _("will leave no review on {site}")
    site: str


@dataclass(frozen=True)
class ReferenceMoved(EventType):
    verb, icon, chip, sentence = "reference.moved", "quote", "steps", _("{what}: {name}")
    name: str
    what: str
    state: str = ""


@dataclass(frozen=True)
class ReferenceCall(EventType):
    verb, icon, chip, sentence = "reference.called", "phone", "steps", _("held a reference call with {asked_by}")
    personal = ("asked_by",)
    asked_by: str


@dataclass(frozen=True)
class IdeaVoted(EventType):
    """On the person, about the idea."""

    verb, icon, chip, sentence = "idea.voted", "up", "steps", _("voted for “{title}”")
    title: str
    idea: int | None = None


@dataclass(frozen=True)
class IdeaMoved(EventType):
    verb, icon, chip, sentence = "idea.moved", "arrow", "steps", _("moved “{title}” to {state}{answer}")
    title: str
    state: str
    answer: str = ""


@dataclass(frozen=True)
class IdeaShown(EventType):
    verb, icon, sentence = "idea.shown", "eye", _("put it on the board")


@dataclass(frozen=True)
class IdeaHidden(EventType):
    verb, icon, sentence = "idea.hidden", "eye-off", _("took it off the board")
