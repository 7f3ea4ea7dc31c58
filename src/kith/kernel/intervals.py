"""Shares and their differences with honest intervals, for few cases as for many.

Wilson's score interval for one share, Newcombe's hybrid score interval for the difference of two independent ones (his
method 10), both at 95 %. Under `LEAST` on a side nothing is said: what looks like a difference there mostly is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

LEAST = 30
Z = 1.959963984540054  # 95 %, two-sided


@dataclass(frozen=True)
class Difference:
    """Share of b less share of a, both 0 to 1, with its interval. `claims`: the interval does not hold zero."""

    value: float
    low: float
    high: float

    @property
    def claims(self) -> bool:
        return self.low > 0 or self.high < 0


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The interval of a share, 0 to 1 (Wilson 1927). `of` is at least 1."""
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    # None and all lie at the ends exactly, whatever rounding says.
    return max(0.0, middle - half) if hits else 0.0, min(1.0, middle + half) if hits < of else 1.0


def difference(a: int, of_a: int, b: int, of_b: int) -> Difference | None:
    """How much larger b's share is than a's; None with fewer than `LEAST` on a side."""
    if min(of_a, of_b) < LEAST:
        return None
    p, q = a / of_a, b / of_b
    (low_a, high_a), (low_b, high_b) = wilson(a, of_a), wilson(b, of_b)
    low = (q - p) - sqrt((q - low_b) ** 2 + (high_a - p) ** 2)
    high = (q - p) + sqrt((high_b - q) ** 2 + (p - low_a) ** 2)
    return Difference(q - p, low, high)
