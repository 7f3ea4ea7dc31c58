"""How long an order runs and what it is worth: pure functions over lines.

A line is paid once, or its total again each month or year, from the second year on at the price it steps to. An order is
worth what is paid once and what its first term brings; `yearly` is what it brings again in the year it is in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dateutil.relativedelta import relativedelta

from kith.kernel.money.steps import price_in

CENT, NOTHING = Decimal("0.01"), Decimal("0.00")
A_YEAR = 12  # months: the term where nobody said another
MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True)
class Term:
    """Both days count; the order renews on the day after its last."""

    starts_on: dt.date
    ends_on: dt.date
    renews_on: dt.date


def term_from(start: dt.date, months: int) -> Term:
    """The term of so many months from a day. The 31st of a month ends where the shorter month does."""
    renews = start + relativedelta(months=months)
    return Term(start, renews - dt.timedelta(days=1), renews)


def months_between(start: dt.date | None, renews: dt.date | None) -> int:
    """Whole months of a term, a year where it is not known."""
    if start is None or renews is None or renews <= start:
        return A_YEAR
    between = relativedelta(renews, start)
    return max(between.years * 12 + between.months, 1)


def years_since(start: dt.date | None, day: dt.date) -> int:
    """Which year of an order a day is in, counted from 0."""
    return max(relativedelta(day, start).years, 0) if start is not None else 0


def period_total(line: Any, year: int) -> Decimal:
    """What a line costs in a period of a year, counted from 0."""
    if not line.ramp or year <= 0:
        return Decimal(line.total)
    return line_total(line.quantity, price_in(line.unit_price, line.ramp, year), line.discount)


def worth(lines: Iterable[Any], months: int, year: int = 0) -> tuple[Decimal, Decimal]:
    """(what is paid once plus the first term, what it brings again in a year counted from 0), from lines with `total`,
    `recurring` and, where the price steps, `ramp`."""
    total, yearly = NOTHING, NOTHING
    for line in lines:
        every = MONTHS.get(line.recurring)
        if not every:
            total += line.total
            continue
        for n in range(-(-months // A_YEAR)):
            total += period_total(line, n) * min(months - n * A_YEAR, A_YEAR) / every
        yearly += period_total(line, year) * A_YEAR / every
    return total.quantize(CENT, ROUND_HALF_UP), yearly.quantize(CENT, ROUND_HALF_UP)


def line_total(quantity: Decimal, unit_price: Decimal, discount: Decimal) -> Decimal:
    """Quantity × price less the discount in percent, rounded to cents half up, as on deals."""
    return (quantity * unit_price * (100 - discount) / 100).quantize(CENT, ROUND_HALF_UP)
