"""Purchases as the models see them: how often a customer came back, when last, how long they are known, what they spent.

Time is in weeks. A day with several orders is one purchase; the first purchase begins the history and is no repeat.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

WEEK = 7.0
Floats = np.ndarray[Any, np.dtype[np.float64]]
Purchase = tuple[Hashable, dt.date, float]  # who, when, how much


@dataclass(frozen=True)
class Histories:
    """One place per customer in every array: `x` repeat purchases, `last` weeks from the first purchase to the last,
    `known` weeks from the first purchase to `until`, `mean` value of a repeat purchase (0 where there was none)."""

    customers: list[Hashable]
    x: Floats
    last: Floats
    known: Floats
    mean: Floats
    until: dt.date

    def __len__(self) -> int:
        return len(self.customers)

    @property
    def repeating(self) -> int:
        """Customers who came back at least once."""
        return int((self.x > 0).sum())


def histories_of(purchases: Iterable[Purchase], until: dt.date | None = None) -> Histories:
    """Purchases up to `until` (that day included), by customer; without it up to the last purchase there is."""
    days: dict[Hashable, dict[dt.date, float]] = {}
    latest = dt.date.min
    for customer, day, value in purchases:
        if until is not None and day > until:
            continue
        latest = max(latest, day)
        spent = days.setdefault(customer, {})
        spent[day] = spent.get(day, 0.0) + value
    end = until or latest
    rows = np.array([_row(spent, end) for spent in days.values()], dtype=float).reshape(-1, 4)
    return Histories(list(days), rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3], end)


def _row(spent: dict[dt.date, float], end: dt.date) -> tuple[float, float, float, float]:
    first, last = min(spent), max(spent)
    x = len(spent) - 1
    mean = (sum(spent.values()) - spent[first]) / x if x else 0.0
    return x, (last - first).days / WEEK, (end - first).days / WEEK, mean
