"""The share still there after so long, where not everybody was followed to the end: the estimate of Kaplan and Meier.

Whoever was last seen still there counts for as long as they were seen, and no longer; so those who came lately tell what they
know, and nobody is taken for kept who was not yet looked at. Its error is that of Greenwood, its interval is taken on the scale
log(-log) so that it stays between 0 and 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import NormalDist

MONTH = 365 / 12  # days
FEW = 10  # still followed; with fewer the line is not drawn on


@dataclass(frozen=True)
class Drop:
    """After `at`, `share` (0 to 1) are still there; of `at_risk` seen until then `ended` did at that time."""

    at: float
    at_risk: int
    ended: int
    share: float
    error: float


def kept(seen: Iterable[tuple[float, bool]]) -> list[Drop]:
    """One drop for each time at which somebody ended. `seen` is (how long, whether it ended then); else they were still there."""
    ended: Counter[float] = Counter()
    times: Counter[float] = Counter()
    for at, over in seen:
        times[at] += 1
        ended[at] += over
    at_risk, share, spread, out = times.total(), 1.0, 0.0, []
    for at in sorted(times):
        gone = ended[at]
        if gone:
            share *= 1 - gone / at_risk
            spread += gone / (at_risk * (at_risk - gone)) if at_risk > gone else inf
            out.append(Drop(at, at_risk, gone, share, share * sqrt(spread) if share else 0.0))
        at_risk -= times[at]
    return out


def interval(drop: Drop, confidence: float = 0.95) -> tuple[float, float]:
    """Between which shares the true one lies in so many cases."""
    if not 0 < drop.share < 1:
        return drop.share, drop.share
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    wide = z * drop.error / (drop.share * log(drop.share))  # below 0, as the logarithm is
    return drop.share ** exp(-wide), drop.share ** exp(wide)


def by_month(seen: Sequence[tuple[float, bool]], months: int) -> dict[str, list[float | None]]:
    """{"kept", "low", "high", "at_risk"}: a list each, from month 0 to `months`; None from where too few are still followed.

    `seen` in days. `at_risk` are those followed for that long and still there before it.
    """
    drops, times = kept(seen), sorted(at for at, _over in seen)
    ats = [drop.at for drop in drops]
    out: dict[str, list[float | None]] = {"kept": [], "low": [], "high": [], "at_risk": []}
    for month in range(months + 1):
        at_risk = len(times) - bisect_right(times, month * MONTH - 1e-9)
        drop = drops[n - 1] if (n := bisect_right(ats, month * MONTH)) else Drop(0, 0, 0, 1.0, 0.0)
        known = (drop.share, *interval(drop)) if at_risk >= FEW else (None, None, None)
        for name, value in zip(("kept", "low", "high"), known, strict=True):
            out[name].append(value if value is None else round(value, 4))
        out["at_risk"].append(at_risk)
    return out
