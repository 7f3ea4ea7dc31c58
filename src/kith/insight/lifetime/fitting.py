"""Maximum likelihood for parameters above zero: several starts, a check that they agree, and how sure the result is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from kith.insight.lifetime.histories import Floats

LIMIT = 12.0  # parameters stay between exp(-12) and exp(12)
AGREE = 1e-4  # how far log-likelihoods of the starts may lie apart, relative
FLAT = 1e-3  # slope per customer above which the top was not reached
STEP = 1e-4
Likelihood = Callable[[Floats], tuple[float, Floats]]  # of log parameters: the log-likelihood and its slopes


@dataclass(frozen=True)
class Fit:
    """`values` by parameter in the order of `names`; `covariance` is that of their logarithms, None where it is not known."""

    names: tuple[str, ...]
    values: Floats
    log_likelihood: float
    converged: bool
    why: str
    covariance: Floats | None

    def __getitem__(self, name: str) -> float:
        return float(self.values[self.names.index(name)])

    @property
    def errors(self) -> dict[str, float] | None:
        """Standard errors by parameter, by the delta method from those of the logarithms."""
        if self.covariance is None:
            return None
        spread = np.sqrt(np.diag(self.covariance)) * self.values
        return {name: float(s) for name, s in zip(self.names, spread, strict=True)}


def fit(names: tuple[str, ...], likelihood: Likelihood, starts: Sequence[Sequence[float]], n: int) -> Fit:
    """The parameters under which what happened was likeliest. `n`: customers, for judging how flat the top is."""

    def down(at: Floats) -> tuple[float, Floats]:
        value, slope = likelihood(at)
        return (-value / n, -slope / n) if np.isfinite(value) else (1e10, np.zeros_like(at))

    bounds = [(-LIMIT, LIMIT)] * len(names)
    found = [
        minimize(down, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-8})
        for start in starts
    ]  # fmt: skip
    best = min(found, key=lambda one: float(one.fun))
    near = sum(abs(one.fun - best.fun) <= AGREE * max(abs(best.fun), 1e-9) for one in found)
    edge = bool((np.abs(best.x) > LIMIT - 0.01).any())
    slope = float(np.abs(best.jac).max())
    why = "a parameter runs off to the edge" if edge else "the top was not reached" if slope > FLAT else ""
    if not why and near < 2:
        why = "the starts end in different places"
    covariance = None if edge else _covariance(likelihood, best.x)
    return Fit(names, np.exp(best.x), float(-best.fun * n), not why, why, covariance)


def _covariance(likelihood: Likelihood, at: Floats) -> Floats | None:
    """The inverse of the curvature at the top; None where the top is no top."""
    size = len(at)
    curve = np.zeros((size, size))
    for n in range(size):
        step = np.zeros(size)
        step[n] = STEP
        curve[n] = (likelihood(at + step)[1] - likelihood(at - step)[1]) / (2 * STEP)
    curve = -(curve + curve.T) / 2
    try:
        np.linalg.cholesky(curve)
    except np.linalg.LinAlgError:
        return None
    return np.asarray(np.linalg.inv(curve))
