"""Parts of a deal's page: what is sold, who decides, and how long it stood in each stage."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals import queries
from kith.deals.models import Deal
from kith.deals.pricing import currency_of
from kith.kernel.access.actor import Actor
from kith.kernel.records.reach import seen_ids
from kith.kernel.records.registry import registry
from kith.ui.panels import Panel


def products(actor: Actor, deal: Deal) -> dict[str, Any]:
    """The lines with what they add up to."""
    lines = queries.lines(deal)
    return {
        "lines": lines,
        "count": len(lines) or None,
        "currency": currency_of(deal),
        "total": sum(line.total for line in lines),
    }


def committee(actor: Actor, deal: Deal) -> dict[str, Any]:
    """Who takes part; names of people beyond the reader's scope are not told."""
    found = queries.committee(deal)
    people = {seat.person_id for seat in found.seats}
    seen = seen_ids(actor, registry["person"], people)
    seats = [
        {"pk": seat.pk, "name": str(seat.person) if seat.person_id in seen else __("not yours to see"),
         "href": f"/people/{seat.person_id}" if seat.person_id in seen else None,
         "role": seat.get_role_display(), "influence": seat.influence, "sentiment": seat.sentiment, "key": seat.role}
        for seat in found.seats
    ]  # fmt: skip
    return {"seats": seats, "missing": found.missing, "single": found.single, "count": len(people) or None}


def time_in_stage(actor: Actor, deal: Deal) -> dict[str, Any] | None:
    """Every stay, with the usual time beside it; None for a deal without a story."""
    stays = queries.stage_intervals([deal.pk])
    longest = max((stay.days for stay in stays), default=0)
    rows = [
        {"name": stay.stage.name, "seconds": stay.days * 86400, "since": stay.entered, "now": stay.left is None,
         "usual": stay.stage.usual_days, "share": round(100 * stay.days / longest) if longest else 0}
        for stay in stays
    ]  # fmt: skip
    return {"stays": rows, "stalled": queries.stall_words(deal)} if rows else None


PRODUCTS = Panel(
    "products", _("Products"), "deals/panel_products.html", products, place="main", order=20,
    verbs=("add_line", "change_line", "remove_line"),
)  # fmt: skip
COMMITTEE = Panel(
    "committee", _("Buying committee"), "deals/panel_committee.html", committee, depends_on=("person",), order=20,
    verbs=("add_member", "change_member", "remove_member"),
)  # fmt: skip
STAGES = Panel("stages", _("Time in stage"), "deals/panel_stages.html", time_in_stage, order=30)
