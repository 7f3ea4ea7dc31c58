"""How often customers come back: BG/NBD, after Fader, Hardie and Lee (2005), “Counting your customers” the easy way.

While a customer is with us they buy at a rate of their own (gamma: r, alpha); after each purchase they may leave for good
(beta: a, b). Equal histories are counted, not repeated, and all sums stand in logarithms.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, hyp2f1, psi

from kith.insight.lifetime.fitting import Fit, Likelihood, fit
from kith.insight.lifetime.histories import Floats, Histories

NAMES = ("r", "alpha", "a", "b")
STARTS = ((1.0, 1.0, 1.0, 1.0), (0.25, 4.0, 0.8, 2.5), (0.5, 10.0, 0.3, 3.0), (2.0, 20.0, 0.1, 1.0))
NUDGE = 1e-6


def fit_purchases(told: Histories) -> Fit:
    """r, alpha, a, b of these histories, with the log-likelihood of all of them."""
    scale = max(float(np.median(told.known)), 1.0)
    starts = [(r, alpha * scale / 30, a, b) for r, alpha, a, b in STARTS]
    return fit(NAMES, likelihood_of(told), starts, len(told))


def likelihood_of(told: Histories) -> Likelihood:
    """The log-likelihood of these histories as a function of the logarithms of the parameters."""
    rows, n = np.unique(np.stack([told.x, told.last, told.known], axis=1), axis=0, return_counts=True)
    x, last, known = rows.T
    counts, of = np.unique(x, return_inverse=True)
    heads = np.bincount(of, weights=n)  # customers by number of purchases
    weight = n.astype(float)

    def likelihood(at: Floats) -> tuple[float, Floats]:
        return _likelihood(np.exp(at), counts, heads, x, last, known, weight)

    return likelihood


def _likelihood(
    values: Floats, counts: Floats, heads: Floats, x: Floats, last: Floats, known: Floats, weight: Floats
) -> tuple[float, Floats]:
    """The log-likelihood and its slopes by the logarithms of r, alpha, a, b."""
    r, alpha, a, b = values
    total = heads.sum()
    by_count = gammaln(r + counts) + gammaln(b + counts) - gammaln(a + b + counts)
    fixed = r * np.log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b)
    alive = -(r + x) * np.log(alpha + known)
    again = x > 0
    below = np.where(again, b + x - 1, 1.0)
    gone = np.where(again, np.log(a) - np.log(below) - (r + x) * np.log(alpha + last), -np.inf)
    both = np.logaddexp(alive, gone)
    value = float((heads * by_count).sum() + total * fixed + (weight * both).sum())
    stays = weight * np.exp(alive - both)
    left = np.where(again, weight * np.exp(gone - both), 0.0)
    slope = np.array([
        (heads * psi(r + counts)).sum() + total * (np.log(alpha) - psi(r))
        - (stays * np.log(alpha + known)).sum() - (left * np.log(alpha + last)).sum(),
        total * r / alpha - (stays * (r + x) / (alpha + known)).sum() - (left * (r + x) / (alpha + last)).sum(),
        total * psi(a + b) - (heads * psi(a + b + counts)).sum() + left.sum() / a,
        (heads * (psi(b + counts) - psi(a + b + counts))).sum() + total * (psi(a + b) - psi(b)) - (left / below).sum(),
    ])  # fmt: skip
    return value, slope * values


def alive(values: Floats, told: Histories) -> Floats:
    """How likely each customer is still one."""
    r, alpha, a, b = values
    x = told.x
    odds = np.log(a) - np.log(np.where(x > 0, b + x - 1, 1.0))
    odds = odds + (r + x) * (np.log(alpha + told.known) - np.log(alpha + told.last))
    return np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds, 700.0))), 1.0)


def expected(values: Floats, told: Histories, weeks: float) -> Floats:
    """Purchases expected of each customer in the next so many weeks, given what they did.

    The hypergeometric function is taken after Euler's transformation, which stays finite for customers who came very often.
    """
    r, alpha, a, b = values
    if abs(a - 1) < NUDGE:
        a = 1 + NUDGE
    x, z = told.x, weeks / (alpha + told.known + weeks)
    rest = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    return np.asarray((a + b + x - 1) / (a - 1) * (1 - rest) * alive(np.array([r, alpha, a, b]), told))
