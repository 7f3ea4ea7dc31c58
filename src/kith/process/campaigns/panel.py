"""The results on a campaign's page: cost per lead, per qualified lead, per customer and per customer who stays."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.money.amounts import show_money
from kith.process.campaigns.results import results_of
from kith.ui.panels import Panel, register_panel


def context(actor: Actor, campaign: Any) -> dict[str, Any] | None:
    found = results_of(actor, campaign)
    if found is None:
        return None
    return {
        "counts": [(c.label, c.n, c.href, c.words(found.currency)) for c in found.counts], "found": found,
        "won": show_money(found.won, found.currency, exact=True), "cost": show_money(found.cost, found.currency, exact=True),
    }  # fmt: skip


RESULTS = Panel(
    "results", _("What it brought"), "process/panel_campaign_results.html", context, depends_on=("deal", "journey"),
    place="main", order=10, lazy=True,
)  # fmt: skip
register_panel(RESULTS, on="campaign")
