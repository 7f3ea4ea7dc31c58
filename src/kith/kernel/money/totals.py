"""Adding amounts of several currencies honestly: by currency always, in one currency only where every rate is known."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.money.amounts import show_money
from kith.kernel.money.queries import home, rate

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Totals:
    """`by_currency`: exact sums. `converted`: all of them in `currency` (the organisation's, or the only one there is
    when it has no rate), rounded to cents once at the end, or None when a rate is missing; `missing` names those."""

    by_currency: dict[str, Decimal]
    converted: Decimal | None
    missing: tuple[str, ...]
    currency: str

    def show(self) -> str:
        """ "€1,284,600", or "€900,000 + $20,000" when a rate is missing."""
        if self.converted is not None:
            return show_money(self.converted, self.currency)
        return self.split()

    def split(self, *, exact: bool = False) -> str:
        """The sums currency by currency, the largest first."""
        return " + ".join(show_money(amount, code, exact=exact) for code, amount in self.by_currency.items())

    def note(self) -> str:
        """What a reader should know about the figure: the split, or which rate is missing; "" for one currency."""
        if self.missing:
            return _("No exchange rate for %s, so these are not added up.") % ", ".join(self.missing)
        if set(self.by_currency) <= {self.currency}:
            return ""
        return _("%s, at the rate of the day") % self.split(exact=True)

    def __bool__(self) -> bool:
        return any(self.by_currency.values())


def total(pairs: Iterable[tuple[Any, ...]]) -> Totals:
    """Totals of (amount, currency) or (amount, currency, day); amounts may be None, "" is the organisation's currency.

    Without a day today's rate counts: that is for what is open. For what is closed, give the day it closed.
    """
    own = home()
    sums: dict[str, Decimal] = defaultdict(Decimal)
    whole: Decimal = Decimal(0)
    missing: dict[str, None] = {}
    for amount, code, *rest in pairs:
        if amount is None:
            continue
        code = code or own
        sums[code] += amount
        worth = rate(code, _day(rest))
        if worth is None:
            missing[code] = None
        else:
            whole += amount * worth
    return totals(sums, whole, tuple(missing))


def totals(sums: Mapping[str, Decimal], whole: Decimal, missing: tuple[str, ...]) -> Totals:
    """Totals from exact sums by currency and their worth in the organisation's; one currency alone needs no rate."""
    ordered = dict(sorted(sums.items(), key=lambda item: (-abs(item[1]), item[0])))
    if missing and len(ordered) == 1:
        code, amount = next(iter(ordered.items()))
        return Totals(ordered, amount.quantize(CENT), (), code)
    return Totals(ordered, None if missing else whole.quantize(CENT), missing, home())


def _day(rest: list[Any]) -> dt.date | None:
    return rest[0] if rest else None


def convert(amount: Decimal | None, currency: str, day: dt.date | None = None) -> Decimal | None:
    """One amount in the organisation's currency, or None when the amount or the rate is not known."""
    worth = rate(currency, day)
    return None if amount is None or worth is None else (amount * worth).quantize(CENT)
