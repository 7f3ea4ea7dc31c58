"""Values as a model sees them: every column in a few steps, one of which is true. Pure, and the same when it predicts.

Figures fall into steps of about equal size, words into those that are frequent; what is not known is a step of its own. So
every column adds one number to the score, which is what explains it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

STEPS, LEVELS = 8, 25  # steps of figures, frequent words
RARE = 15  # rows below which a word is "another"


def shape(values: list[Any], numeric: bool) -> dict[str, Any] | None:
    """How a column is cut: {"edges": […]} or {"levels": […]}; None where all rows are alike."""
    if numeric:
        known = sorted(v for v in values if v is not None)
        edges = sorted({known[len(known) * n // STEPS] for n in range(1, STEPS)}) if len(known) >= RARE else []
        if known and edges and edges[0] == known[0]:
            edges = [known[0] + 1e-9, *edges[1:]]  # the lowest figure (no visits at all) is a step of its own
        return {"edges": edges} if edges or 0 < len(known) < len(values) else None
    counts = Counter(values)
    levels = [word for word, n in counts.most_common(LEVELS + 1) if word and n >= RARE][:LEVELS]
    alike = max(counts.values(), default=0) > len(values) - RARE
    return {"levels": levels} if levels and not alike else None


def steps(form: dict[str, Any]) -> int:
    """How many steps a column has: those cut, one for unknown, and for words one for all others."""
    return len(form["edges"]) + 2 if "edges" in form else len(form["levels"]) + 2


def step(form: dict[str, Any], value: Any) -> int:
    """Which step a value falls into; the first is "not known"."""
    if "edges" in form:
        return 0 if value is None else 1 + bisect_right(form["edges"], value)
    if not value:
        return 0
    try:
        return 2 + form["levels"].index(value)
    except ValueError:
        return 1


def table(forms: dict[str, dict[str, Any]], columns: Mapping[str, Iterable[Any]]) -> list[list[int]]:
    """Steps by column, in the order of `forms`."""
    return [[step(form, value) for value in columns[key]] for key, form in forms.items()]
