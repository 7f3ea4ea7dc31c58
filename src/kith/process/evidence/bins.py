"""Amounts in logarithmic bins, so that medians of many parts can be added up and still be the median of the whole.

Bins are 2 % wide (`WIDTH`) and never narrower than 1, so that small whole numbers are exact. Their edges are whole numbers
from one list, which the database is given as it is: a figure from bins is the same wherever it was counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from math import ceil

WIDTH = 0.02
MOST = 10**12  # amounts above are counted in the last bin: 30,000 years in seconds


def _edges() -> tuple[int, ...]:
    edges = [0]
    while edges[-1] < MOST:
        edges.append(max(edges[-1] + 1, ceil(edges[-1] * (1 + WIDTH))))
    return tuple(edges)


EDGES = _edges()


def bin_of(amount: int) -> int:
    """The number of the bin an amount falls into, from 1; amounts below 0 count as 0."""
    return bisect_right(EDGES, max(0, amount))


def amount_of(number: int) -> float:
    """What a bin stands for: its middle; the whole number itself where the bin holds but one."""
    low = EDGES[number - 1]
    high = EDGES[number] if number < len(EDGES) else low + 1
    return (low + high - 1) / 2


def quantile(bins: Mapping[int, int], share: float) -> float | None:
    """The amount that `share` (0 to 1) of all counted ones do not exceed, to within one bin; None of nothing."""
    total = sum(bins.values())
    rank, below = max(1, ceil(share * total)), 0
    for number in sorted(bins):
        below += bins[number]
        if below >= rank:
            return amount_of(number)
    return None
