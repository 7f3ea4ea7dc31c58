"""Student's t without a library: its quantiles and tails, which intervals of means need. Good to four digits from 3 degrees."""

from __future__ import annotations

from math import atan, exp, inf, lgamma, log, pi
from statistics import NormalDist


def t_tail(t: float, freedom: float) -> float:
    """The chance that |T| is at least `t`; of at least one degree of freedom."""
    if freedom == inf:
        return 2 * NormalDist().cdf(-abs(t))
    if freedom <= 1:
        return 1 - 2 * atan(abs(t)) / pi
    return _beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def t_quantile(share: float, freedom: float) -> float:
    """The t that `share` (0.5 to 1) of the distribution stays below."""
    low, high = 0.0, 1e3
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - t_tail(middle, freedom) / 2 < share else (low, middle)
    return (low + high) / 2


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    tiny, c, d = 1e-300, 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 300):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + term * d or tiny)
            c = 1 + term / c or tiny
            value *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return front * value
