"""Assets on pages: how one did and where it was used, what a campaign uses, what fits somebody best."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.awareness.assets.queries import GIVEN, LIFT, OPENED, REPLIED, best_for, used_last, won_by
from kith.awareness.assets.segments import keys_of
from kith.awareness.assets.stages import stage_names, stage_of
from kith.awareness.models import Asset, AssetUse, Through
from kith.awareness.profiles.fitting import personas
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.ui.panels import Panel


def uses(actor: Actor, asset: Asset) -> dict[str, Any]:
    """How often it was opened is told where it could be: nobody learns who opened what came with a mail."""
    counts = {"given": GIVEN, "opened": OPENED, "answered": REPLIED, "lift": LIFT}
    did = Asset.objects.filter(pk=asset.pk).values(**{f"n_{key}": count for key, count in counts.items()}).get()
    by_magnet = AssetUse.objects.filter(asset=asset, person__isnull=False, through=Through.MAGNET)
    known = did["n_opened"] > 0 or by_magnet.exists()
    rows = [
        {"name": registry["person"].name_of(u.person) if u.person else str(u.campaign), "at": u.at,
         "href": f"/people/{u.person_id}" if u.person_id else f"/campaigns/{u.campaign_id}",
         "how": Through(u.through).label, "answered": u.answered_at is not None, "opened": u.opened_at is not None}
        for u in used_last(actor, asset)
    ]  # fmt: skip
    return {
        "uses": rows, "given": did["n_given"], "opened_count": did["n_opened"] if known else None,
        "answered": did["n_answered"], "won": won_by([asset.pk], actor).get(asset.pk, 0),
        "lift": did["n_lift"],
    }  # fmt: skip


def of_campaign(actor: Actor, campaign: Any) -> dict[str, Any]:
    seen = registry["asset"].rows(actor, archived=False)
    found = AssetUse.objects.filter(campaign=campaign, person__isnull=True, asset__in=seen).select_related("asset")
    assets = {u.asset_id: u.asset for u in found.order_by("at", "pk")}
    return {
        "assets": [(a.name, f"/assets/{a.pk}", a.get_sort_display()) for a in assets.values()],
        "count": len(assets) or None,
    }


def fitting(actor: Actor, person: Any) -> dict[str, Any] | None:
    """The three assets for this person's persona, stage and segments; None where there is none."""
    if not actor.can("asset.see"):
        return None
    column = registry["person"].columns()["persona"]
    row = registry["person"].listing(registry["person"].rows(actor).filter(pk=person.pk), [column]).first()
    persona, stage = (column.get(row) or "") if row is not None else "", stage_of(person)
    found = best_for(
        actor, persona=persona, stage=stage, language=person.language, person=person.pk, segments=keys_of(actor, person)
    )
    if not found:
        return None
    return {
        "offers": [
            {"name": o.asset.name, "href": f"/assets/{o.asset.pk}", "sort": o.asset.get_sort_display(), "given": o.given,
             "answered": o.answered, "won": o.won, "lift": o.lift}
            for o in found
        ],
        "meant": ", ".join(name for name in (personas().get(persona, ""), stage_names().get(stage, "")) if name),
    }  # fmt: skip


USES = Panel("uses", _("Use and result"), "awareness/panel_uses.html", uses, place="main", order=10, verbs=("give",))
OF_CAMPAIGN = Panel(
    "campaign-assets", _("Assets"), "awareness/panel_campaign_assets.html", of_campaign, depends_on=("asset",), order=30,
    verbs=("use_asset",), lazy=True,
)  # fmt: skip
