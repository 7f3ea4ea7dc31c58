"""What a purchase is worth: Gamma-Gamma, after Fader and Hardie (2013), “The Gamma-Gamma model of monetary value”.

Looks only at customers who came back, and at the mean of their repeat purchases: the first one is left out.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, psi

from kith.insight.lifetime.fitting import Fit, Likelihood, fit
from kith.insight.lifetime.histories import Floats, Histories

NAMES = ("p", "q", "gamma")
STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5), (2.0, 3.0, 2.0), (10.0, 10.0, 1.0))


def spenders(told: Histories) -> Floats:
    """Which customers can be looked at: they came back and spent something."""
    return np.asarray((told.x > 0) & (told.mean > 0))


def fit_spending(told: Histories) -> Fit:
    """p, q, gamma of those who came back, with their log-likelihood."""
    mean = told.mean[spenders(told)]
    scale = float(mean.mean())
    return fit(NAMES, likelihood_of(told), [(p, q, gamma * scale) for p, q, gamma in STARTS], len(mean))


def likelihood_of(told: Histories) -> Likelihood:
    """The log-likelihood of those who came back, as a function of the logarithms of the parameters."""
    look = spenders(told)
    rows, n = np.unique(np.stack([told.x[look], told.mean[look]], axis=1), axis=0, return_counts=True)
    x, mean = rows.T
    weight = n.astype(float)

    def likelihood(at: Floats) -> tuple[float, Floats]:
        return _likelihood(np.exp(at), x, mean, weight)

    return likelihood


def _likelihood(values: Floats, x: Floats, mean: Floats, weight: Floats) -> tuple[float, Floats]:
    """The log-likelihood and its slopes by the logarithms of p, q, gamma."""
    p, q, gamma = values
    spent = x * mean
    whole = np.log(gamma + spent)
    each = (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        + p * x * np.log(spent) - np.log(mean) - (p * x + q) * whole
    )  # fmt: skip
    slope = np.array([
        (weight * x * (psi(p * x + q) - psi(p * x) + np.log(spent) - whole)).sum(),
        (weight * (psi(p * x + q) - psi(q) + np.log(gamma) - whole)).sum(),
        (weight * (q / gamma - (p * x + q) / (gamma + spent))).sum(),
    ])  # fmt: skip
    return float((weight * each).sum()), slope * values


def expected(values: Floats, told: Histories) -> Floats:
    """What a next purchase of each customer is worth on average: theirs and everybody's, weighed. NaN where q is not above 1,
    for then the mean over everybody has no bound."""
    p, q, gamma = values
    x = np.where(spenders(told), told.x, 0.0)
    below = p * x + q - 1
    return np.where(below > 0, p * (gamma + told.mean * x) / np.where(below > 0, below, 1.0), np.nan)
