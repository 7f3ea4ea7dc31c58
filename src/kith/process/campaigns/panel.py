"""The results on a campaign's page: cost per lead, per qualified lead, per customer and per customer who stays."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.money.amounts import show_money
from kith.kernel.records.registry import registry
from kith.process.campaigns import parts
from kith.process.campaigns.results import Results, results_of
from kith.ui.panels import Panel, register_panel


def context(actor: Actor, campaign: Any) -> dict[str, Any] | None:
    found = results_of(actor, campaign)
    if found is None:
        return None
    return {
        "counts": [(c.label, c.n, c.href, c.words(found.currency)) for c in found.counts], "found": found,
        "won": show_money(found.won, found.currency, exact=True), "cost": show_money(found.cost, found.currency, exact=True),
        "worth": _worth(found),
    }  # fmt: skip


def _worth(found: Results) -> dict[str, str] | None:
    """What its customers are worth, in words; None while last night knew none of them."""
    if found.worth is None or not found.worth.customers:
        return None
    said = {
        "spent": found.worth.spent,
        "expected": found.worth.expected,
        "low": found.worth.low,
        "high": found.worth.high,
    }
    return {key: show_money(amount, found.currency) if amount is not None else "" for key, amount in said.items()}


RESULTS = Panel(
    "results", _("What it brought"), "process/panel_campaign_results.html", context, depends_on=("deal", "journey"),
    place="main", order=10, lazy=True,
)  # fmt: skip
register_panel(RESULTS, on="campaign")
registry.lend_parts("campaign", parts.RESULTS)
