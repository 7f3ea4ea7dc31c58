"""What happens in the first step."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import EventType


@dataclass(frozen=True)
class ProfilePublished(EventType):
    verb, icon, sentence = "profile.published", "check", _("published version {number}")
    number: int
    note: str = ""


@dataclass(frozen=True)
class CriterionChanged(EventType):
    verb, icon, sentence = "profile.criterion_changed", "pencil", _("changed the draft: {label}")
    label: str


@dataclass(frozen=True)
class CostNoted(EventType):
    verb, icon, sentence = "campaign.cost_noted", "coins", _("noted a cost: {what}")
    what: str


@dataclass(frozen=True)
class CostRemoved(EventType):
    verb, icon, sentence = "campaign.cost_removed", "trash", _("removed a cost: {what}")
    what: str


@dataclass(frozen=True)
class MembersMarked(EventType):
    """Many at once, or one. `unknown` are pasted words that fitted nobody, kept so that nobody is lost."""

    verb, icon, sentence, personal = (
        "campaign.members_marked",
        "people",
        _("{campaign}, {state}: {names}"),
        ("names", "unknown"),
    )
    campaign: str
    state: str
    names: str
    unknown: str = ""


@dataclass(frozen=True)
class MembersRemoved(EventType):
    verb, icon, sentence, personal = (
        "campaign.members_removed",
        "minus",
        _("took out of {campaign}: {names}"),
        ("names",),
    )
    campaign: str
    names: str


@dataclass(frozen=True)
class VisitsJoined(EventType):
    """We learned which visitor of the site somebody is."""

    verb, icon, sentence = (
        "person.visits_joined",
        "link",
        _("visits to the site are known: {kept}; before consent, dropped: {dropped}"),
    )
    kept: int
    dropped: int = 0


@dataclass(frozen=True)
class TrailDeleted(EventType):
    verb, icon, sentence = "person.trail_deleted", "trash", _("deleted how they found us: {count}")
    count: int


@dataclass(frozen=True)
class AssetUsed(EventType):
    verb, icon, sentence, personal = "asset.used", "clip", _("gave {asset} to {who}"), ("who",)
    asset: str
    who: str
    through: str = ""
