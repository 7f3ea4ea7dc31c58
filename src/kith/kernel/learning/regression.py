"""Learning: a regularised logistic regression over steps, judged only on rows it has not seen, calibrated on those as well.

scikit-learn is loaded here alone, and only while something is learned. What comes out is a document of plain numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from kith.kernel.learning.encoding import steps, table

FOLDS, SEED = 5, 20260101
STRENGTHS = (0.03, 0.1, 0.3, 1.0)  # how freely weights may grow; the best on unseen leads is taken
BINS = 10


@dataclass
class Learned:
    """`weights`: by column, one per step; `slope` and `shift` calibrate; `auc` with its 95 % interval; `curve`: (predicted,
    happened, rows) of tenths of the rows."""

    weights: dict[str, list[float]]
    intercept: float
    slope: float
    shift: float
    auc: float
    low: float
    high: float
    curve: list[tuple[float, float, int]] = field(default_factory=list)
    brier: float = 0.0
    strength: float = 1.0


def learn(forms: dict[str, dict[str, Any]], columns: dict[str, list[Any]], won: list[bool]) -> Learned:
    """Weights from decided rows. Every figure in the result is of rows that were not learned from."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    x, y = _matrix(forms, columns), np.asarray(won, dtype=int)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    tried = []
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, max_iter=2000)
        unseen = cross_val_predict(model, x, y, cv=folds, method="decision_function")
        tried.append((float(roc_auc_score(y, unseen)), -strength, unseen))
    auc, minus, unseen = max(tried, key=lambda one: one[:2])
    whole = LogisticRegression(C=-minus, max_iter=2000).fit(x, y)
    straight = LogisticRegression(C=1e6).fit(unseen.reshape(-1, 1), y)
    slope, shift = float(straight.coef_[0][0]), float(straight.intercept_[0])
    chances = [chance_of(float(score), slope, shift) for score in unseen]
    low, high = interval(auc, int(y.sum()), int(len(y) - y.sum()))
    return Learned(
        _by_column(forms, whole.coef_[0]), float(whole.intercept_[0]), slope, shift, auc, low, high, curve_of(chances, won),
        sum((c - w) ** 2 for c, w in zip(chances, won, strict=True)) / len(won), -minus,
    )  # fmt: skip


def _matrix(forms: dict[str, dict[str, Any]], columns: dict[str, list[Any]]) -> Any:
    """One column of zeros and ones per step."""
    import numpy as np
    from scipy.sparse import csr_matrix

    placed, start = [], 0
    for form, found in zip(forms.values(), table(forms, columns), strict=True):
        placed.append(np.asarray(found) + start)
        start += steps(form)
    columns_of = np.stack(placed, axis=1)
    rows = np.repeat(np.arange(len(columns_of)), len(placed))
    return csr_matrix((np.ones(columns_of.size), (rows, columns_of.ravel())), shape=(len(columns_of), start))


def _by_column(forms: dict[str, dict[str, Any]], weights: Any) -> dict[str, list[float]]:
    out, start = {}, 0
    for key, form in forms.items():
        out[key] = [round(float(w), 6) for w in weights[start : start + steps(form)]]
        start += steps(form)
    return out


def chance_of(score: float, slope: float, shift: float) -> float:
    """The calibrated probability of a score."""
    z = max(min(slope * score + shift, 40.0), -40.0)
    return 1 / (1 + math.exp(-z))


def interval(auc: float, yes: int, no: int) -> tuple[float, float]:
    """The 95 % interval of an area under the curve, after Hanley and McNeil (1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (yes - 1) * (q1 - auc * auc) + (no - 1) * (q2 - auc * auc)
    reach = 1.96 * math.sqrt(max(spread, 0.0) / (yes * no))
    return max(auc - reach, 0.0), min(auc + reach, 1.0)


def curve_of(chances: list[float], won: list[bool]) -> list[tuple[float, float, int]]:
    """Tenths of the rows from the least to the most likely: what was predicted, what happened, of how many."""
    ranked = sorted(zip(chances, won, strict=True))
    cuts = [len(ranked) * n // BINS for n in range(BINS + 1)]
    parts = [ranked[a:b] for a, b in zip(cuts, cuts[1:], strict=False) if b > a]
    return [(sum(c for c, _w in p) / len(p), sum(w for _c, w in p) / len(p), len(p)) for p in parts]
