"""What predicts, as plain numbers: made from what was learned, and applied with additions and one curve, no library."""

from __future__ import annotations

from typing import Any

from kith.kernel.learning.encoding import step
from kith.kernel.learning.regression import Learned, chance_of

REASONS = 5


def document_of(
    forms: dict[str, Any], learned: Learned, values: dict[str, list[Any]], rows: int, labels: dict[str, str]
) -> dict[str, Any]:
    """What predicts, as plain numbers. `usual`: what a column adds on average, against which reasons are told."""
    columns = []
    for key, form in forms.items():
        weights = learned.weights[key]
        usual = sum(weights[step(form, value)] for value in values[key]) / rows
        columns.append({"key": key, "label": labels[key], **form, "weights": weights, "usual": round(usual, 6)})
    return {
        "format": 1, "columns": columns, "intercept": round(learned.intercept, 6),
        "slope": round(learned.slope, 6), "shift": round(learned.shift, 6),
    }  # fmt: skip


def measured(learned: Learned) -> dict[str, Any]:
    """What is said of how well it was learned, of rows that were not learned from."""
    return {
        "auc": round(learned.auc, 4), "auc_low": round(learned.low, 4), "auc_high": round(learned.high, 4),
        "brier": round(learned.brier, 4), "strength": learned.strength,
        "curve": [{"predicted": round(p, 4), "happened": round(h, 4), "leads": n} for p, h, n in learned.curve],
    }  # fmt: skip


def judge(model: dict[str, Any], values: dict[str, Any]) -> tuple[float, list[dict[str, Any]]]:
    """(chance, reasons) for values by column key. A reason says by how much a column moves the score against the usual lead."""
    score, told = model["intercept"], []
    for column in model["columns"]:
        weight = column["weights"][step(column, values.get(column["key"]))]
        score += weight
        told.append((weight - column["usual"], column))
    chance = chance_of(score, model["slope"], model["shift"])
    told.sort(key=lambda one: -abs(one[0]))
    reasons = [
        {"label": c["label"], "value": _shown(values.get(c["key"])), "effect": round(effect, 3)}
        for effect, c in told[:REASONS] if abs(effect) >= 0.05
    ]  # fmt: skip
    return round(chance, 4), reasons


def _shown(value: Any) -> str:
    if value in (None, ""):
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)[:80]
