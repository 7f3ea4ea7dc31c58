"""What a campaign brought: how many leads, how many of them qualified, became customers and stayed; what each cost; what was
won, what its customers are worth so far and in the year ahead, and the return on both. Every number opens its rows, and is counted by the same filter that opens them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kith.awareness.campaigns.queries import cost_of
from kith.insight.lifetime.queries import Line, worth_of
from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.money.amounts import show_money
from kith.kernel.money.queries import home
from kith.kernel.money.totals import convert
from kith.kernel.records.registry import registry
from kith.process.campaigns.columns import CUSTOMER, QUALIFIED, RETAINED

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Count:
    """So many, what each cost (None where there is none, or no cost), and the address of exactly these rows."""

    key: str
    label: str
    n: int
    each: Decimal | None
    href: str

    def words(self, currency: str) -> str:
        return "–" if self.each is None else show_money(self.each, currency, exact=True)


@dataclass(frozen=True)
class Results:
    """In `currency`. `returned`: what was won beyond the cost, as a share of the cost; None where nothing was spent.
    `worth`: what its customers ordered in all and are expected to bring, None for who may not see orders; `lasting`: the return
    on that. `unrated`: won deals and cost lines without an exchange rate, which the sums lack."""

    counts: list[Count]
    cost: Decimal
    won: Decimal
    deals: int
    returned: Decimal | None
    currency: str
    unrated: int
    href: str
    worth: Line | None = None

    @property
    def lasting(self) -> Decimal | None:
        if self.worth is None or not self.worth.customers or self.cost <= 0:
            return None
        return (self.worth.spent + (self.worth.expected or 0) - self.cost) / self.cost


def results_of(actor: Actor, campaign: Any) -> Results | None:
    """The results as far as this reader may see people and deals; None for who may not see them at all."""
    people, deals = registry["person"], registry["deal"]
    if not (actor.can("person.see") and actor.can("deal.see")) or "amount" not in deals.columns(actor):
        return None
    cost, reached = cost_of(campaign), f"campaign.reached:{campaign.key}"
    asked = (
        ("leads", _("Leads"), reached),
        ("qualified", _("Qualified"), f"{reached},step_reached.at_least:{QUALIFIED}"),
        ("customers", _("Customers"), f"{reached},step_reached.at_least:{CUSTOMER}"),
        ("retained", _("Customers who stay"), f"{reached},step_now.at_least:{RETAINED}"),
    )
    counts = [_count(actor, people, cost.total, *one) for one in asked]
    bought = compile_tree(people, parse(asked[2][2]), actor).apply(people.rows(actor, archived=False))
    text = f"status.is:won,from_campaign.is:{campaign.key}"
    rows = compile_tree(deals, parse(text), actor).apply(deals.rows(actor, archived=False))
    worth = [
        convert(amount, currency or home(), day) for amount, currency, day in rows.order_by().values_list("amount", "currency", "closed_on")
    ]  # fmt: skip
    won = sum((amount for amount in worth if amount is not None), Decimal(0))
    returned = ((won - cost.total) / cost.total) if cost.total > 0 else None
    unrated = cost.unrated + sum(1 for amount in worth if amount is None)
    return Results(counts, cost.total, won, len(worth), returned, home(), unrated, f"/deals/?filter={text}",
                   worth_of(actor, bought))  # fmt: skip


def _count(actor: Actor, people: Any, cost: Decimal, key: str, label: str, text: str) -> Count:
    n = compile_tree(people, parse(text), actor).apply(people.rows(actor, archived=False)).count()
    each = (cost / n).quantize(CENT) if n and cost > 0 else None
    return Count(key, label, n, each, f"/people/?filter={text}")
