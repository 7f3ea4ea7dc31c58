"""How long an order runs and what it is worth: pure functions over lines.

A line is paid once, or its total again each month or year. An order is worth what is paid once and what its first term
brings; `yearly` is what it brings again each year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dateutil.relativedelta import relativedelta

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


def worth(lines: Iterable[Any], months: int) -> tuple[Decimal, Decimal]:
    """(what is paid once plus the first term, what it brings again each year), from lines with `total` and `recurring`."""
    total, yearly = NOTHING, NOTHING
    for line in lines:
        every = MONTHS.get(line.recurring)
        total += line.total * months / every if every else line.total
        yearly += line.total * A_YEAR / every if every else NOTHING
    return total.quantize(CENT, ROUND_HALF_UP), yearly.quantize(CENT, ROUND_HALF_UP)


def line_total(quantity: Decimal, unit_price: Decimal, discount: Decimal) -> Decimal:
    """Quantity × price less the discount in percent, rounded to cents half up, as on deals."""
    return (quantity * unit_price * (100 - discount) / 100).quantize(CENT, ROUND_HALF_UP)
