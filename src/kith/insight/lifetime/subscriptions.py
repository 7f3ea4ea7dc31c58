"""What contracts will bring: their worth a year times the chance that they still run, by how often contracts ended so far.

Endings are counted against the time that contracts ran, all alike (a constant hazard); the interval is the exact one of
Garwood (1936) for so many endings.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from kith.insight.lifetime.orders import Contract

YEAR = 365.25
FEWEST = 10  # contracts that must have ended before the rate is believed
HORIZON = 10.0  # years beyond which nothing is expected of a contract


@dataclass(frozen=True)
class Survival:
    """`rate`: endings a year and contract, between `low` and `high` with 95 %. `thin`: too few ended to say."""

    contracts: int
    running: int
    ended: int
    years: float
    rate: float
    low: float
    high: float

    @property
    def thin(self) -> bool:
        return self.ended < FEWEST

    def kept(self, rate: float | None = None) -> float:
        """The share of contracts that are still there after a year, 0 to 1."""
        return math.exp(-(self.rate if rate is None else rate))


def survival_of(contracts: Iterable[Contract], until: dt.date) -> Survival:
    """How contracts ended up to that day."""
    from scipy.stats import chi2

    n = running = ended = 0
    years = 0.0
    for one in contracts:
        if one.began > until:
            continue
        n += 1
        over = one.ended is not None and one.ended <= until
        end = one.ended if over and one.ended else until
        years += max((end - one.began).days, 0) / YEAR
        ended += over
        running += not over
    if not years:
        return Survival(n, running, ended, 0.0, 0.0, 0.0, 0.0)
    low = float(chi2.ppf(0.025, 2 * ended)) / 2 / years if ended else 0.0
    high = float(chi2.ppf(0.975, 2 * ended + 2)) / 2 / years
    return Survival(n, running, ended, years, ended / years, low, high)


def brings(yearly: float, rate: float, years: float) -> float:
    """What a running contract brings within so many years: paid evenly while it runs."""
    return yearly * (years if rate < 1e-9 else (1 - math.exp(-rate * years)) / rate)
