"""Writing down where assets were used, and what came of it. Mails, campaigns and lead magnets call `used`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.awareness.events import AssetUsed
from kith.awareness.models import Asset, AssetUse, Campaign, Through
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Link
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides


def used(
    asset: Asset, *, person: Any = None, campaign: Campaign | None = None, through: str = Through.MAIL, by: Actor
) -> AssetUse:
    """One use, on the story of the asset and of whom it was given to; a campaign's without a person. The returned row's id
    is what `opened` and `answered` take."""
    with change(asset, by=by) as c:
        side = Sides(AssetUse.objects.filter(asset=c.row, person=person, campaign=campaign, through=through))
        use = AssetUse.objects.create(asset=c.row, person=person, campaign=campaign, through=through, by_name=by.name)
        who = registry["person"].name_of(person) if person is not None else str(campaign or "")
        c.says(AssetUsed(c.row.name, who, str(Through(through).label), sides=side.touched()))
        if person is not None:
            c.about("person", person.pk)
        if campaign is not None:
            c.about("campaign", campaign.pk)
    return use


def opened(*uses: int, at: dt.datetime | None = None) -> None:
    """They opened it, now or then; the first time counts."""
    AssetUse.objects.filter(pk__in=uses, opened_at__isnull=True).update(opened_at=at or timezone.now())


def answered(*uses: int, at: dt.datetime | None = None) -> None:
    """They answered to it, now or then; the first time counts, and whoever answers has opened it."""
    AssetUse.objects.filter(pk__in=uses, answered_at__isnull=True).update(answered_at=at or timezone.now())
    opened(*uses, at=at)


@action("asset.give", needs="asset.edit", label=_("Note that it was given…"), icon="clip", done=_("Noted"))
def give(
    asset: Asset, *, person: Annotated[Any, Link("person"), _("To")],
    through: Annotated[str, Choice(dict(Through.choices)), _("By")] = Through.MEETING, by: Actor,
) -> Asset:  # fmt: skip
    """Somebody was given it."""
    used(asset, person=person, through=through, by=by)
    return asset


@action(
    "campaign.use_asset", needs="campaign.edit", label=_("Use an asset…"), icon="clip", done=_("The campaign uses it")
)
def use_asset(campaign: Campaign, *, asset: Annotated[Asset, Link("asset"), _("Asset")], by: Actor) -> Campaign:
    """A campaign uses an asset."""
    used(asset, campaign=campaign, through=Through.CAMPAIGN, by=by)
    return campaign
