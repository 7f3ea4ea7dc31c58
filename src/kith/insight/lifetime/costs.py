"""What revenue costs: from new customers beside those there are already, over the year until a day.

Revenue is what was ordered: the first day of a customer is new, every later one is of an existing customer. Costs are those
of campaigns, parted by how many of the people in each were customers already when they came into it; campaigns without
people say nothing about whom they were for and stand apart.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from kith.insight.lifetime.orders import rows_of
from kith.kernel.access.actor import Actor
from kith.kernel.money.queries import home
from kith.kernel.money.totals import convert
from kith.kernel.records.registry import registry

YEAR = dt.timedelta(days=365)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Side:
    """Revenue and cost of new customers, or of existing ones; `each`: cost of one unit of revenue, None without revenue."""

    revenue: Decimal
    cost: Decimal

    @property
    def each(self) -> float | None:
        return float(self.cost / self.revenue) if self.revenue else None


@dataclass(frozen=True)
class Costs:
    new: Side
    existing: Side
    apart: Decimal  # costs of campaigns without people


def costs_of(actor: Actor, until: dt.date) -> Costs:
    """Raises nothing: what the actor does not see counts nothing. Four queries."""
    first_day = until - YEAR
    rows = rows_of(actor, until).filter(worth__isnull=False, who__isnull=False)
    began = dict(rows.values("who").annotate(first=Min("placed_on")).values_list("who", "first"))
    lately = rows.filter(placed_on__gt=first_day).values("who", "placed_on").annotate(spent=Sum("worth"))
    revenue = {True: ZERO, False: ZERO}
    for who, day, spent in lately.values_list("who", "placed_on", "spent"):
        revenue[began[who] == day] += Decimal(spent)
    cost = {True: ZERO, False: ZERO}
    apart = ZERO
    shares = _shares(actor)
    for campaign, day, amount, currency in _lines(actor, first_day, until):
        worth = convert(amount, currency or home(), day) or ZERO
        share = shares.get(campaign)
        if share is None:
            apart += worth
            continue
        cost[False] += worth * share
        cost[True] += worth * (1 - share)
    return Costs(
        Side(_cents(revenue[True]), _cents(cost[True])),
        Side(_cents(revenue[False]), _cents(cost[False])),
        _cents(apart),
    )


def _shares(actor: Actor) -> dict[int, Decimal]:
    """{campaign: the share of its people who were customers already when they came into it}"""
    since = Coalesce("members__person__customer_since", "members__person__company__customer_since")
    rows = registry["campaign"].rows(actor).order_by().annotate(of=since, day=TruncDate("members__since")).values("pk")
    told = rows.annotate(
        n=Count("members"), old=Count("members", filter=Q(of__isnull=False) & Q(of__lte=F("day")))
    ).filter(n__gt=0)
    out: dict[int, list[int]] = {}
    for pk, n, old in told.values_list("pk", "n", "old"):
        both = out.setdefault(pk, [0, 0])
        both[0] += n
        both[1] += old
    return {pk: Decimal(old) / n for pk, (n, old) in out.items()}


def _lines(actor: Actor, after: dt.date, until: dt.date) -> Any:
    rows = registry["campaign"].rows(actor).order_by().filter(costs__day__gt=after, costs__day__lte=until)
    return rows.values_list("pk", "costs__day", "costs__amount", "costs__currency")


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def as_json(costs: Costs) -> dict[str, Any]:
    return {
        **{
            name: {"revenue": str(side.revenue), "cost": str(side.cost), "cost_of_one": side.each}
            for name, side in (("new", costs.new), ("existing", costs.existing))
        },
        "without_people": str(costs.apart),
    }
