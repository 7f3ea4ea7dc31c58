"""Lifetime value of every customer: what they spent, and what is expected of them, with a range.

The range is that of the expectation (delta method, 95 %): how well the models know the mean of customers with such a
history. One customer may stray further. Where few came back nothing is expected, and that is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import gettext as _

from kith.insight.lifetime import purchases, spending, subscriptions
from kith.insight.lifetime.fitting import Fit
from kith.insight.lifetime.histories import Floats, Histories, histories_of
from kith.insight.lifetime.orders import Contract, Orders

FEWEST = 50  # customers who came back, below which nothing is expected of anybody
FIT_FROM = 10  # and below which not even parameters are looked for
WEEKS = 52.0  # how far ahead
STEP = 1e-3
REACH = 1.96


@dataclass
class Worth:
    """One customer. Money in the organisation's currency; `expected` in the weeks ahead, None while data is thin."""

    customer: str
    spent: float
    purchases: int
    first: dt.date | None = None
    last: dt.date | None = None
    alive: float | None = None
    again: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    yearly: float = 0.0
    slopes: Floats | None = None


@dataclass
class Lifetime:
    """Everything that was worked out, customers in no order. `thin`: why nothing is expected of purchases, "" where it is."""

    until: dt.date
    weeks: float
    orders: Orders
    told: Histories
    buying: Fit | None
    spending: Fit | None
    survival: subscriptions.Survival
    customers: dict[str, Worth] = field(default_factory=dict)
    thin: str = ""

    @property
    def covariance(self) -> Floats | None:
        """Of the logarithms of all seven parameters; the two models were fitted apart."""
        if (
            self.buying is None
            or self.spending is None
            or self.buying.covariance is None
            or self.spending.covariance is None
        ):
            return None
        out = np.zeros((7, 7))
        out[:4, :4], out[4:, 4:] = self.buying.covariance, self.spending.covariance
        return out


def work_out(orders: Orders, until: dt.date | None = None, weeks: float = WEEKS) -> Lifetime:
    """Fit both models and the survival of contracts, and apply them to every customer."""
    last = max((d for _c, d, _v in orders.purchases), default=None)
    end = until or max([d for d in (last, *(c.began for c in orders.contracts)) if d], default=dt.date.min)
    told = histories_of(orders.purchases, until)
    buying, spends = _fits(told)
    out = Lifetime(end, weeks, orders, told, buying, spends, subscriptions.survival_of(orders.contracts, end))
    out.thin = _thin(told, buying, spends)
    for customer, spent in orders.paid.items():
        out.customers[customer] = Worth(customer, spent, 0)
    _purchases(out)
    _contracts(out, orders.contracts)
    return out


def _fits(told: Histories) -> tuple[Fit | None, Fit | None]:
    if told.repeating < FIT_FROM:
        return None, None
    enough = int(spending.spenders(told).sum()) >= FIT_FROM
    return purchases.fit_purchases(told), spending.fit_spending(told) if enough else None


def _thin(told: Histories, buying: Fit | None, spends: Fit | None) -> str:
    if told.repeating < FEWEST:
        words = _(
            "Too little to learn from: %(n)d customers bought again. It takes %(fewest)d before anything is expected of anybody."
        )
        return words % {"n": told.repeating, "fewest": FEWEST}
    if buying is None or not buying.converged:
        return _("How often customers come back follows no pattern that the model finds, so nothing is expected.")
    if spends is None or not spends.converged or spends["q"] <= 1:
        return _("What customers spend differs too widely for a mean to be expected.")
    return ""


def _purchases(out: Lifetime) -> None:
    days: dict[str, list[dt.date]] = {}
    for customer, day, _value in out.orders.purchases:
        if day <= out.until:
            days.setdefault(customer, []).append(day)
    for customer, on in days.items():
        one = out.customers[customer]
        one.purchases, one.first, one.last = len(set(on)), min(on), max(on)
    if out.thin or out.buying is None or out.spending is None:
        return
    values = np.log(np.concatenate([out.buying.values, out.spending.values]))
    expects = _expects(values, out.told, out.weeks)
    slopes = np.stack([_slope(values, n, out.told, out.weeks) for n in range(len(values))], axis=1)
    spread = spread_of(slopes, out.covariance)
    stays = purchases.alive(out.buying.values, out.told)
    again = purchases.expected(out.buying.values, out.told, out.weeks)
    for n, customer in enumerate(out.told.customers):
        one = out.customers[str(customer)]
        one.alive, one.again, one.expected, one.slopes = float(stays[n]), float(again[n]), float(expects[n]), slopes[n]
        one.low, one.high = between(one.expected, None if spread is None else float(spread[n]))


def _expects(logs: Floats, told: Histories, weeks: float) -> Floats:
    """Money expected of each customer, by the logarithms of all seven parameters."""
    values = np.exp(logs)
    return np.asarray(purchases.expected(values[:4], told, weeks) * spending.expected(values[4:], told))


def _slope(logs: Floats, n: int, told: Histories, weeks: float) -> Floats:
    step = np.zeros(len(logs))
    step[n] = STEP
    return np.asarray((_expects(logs + step, told, weeks) - _expects(logs - step, told, weeks)) / (2 * STEP))


def spread_of(slopes: Floats, covariance: Floats | None) -> Floats | None:
    """Standard errors of figures with these slopes, one in each row; None where the models do not know how sure they are."""
    if covariance is None:
        return None
    return np.asarray(np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, covariance, slopes), 0.0)))


def between(value: float, spread: float | None) -> tuple[float | None, float | None]:
    """The range of a figure that cannot be below nothing: even on both sides in logarithms."""
    if spread is None:
        return None, None
    if value <= 0:
        return 0.0, REACH * spread
    reach = np.exp(min(REACH * spread / value, 20.0))
    return float(value / reach), float(value * reach)


def _contracts(out: Lifetime, contracts: Iterable[Contract]) -> None:
    """What running contracts bring is added, once enough have ended to say how long they last."""
    told, years = out.survival, out.weeks / 52.0
    for one in contracts:
        if one.began > out.until:
            continue
        worth = out.customers[one.customer]
        worth.first = min(filter(None, (worth.first, one.began)))
        worth.last = max(filter(None, (worth.last, one.began)))
        if one.ended is not None and one.ended <= out.until:
            continue
        worth.yearly += one.yearly
        if told.thin:
            continue
        sure = worth.expected is None or worth.low is not None
        worth.expected = (worth.expected or 0.0) + subscriptions.brings(one.yearly, told.rate, years)
        if sure:
            worth.low = (worth.low or 0.0) + subscriptions.brings(one.yearly, told.high, years)
            worth.high = (worth.high or 0.0) + subscriptions.brings(one.yearly, told.low, years)
