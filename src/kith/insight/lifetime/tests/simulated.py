"""Customers who behave exactly as the models say, from known parameters."""

from __future__ import annotations

import datetime as dt

import numpy as np

from kith.insight.lifetime.histories import Histories

UNTIL = dt.date(2026, 6, 30)


def customers(n: int, *, r: float, alpha: float, a: float, b: float, seed: int, weeks: float = 39.0) -> Histories:
    """Each began within the first 12 weeks, buys at a rate of their own, and may leave after each purchase."""
    rng = np.random.default_rng(seed)
    known = weeks - rng.uniform(0, 12, n)
    rate, leaves = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, last, here = np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    at = np.zeros(n)
    while here.any():
        at = np.where(here, at + rng.exponential(1 / np.maximum(rate, 1e-12)), at)
        buys = here & (at <= known)
        x, last = x + buys, np.where(buys, at, last)
        here = buys & (rng.random(n) >= leaves)
    return Histories(list(range(n)), x, last, known, np.zeros(n), UNTIL)


def spent(told: Histories, *, p: float, q: float, gamma: float, seed: int) -> Histories:
    """The same customers with the mean value of their repeat purchases."""
    rng = np.random.default_rng(seed)
    scale = rng.gamma(q, 1 / gamma, len(told))
    back = told.x > 0
    total = rng.gamma(np.where(back, p * told.x, 1.0), 1 / scale)
    mean = np.where(back, total / np.maximum(told.x, 1), 0.0)
    return Histories(told.customers, told.x, told.last, told.known, mean, told.until)


def later(told: Histories, *, r: float, alpha: float, a: float, b: float, seed: int, weeks: float) -> float:
    """Purchases in fact made in the weeks after, by as many fresh customers with the same beginning: their mean."""
    n = len(told)
    rng = np.random.default_rng(seed)
    rate, leaves = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    made, at, here = 0, np.zeros(n), np.ones(n, dtype=bool)
    while here.any():
        at = np.where(here, at + rng.exponential(1 / np.maximum(rate, 1e-12)), at)
        here = here & (at <= told.known + weeks)
        made += int((here & (at > told.known)).sum())
        here = here & (rng.random(n) >= leaves)
    return made / n
