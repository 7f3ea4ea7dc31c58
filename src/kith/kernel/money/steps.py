"""Prices that step by year: what one piece costs in the first year, then "52; 55" from the second year on.

The last step holds for good. Kept as text, in the order of the years, so that whatever repeats a line repeats it whole.
"""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Number

PARTED = re.compile(r"[;\s]+")
MOST = 10  # years
PRICE = Number(18, 2, Decimal(0))


def read_steps(words: str) -> str:
    """Prices as people write them, "52; 55,50", as they are kept: "52.00; 55.50". Raises Invalid."""
    parts = [part for part in PARTED.split(words.strip()) if part]
    if len(parts) > MOST:
        raise Invalid(_("A price steps for %s years at most.") % MOST, "ramp")
    try:
        return "; ".join(f"{PRICE.clean(part):f}" for part in parts)
    except Invalid as problem:
        raise Invalid(
            _("%s Write the price of each year from the second on, such as 52; 55.") % problem.message, "ramp"
        ) from None


def steps_of(kept: str) -> list[Decimal]:
    """The prices from the second year on."""
    return [Decimal(part) for part in PARTED.split(kept) if part]


def stepping(first: Decimal, kept: str) -> str:
    """The steps as they are kept beside the first price: none where each is that price again."""
    return kept if any(price != first for price in steps_of(kept)) else ""


def price_in(first: Decimal, kept: str, year: int) -> Decimal:
    """What one piece costs in a year, counted from 0."""
    steps = steps_of(kept)
    return first if year <= 0 or not steps else steps[min(year, len(steps)) - 1]
