"""Parting an amount among touches: how much each counts by a model, to the cent.

Nothing here reads the database. Whatever the model, the parts add up to the amount: what rounding leaves goes to the
largest remainders.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

MODELS = {
    "first": _("First touch"),
    "last": _("Last touch"),
    "linear": _("All alike"),
    "position": _("First and last most (40, 20, 40)"),
    "decay": _("The later the more"),
}
HALF_LIFE = 30  # days after which a touch counts half, unless somebody says otherwise
SECONDS = 86400
FARTHEST = 400  # half-lives: what lies before counts as if it were that long ago, so that nothing vanishes altogether


def weights(model: str, moments: Sequence[dt.datetime], end: dt.datetime, half_life: int = HALF_LIFE) -> list[Fraction]:
    """How much each touch counts, in the order of `moments` (oldest first). At least one is above zero."""
    n = len(moments)
    if model == "first":
        return [Fraction(int(i == 0)) for i in range(n)]
    if model == "last":
        return [Fraction(int(i == n - 1)) for i in range(n)]
    if model == "position" and n > 2:
        return [Fraction(2, 5), *[Fraction(1, 5 * (n - 2))] * (n - 2), Fraction(2, 5)]
    if model == "decay":
        return [_decayed((end - at).total_seconds() / SECONDS / half_life) for at in moments]
    return [Fraction(1)] * n


def _decayed(half_lives: float) -> Fraction:
    return Fraction(2.0 ** -min(max(half_lives, 0.0), FARTHEST))


def part(cents: int, shares: Sequence[Fraction]) -> list[int]:
    """`cents` parted by `shares`, whose sum is above zero; the parts add up to it exactly, also below zero."""
    whole = sum(shares)
    sign, left = (-1, -cents) if cents < 0 else (1, cents)
    exact = [left * share / whole for share in shares]
    parts = [int(x) for x in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))  # the largest remainder first
    for i in order[: left - sum(parts)]:
        parts[i] += 1
    return [sign * x for x in parts]
