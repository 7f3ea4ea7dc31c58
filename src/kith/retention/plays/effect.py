"""Whether plays help: customers with a play against comparable ones without, by how likely they were to leave.

Compared within tenths of the chance of leaving, as it stood, and among those of the same time; shares of those who left within the play's time by the
Mantel-Haenszel risk difference with Sato's variance. Silent while either side is thin.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

LEAST = 30  # compared customers on each side
Z = 1.959964


@dataclass(frozen=True)
class Case:
    """One customer: their chance of leaving at the beginning (0 to 1), whether there was a play, whether they left; `group`:
    among whom they are compared."""

    chance: float
    treated: bool
    left: bool
    group: str = ""


@dataclass(frozen=True)
class Effect:
    """`difference`: share that left with a play less the share without, between `low` and `high` with 95 %; below 0 it helps.
    `silent`: why nothing is said ("few_treated", "few_others", "few_left"), "" where it is."""

    treated: int
    others: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    silent: str = ""

    @property
    def helps(self) -> bool:
        return self.high is not None and self.high < 0


def effect_of(cases: Iterable[Case]) -> Effect:
    """The effect over tenths of risk in each group, where there are both."""
    strata: dict[tuple[str, int], list[list[int]]] = defaultdict(lambda: [[0, 0], [0, 0]])
    for case in cases:
        told = strata[case.group, min(int(case.chance * 10), 9)][0 if case.treated else 1]
        told[0] += case.left
        told[1] += 1
    both = [(a, n1, c, n0) for (a, n1), (c, n0) in strata.values() if n1 and n0]
    treated, others = sum(n1 for _a, n1, _c, _n0 in both), sum(n0 for _a, _n1, _c, n0 in both)
    left = sum(a + c for a, _n1, c, _n0 in both)
    if treated < LEAST:
        return Effect(treated, others, silent="few_treated")
    if others < LEAST:
        return Effect(treated, others, silent="few_others")
    if not 5 <= left <= treated + others - 5:
        return Effect(treated, others, silent="few_left")
    weight = sum(n1 * n0 / (n1 + n0) for _a, n1, _c, n0 in both)
    difference = sum((a * n0 - c * n1) / (n1 + n0) for a, n1, c, n0 in both) / weight
    p = sum((n1 * n1 * c - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / (n1 + n0) ** 2 for a, n1, c, n0 in both)
    q = sum((a * (n0 - c) + c * (n1 - a)) / (2 * (n1 + n0)) for a, n1, c, n0 in both)
    spread = math.sqrt(max((difference * p + q) / weight**2, 0.0))
    return Effect(treated, others, difference, difference - Z * spread, difference + Z * spread)
