"""What happens in the first step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import Body, EventType


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

    verb, icon, chip, sentence = (
        "person.visits_joined",
        "link",
        "visits",
        _("visits to the site are known: {kept}; before consent, dropped: {dropped}"),
    )
    kept: int
    dropped: int = 0


def visits_of(page: str) -> Any:
    """Touches by visits to that page."""
    from kith.awareness.models import Touch

    return Touch.objects.filter(through="visit", landing=page)


@dataclass(frozen=True)
class Visited(EventType):
    """Somebody we know was on our site, with their consent. Which page it was stands with the touch and in no event, so that
    it can be forgotten."""

    verb, icon, chip, sentence = "person.visited", "globe", "visits", _("visited our site")
    elsewhere = MappingProxyType({"page": ("touch", visits_of)})
    touch: int

    @classmethod
    def which(cls, actor: Any) -> Sequence[tuple[str, str]]:
        """By the page: the most visited ones."""
        from kith.awareness.models import Touch

        pages = Touch.objects.filter(through="visit").exclude(landing="").order_by().values("landing")
        most = pages.annotate(n=Count("pk")).order_by("-n", "landing")[:50]
        return [(f"page={one['landing']}", one["landing"]) for one in most]

    @classmethod
    def bodies(cls, events: Sequence[Any], actor: Any) -> dict[UUID, Body]:
        from kith.awareness.models import Touch

        touches = Touch.objects.in_bulk([event.payload.get("touch") for event in events])
        found = {event.pk: touches.get(event.payload.get("touch")) for event in events}
        return {
            pk: Body(text=touch.landing, note=_("from %s") % touch.source if touch.source else "")
            for pk, touch in found.items() if touch is not None and touch.landing
        }  # fmt: skip


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
