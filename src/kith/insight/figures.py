"""A figure and everything it has to carry: how many rows stand behind it and where they are, how sure it is, its
definition. Nothing here queries; faces show figures, they never work them out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.intervals import Z
from kith.kernel.intervals import wilson as score_interval
from kith.kernel.lookups.tree import Condition, Group
from kith.kernel.money.amounts import show_money
from kith.kernel.money.totals import Totals
from kith.ui.filters import number, percent

SMALL = 20  # cases below which a share or a typical time is shown grey
Part = Condition | Group
COUNT, SHARE, MONEY, DAYS = "count", "share", "money", "days"


@dataclass(frozen=True)
class Measure:
    """What is measured: `says` is the definition in a sentence, `formula` how it is worked out, `where` the conditions
    of the rows it rests on. `needs` are the columns a reader must be allowed to see for it. `unit`: COUNT, SHARE, MONEY
    or DAYS; `brief` leaves it out of tables on pages (exports and programs get all)."""

    key: str
    label: Any
    says: Any
    formula: Any
    unit: str
    where: Callable[[Any], tuple[Part, ...]]
    needs: tuple[str, ...] = ()
    brief: bool = False

    def as_json(self) -> dict[str, str]:
        return {"label": str(self.label), "definition": str(self.says), "formula": str(self.formula), "unit": self.unit}


@dataclass(frozen=True)
class Figure:
    """`value`: whole number, share of 1, Decimal in the organisation's currency or days; None where nothing can be said.
    `count`: the rows behind it, which is what the list at `rows` counts. `where` makes that address, None where no list
    can show them. low, high: 95 % range of a share. `totals`: the money by currency."""

    measure: Measure
    value: int | float | Decimal | None
    count: int
    where: Callable[[], str] | None
    low: float | None = None
    high: float | None = None
    totals: Totals | None = None

    @property
    def rows(self) -> str:
        """The address of the list with the rows behind it; "" where no list can show them."""
        return self.where() if self.where is not None else ""

    @property
    def small(self) -> bool:
        """Does it rest on too few cases to lean on?"""
        return self.measure.unit in (SHARE, DAYS) and self.count < SMALL

    def show(self) -> str:
        """In words, with its unit: "63 %", "€1,284,600", "47.9 days"."""
        if self.totals is not None:
            return self.totals.show() or show_money(Decimal(0), self.totals.currency)
        if self.value is None:
            return "–"
        if self.measure.unit == SHARE:
            return percent(self.value, 1 if self.count >= 1000 else 0)
        if self.measure.unit == DAYS:
            return _("%s days") % short_days(self.value) if self.value != 1 else _("1 day")
        return number(self.value)

    def note(self) -> str:
        """What one should know beside it: the number of cases and the range, or the split by currency."""
        if self.totals is not None:
            return self.totals.note()
        if self.measure.unit not in (SHARE, DAYS) or not self.count:
            return ""
        cases = ngettext("of %s case", "of %s cases", self.count) % number(self.count)
        if self.low is None or self.high is None:
            return cases
        return _("%(cases)s; with 95 %% certainty between %(low)s and %(high)s") % {
            "cases": cases, "low": percent(self.low), "high": percent(self.high)}  # fmt: skip

    def plain(self) -> int | float | Decimal | str | None:
        """The value for a cell of a table file; amounts that cannot be converted are said currency by currency."""
        if self.totals is not None and self.value is None and self.totals.by_currency:
            return " + ".join(f"{amount} {code}" for code, amount in self.totals.by_currency.items())
        return self.value

    def as_json(self) -> dict[str, Any]:
        """Amounts as text, so that nothing is rounded on the way."""
        out: dict[str, Any] = {"value": str(self.value) if isinstance(self.value, Decimal) else self.value}
        if self.totals is not None:
            out["currency"] = self.totals.currency
            out["by_currency"] = {code: str(amount) for code, amount in self.totals.by_currency.items()}
            out["without_rate"] = list(self.totals.missing)
        if self.measure.unit == SHARE:
            out |= {"low": self.low, "high": self.high}
        if self.measure.unit in (SHARE, DAYS):
            out["small_sample"] = self.small
        return {**out, "count": self.count, "rows": self.rows}


@dataclass(frozen=True)
class TableRow:
    """The figures of one group. `narrow`: the conditions ("parts") or days ("period") that narrow a report to it."""

    key: int | str | None
    label: str
    figures: dict[str, Figure]
    narrow: dict[str, Any] = field(default_factory=dict)


def short_days(days: float) -> str:
    """Days with one decimal below ten, whole from there on."""
    return number(days, 1 if abs(days) < 10 and days != int(days) else 0)


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def mean(total: int | None, count: int) -> float | None:
    """The mean of whole numbers, rounded once."""
    return float(Fraction(total or 0, count)) if count else None


def wilson(part: int, whole: int) -> tuple[float, float] | tuple[None, None]:
    """The 95 % score interval of a share, which stays honest for small numbers and near 0 and 1; nothing of nothing."""
    return score_interval(part, whole) if whole else (None, None)


def differ(part: int, whole: int, part_before: int, whole_before: int) -> bool:
    """Are two shares further apart than chance explains in 95 of 100 cases (two-proportion z-test)?"""
    if min(whole, whole_before) < SMALL:
        return False
    pooled = (part + part_before) / (whole + whole_before)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / whole + 1 / whole_before))
    return spread > 0 and abs(part / whole - part_before / whole_before) / spread > Z
