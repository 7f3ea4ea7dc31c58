"""Columns that would give the outcome away: written after the lead was worked, or too good to be true.

Left out: what was mostly filled after the lead came to us. Flagged as a give-away: such a column that alone tells the outcomes
apart as well as few honest ones do. A column that does so and was there from the beginning is used, and named, so that
somebody looks whether it really was known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.learning.encoding import shape, step, steps
from kith.qualification.predicting.gathering import Table

LATE = 0.5  # share of its values filled after the capture from which a column is left out
TELLING = 0.8  # area under the curve from which one column alone is suspicious
TOO_GOOD = 0.9


@dataclass(frozen=True)
class Finding:
    """About one column: `out` says that it is left out; `gives_away` that it tells the outcome because it came after it."""

    key: str
    label: str
    words: str
    out: bool
    gives_away: bool = False


def guard(table: Table) -> list[Finding]:
    """What is to be said of columns; most have nothing said about them."""
    found = []
    for source in table.sources:
        now, then = table.now[source.key], table.then[source.key]
        filled = sum(1 for value in now if value not in (None, ""))
        late = sum(1 for a, b in zip(now, then, strict=True) if a not in (None, "") and b in (None, ""))
        if not filled:
            continue
        alone = separates(now, table.won, source.numeric)
        if late / filled >= LATE:
            found.append(_late(source, late, filled, alone))
        elif alone >= TOO_GOOD:
            words = (
                _("tells the outcomes apart by itself (%s of 1); look whether it is known when a lead comes")
                % f"{alone:.2f}"
            )
            found.append(Finding(source.key, source.label, words, out=False))
    return found


def _late(source: Any, late: int, filled: int, alone: float) -> Finding:
    words = _("left out: %(late)d of %(filled)d values were written after the lead came") % {
        "late": late,
        "filled": filled,
    }
    gives_away = alone >= TELLING
    if gives_away:
        words += _(", and alone it tells the outcomes apart (%s of 1): it gives the outcome away") % f"{alone:.2f}"
    return Finding(source.key, source.label, words, out=True, gives_away=gives_away)


def separates(values: list[Any], won: list[bool], numeric: bool) -> float:
    """How well one column alone tells outcomes apart, 0.5 to 1: the area under the curve of its steps by their rate."""
    form = shape(values, numeric)
    if form is None:
        return 0.5
    yes, all_of = [0] * steps(form), [0] * steps(form)
    for value, good in zip(values, won, strict=True):
        n = step(form, value)
        all_of[n] += 1
        yes[n] += good
    return _area(sorted(((y / n, y, n - y) for y, n in zip(yes, all_of, strict=True) if n)))


def _area(ranked: list[tuple[float, int, int]]) -> float:
    """Of pairs of one that was won and one that was not, the share in which the won one ranks higher; ties are half."""
    good, bad, pairs, below = sum(y for _r, y, _n in ranked), sum(n for _r, _y, n in ranked), 0.0, 0
    for _rate, y, n in ranked:
        pairs += y * (below + n / 2)
        below += n
    return pairs / (good * bad) if good and bad else 0.5
