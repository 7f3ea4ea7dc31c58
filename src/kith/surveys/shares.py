"""What answers say, with honest intervals at 95 %, for few as for many.

Shares: Wilson's score interval; their difference: Newcombe's hybrid score interval. A recommendation score (promoters less
detractors): the adjusted Wald interval with three answers added, three quarters of one promoting, three quarters of one
warning and one and a half in between, which keeps its coverage for few answers where the plain one does not; see the test
that draws surveys. Under `LEAST` answers nothing is said: it would mostly be noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from kith.kernel import intervals
from kith.kernel.intervals import LEAST, Z, wilson

ADDED, ENDS = 3.0, 0.75  # answers added to a recommendation score, and how many of them at either end


@dataclass(frozen=True)
class Estimate:
    """A value with its interval, from `of` answers."""

    value: float
    low: float
    high: float
    of: int

    @property
    def thin(self) -> bool:
        return self.of < LEAST


def share(hits: int, of: int) -> Estimate | None:
    """A share, 0 to 1; None of nothing."""
    if of <= 0:
        return None
    return Estimate(hits / of, *wilson(hits, of), of)


def difference(a: int, of_a: int, b: int, of_b: int) -> Estimate | None:
    """How much larger b's share is than a's; None with fewer than `LEAST` on a side."""
    found = intervals.difference(a, of_a, b, of_b)
    return Estimate(found.value, found.low, found.high, min(of_a, of_b)) if found is not None else None


def recommendation(promoters: int, detractors: int, of: int) -> Estimate | None:
    """Promoters less detractors, -1 to 1; None of nothing."""
    if of <= 0:
        return None
    n = of + ADDED
    up, down = (promoters + ENDS) / n, (detractors + ENDS) / n
    middle, half = up - down, Z * sqrt(max(0.0, up + down - (up - down) ** 2) / n)
    return Estimate((promoters - detractors) / of, max(-1.0, middle - half), min(1.0, middle + half), of)


def moved(before: Estimate | None, now: Estimate | None) -> bool:
    """Is the difference of two recommendation scores larger than chance explains? Never with few answers."""
    if before is None or now is None or before.thin or now.thin:
        return False
    half = sqrt(((before.high - before.low) / 2) ** 2 + ((now.high - now.low) / 2) ** 2)
    return abs(now.value - before.value) > half
