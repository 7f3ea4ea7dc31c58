"""What skipping a stage costs: journeys that skipped it against comparable ones that did not.

Comparable means of the same stratum: the same band of size, source and segment. Shares are compared by the Mantel-Haenszel
risk difference with the variance of Sato, which holds for many small strata as for few large ones; the interval holds all
differences that this test does not refuse (Klingenberg). Amounts are compared by the weighted mean difference with a
variance for each group of each stratum (Welch); far from even ones, like values of deals, as logarithms, which gives a
ratio. Strata without both sides say nothing and are counted. Under `LEAST` journeys on a side nothing is said, and why.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log, sqrt
from statistics import NormalDist, fmean, variance

from kith.process.evidence.normal import t_quantile, t_tail

LEAST = 30  # comparable journeys on each side
LEAST_OF_EACH = 5  # journeys with the outcome, and without it, over both sides
CONFIDENCE = 0.95
BANDS = 20


@dataclass(frozen=True)
class Case:
    """One journey: did it skip the stage, what came of it (1 and 0 for yes and no, else an amount), what is it like?"""

    skipped: bool
    outcome: float
    stratum: Hashable = ()


@dataclass(frozen=True)
class Side:
    """One of the two groups as it is. `compared` of its `count` journeys had somebody to be compared with."""

    count: int
    mean: float | None
    compared: int


@dataclass(frozen=True)
class Cost:
    """Skipped less not skipped, adjusted, with its interval. `chance`: how often no effect at all would look like this."""

    difference: float
    low: float
    high: float
    chance: float
    skipped: Side
    others: Side
    strata: int
    alone: int  # strata with one side only, which could not be compared
    neutral: float = 0.0  # what no effect would be

    @property
    def claims(self) -> bool:
        """Does the interval leave out that there is no effect?"""
        return self.low > self.neutral or self.high < self.neutral


@dataclass(frozen=True)
class Silent:
    """Nothing can be said. `reason` is one of few words for programs: "few_skipped", "few_others", "few_outcomes"."""

    reason: str
    skipped: Side
    others: Side
    strata: int
    alone: int


@dataclass
class _Stratum:
    skipped: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)

    def both(self, least: int) -> bool:
        return len(self.skipped) >= least and len(self.others) >= least


def share_cost(cases: Iterable[Case], least: int = LEAST, confidence: float = CONFIDENCE) -> Cost | Silent:
    """The difference in the share of journeys with the outcome (0 or 1), as a part of 1."""
    return _share_cost(_strata(cases), least, confidence)


def share_difference(
    now: tuple[int, int], before: tuple[int, int], least: int = LEAST, confidence: float = CONFIDENCE
) -> Cost | Silent:
    """The same of two groups of which only counts are known: (how many with the outcome, of how many) each. `now` stands
    where those who skipped do."""
    sides = ([1.0] * yes + [0.0] * (whole - yes) for yes, whole in (now, before))
    return _share_cost([_Stratum(*sides)], least, confidence)


def _share_cost(strata: list[_Stratum], least: int, confidence: float) -> Cost | Silent:
    both = [s for s in strata if s.both(1)]
    why = _too_few(both, least)
    with_it = sum(sum(s.skipped) + sum(s.others) for s in both)
    without = sum(len(s.skipped) + len(s.others) for s in both) - with_it
    if not why and min(with_it, without) < LEAST_OF_EACH:
        why = "few_outcomes"
    if why:
        return Silent(why, *_sides(strata, both), len(both), len(strata) - len(both))
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    difference, p, q = _risk_difference(both)
    middle = difference + z * z * p / 2
    half = sqrt(max(0.0, middle * middle - difference * difference + z * z * q))
    chance = 2 * NormalDist().cdf(-abs(difference) / sqrt(q)) if q else 1.0
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    return _cost(difference, low, high, chance, strata, both)


def amount_cost(cases: Iterable[Case], least: int = LEAST, confidence: float = CONFIDENCE) -> Cost | Silent:
    """The difference in the mean of an amount. Strata need two journeys on each side, for one alone has no spread."""
    strata = _strata(cases)
    both = [s for s in strata if s.both(2)]
    why = _too_few(both, least)
    if why:
        return Silent(why, *_sides(strata, both), len(both), len(strata) - len(both))
    difference, spread, freedom = _mean_difference(both)
    chance = t_tail(abs(difference) / spread, freedom) if spread else 1.0
    half = t_quantile((1 + confidence) / 2, freedom) * spread
    return _cost(difference, difference - half, difference + half, chance, strata, both)


def ratio_cost(cases: Iterable[Case], least: int = LEAST, confidence: float = CONFIDENCE) -> Cost | Silent:
    """How many times the amount, typically: 2 is twice as much, 1 is no effect.

    Amounts must be above 0. The means of both sides are geometric.
    """
    found = amount_cost([replace(case, outcome=log(case.outcome)) for case in cases], least, confidence)
    skipped, others = (replace(s, mean=None if s.mean is None else exp(s.mean)) for s in (found.skipped, found.others))
    if isinstance(found, Silent):
        return replace(found, skipped=skipped, others=others)
    times, low, high = exp(found.difference), exp(found.low), exp(found.high)
    return replace(found, skipped=skipped, others=others, difference=times, low=low, high=high, neutral=1.0)


def hold_together(costs: Sequence[Cost], level: float = 1 - CONFIDENCE) -> list[bool]:
    """Which of several costs may be claimed side by side, so that the chance of any false claim stays under `level` (Holm)."""
    out = [False] * len(costs)
    for rank, n in enumerate(sorted(range(len(costs)), key=lambda n: costs[n].chance)):
        if costs[n].chance > level / (len(costs) - rank):
            break
        out[n] = True
    return out


def bands(sizes: Iterable[float], skipped: int) -> list[float]:
    """Cuts that part these sizes into bands of about as many journeys each; see `band_of`.

    5 to 20 bands, about one for every ten journeys that skipped: narrow enough that those of a band are alike, wide enough
    that they can be compared.
    """
    most = max(5, min(BANDS, skipped // 10))
    ordered = sorted(sizes)
    cuts = (ordered[len(ordered) * n // most] for n in range(1, most)) if ordered else ()
    return sorted(set(cuts))


def band_of(size: float | None, cuts: Sequence[float]) -> int:
    """The number of the band, from 0; -1 of a size that is not known."""
    return -1 if size is None else bisect_right(cuts, size)


def _strata(cases: Iterable[Case]) -> list[_Stratum]:
    out: dict[Hashable, _Stratum] = defaultdict(_Stratum)
    for case in cases:
        stratum = out[case.stratum]
        (stratum.skipped if case.skipped else stratum.others).append(case.outcome)
    return list(out.values())


def _too_few(both: list[_Stratum], least: int) -> str:
    if sum(len(s.skipped) for s in both) < least:
        return "few_skipped"
    return "few_others" if sum(len(s.others) for s in both) < least else ""


def _sides(strata: list[_Stratum], both: list[_Stratum]) -> tuple[Side, Side]:
    def side(name: str) -> Side:
        values = [v for s in strata for v in getattr(s, name)]
        return Side(len(values), fmean(values) if values else None, sum(len(getattr(s, name)) for s in both))

    return side("skipped"), side("others")


def _cost(
    difference: float, low: float, high: float, chance: float, strata: list[_Stratum], both: list[_Stratum]
) -> Cost:
    skipped, others = _sides(strata, both)
    return Cost(difference, low, high, chance, skipped, others, len(both), len(strata) - len(both))


def _risk_difference(both: list[_Stratum]) -> tuple[float, float, float]:
    """(Mantel-Haenszel risk difference, p, q): were d the true difference, its variance would be p·d + q (Sato)."""
    top = weight = p = q = 0.0
    for s in both:
        n1, n0, a, b = len(s.skipped), len(s.others), sum(s.skipped), sum(s.others)
        n = n1 + n0
        top += (a * n0 - b * n1) / n
        weight += n1 * n0 / n
        p += (n1 * n1 * b - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / (n * n)
        q += (a * (n0 - b) + b * (n1 - a)) / (2 * n)
    return top / weight, p / weight**2, q / weight**2


def _mean_difference(both: list[_Stratum]) -> tuple[float, float, float]:
    """(weighted mean difference, its standard error, degrees of freedom by Welch and Satterthwaite)."""
    weights = [len(s.skipped) * len(s.others) / (len(s.skipped) + len(s.others)) for s in both]
    whole = sum(weights)
    difference = total = squares = 0.0
    for w, s in zip(weights, both, strict=True):
        difference += w / whole * (fmean(s.skipped) - fmean(s.others))
        for values in (s.skipped, s.others):
            part = (w / whole) ** 2 * variance(values) / len(values)
            total += part
            squares += part * part / (len(values) - 1)
    return difference, sqrt(total), (total * total / squares if squares else float("inf"))
