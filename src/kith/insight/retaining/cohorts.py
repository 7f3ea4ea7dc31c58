"""Cohorts: customers by when they came, and the share of each that was still there after so many months.

Every customer stands in one cohort, so that the cohorts add up to the list of customers, and those who are still there to
the list of those who are now.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dateutil.relativedelta import relativedelta

STEPS = {"month": 1, "quarter": 3, "year": 12}


@dataclass
class Cohort:
    """Customers who came in a period: `kept[n]` of them were still there at the end of the n-th period after it (0 is the
    first itself); `now`: how many still are."""

    first: dt.date
    customers: int = 0
    now: int = 0
    kept: list[int] = field(default_factory=list)


def cohorts(customers: Iterable[tuple[Any, dt.date, dt.date | None]], by: str, today: dt.date) -> list[Cohort]:
    """Cohorts by "month", "quarter" or "year", oldest first. Whoever comes in future is not there yet."""
    size = STEPS[by]
    groups: dict[dt.date, list[tuple[dt.date, dt.date | None]]] = defaultdict(list)
    for _who, since, until in customers:
        if since <= today:
            groups[_start(since, size)].append((since, until))
    out = []
    for first in sorted(groups):
        members = groups[first]
        made = Cohort(first, len(members), sum(until is None or until > today for _s, until in members))
        n = 0
        while (end := first + relativedelta(months=size * (n + 1)) - dt.timedelta(days=1)) <= today:
            made.kept.append(sum(until is None or until > end for _s, until in members))
            n += 1
        out.append(made)
    return out


def _start(day: dt.date, size: int) -> dt.date:
    return dt.date(day.year, (day.month - 1) // size * size + 1, 1)
