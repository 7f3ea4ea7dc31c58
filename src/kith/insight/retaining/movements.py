"""Recurring revenue month by month: what came new, came back, grew, shrank and left. The figures add up by construction.

A customer brings what their orders bring on the last day of a month; the difference to the month before is one movement,
whole. So start + new + returned + expansion - contraction - churn = end, to the cent, whatever happened within the month.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext_lazy as _

ZERO = Decimal(0)
KINDS = {
    "new": _("New"), "returned": _("Came back"), "expansion": _("Expansion"), "contraction": _("Contraction"), "churn": _("Left"),
}  # fmt: skip
DOWN = frozenset({"contraction", "churn"})


@dataclass
class Month:
    """One month: yearly recurring revenue at its start and end, and by kind what moved (above 0 always), of whom."""

    first: dt.date
    start: Decimal
    end: Decimal
    customers: int
    moved: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(KINDS, ZERO))
    who: dict[str, list[tuple[Any, Decimal]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    @property
    def net(self) -> Decimal:
        return sum((-amount if kind in DOWN else amount for kind, amount in self.moved.items()), ZERO)


@dataclass(frozen=True)
class Retained:
    """Of what customers of the first day brought: the share that they still bring on the last, growth counted (`net`) and not
    (`gross`), and the share of them who are still there (`heads`). None where nobody was there."""

    start: Decimal
    customers: int
    net: float | None
    gross: float | None
    heads: float | None


class Book:
    """What every customer brings on any day. Takes (order, customer, since, yearly) in order of days."""

    def __init__(self, brings: Iterable[Any]):
        orders: dict[Any, dict[Any, list[tuple[dt.date, Decimal]]]] = defaultdict(lambda: defaultdict(list))
        for one in brings:
            orders[one.customer][one.order].append((one.since, one.yearly))
        self.steps = {customer: _steps(mine.values()) for customer, mine in orders.items()}

    def on(self, customer: Any, day: dt.date) -> Decimal:
        """What a customer brings a year at the end of that day."""
        days, totals = self.steps[customer]
        at = bisect_right(days, day)
        return totals[at - 1] if at else ZERO

    def all_on(self, day: dt.date) -> dict[Any, Decimal]:
        """{customer: a year} of those who bring something on that day."""
        found = ((customer, self.on(customer, day)) for customer in self.steps)
        return {customer: amount for customer, amount in found if amount}

    @property
    def first(self) -> dt.date | None:
        return min((days[0] for days, _totals in self.steps.values() if days), default=None)


def _steps(orders: Iterable[list[tuple[dt.date, Decimal]]]) -> tuple[list[dt.date], list[Decimal]]:
    """The days on which the sum of some orders changes, and the sum from each on."""
    moves: dict[dt.date, Decimal] = defaultdict(Decimal)
    for mine in orders:
        before = ZERO
        for day, yearly in sorted(mine):
            moves[day] += yearly - before
            before = yearly
    days, totals, total = [], [], ZERO
    for day in sorted(moves):
        total += moves[day]
        days.append(day)
        totals.append(total)
    return days, totals


def months(book: Book, first: dt.date, last: dt.date) -> list[Month]:
    """Every month from the one of `first` to the one of `last`, oldest first."""
    out: list[Month] = []
    month = first.replace(day=1)
    before = book.all_on(month - dt.timedelta(days=1))
    seen = {customer for customer, (days, _t) in book.steps.items() if days and days[0] < month}
    while month <= last:
        end = month + relativedelta(months=1) - dt.timedelta(days=1)
        now = book.all_on(min(end, last))
        made = Month(month, sum(before.values(), ZERO), sum(now.values(), ZERO), len(now))
        for customer in {*before, *now}:
            kind, amount = _moved(before.get(customer, ZERO), now.get(customer, ZERO), customer in seen)
            if kind:
                made.moved[kind] += amount
                made.who[kind].append((customer, amount))
        seen |= set(now)
        out.append(made)
        before, month = now, month + relativedelta(months=1)
    return out


def _moved(before: Decimal, now: Decimal, seen: bool) -> tuple[str, Decimal]:
    if before == now:
        return "", ZERO
    if not before:
        return ("returned" if seen else "new"), now
    if not now:
        return "churn", before
    return ("expansion", now - before) if now > before else ("contraction", before - now)


def retained(book: Book, first: dt.date, last: dt.date) -> Retained:
    """Net and gross revenue retention of the customers of one day until another."""
    then = book.all_on(first)
    start = sum(then.values(), ZERO)
    if not start:
        return Retained(ZERO, 0, None, None, None)
    now = {customer: book.on(customer, last) for customer in then}
    net = sum(now.values(), ZERO)
    gross = sum((min(amount, then[customer]) for customer, amount in now.items()), ZERO)
    heads = sum(1 for amount in now.values() if amount)
    return Retained(start, len(then), float(net / start), float(gross / start), heads / len(then))
