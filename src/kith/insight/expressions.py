"""What aggregates are made of: days between two dates, percentiles, an amount at the rate of its day."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Case, DateField, DecimalField, F, FloatField, Func, IntegerField, Value, When
from django.db.models.expressions import Combinable

from kith.kernel.money.queries import courses, home

AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=40, decimal_places=10)


def days_between(earlier: str, later: str) -> Func:
    """Whole days from one date column to another."""
    return Func(F(later), F(earlier), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())


class Percentiles(Aggregate):
    """Continuous percentiles as a list, in the order of `shares` (0 to 1); None where there are no rows."""

    function = "PERCENTILE_CONT"
    allow_distinct = False

    def __init__(self, expression: Any, shares: Sequence[float], **extra: Any):
        listed = ",".join(repr(float(s)) for s in shares)
        self.template = f"PERCENTILE_CONT(ARRAY[{listed}]) WITHIN GROUP (ORDER BY %(expressions)s)"
        super().__init__(expression, output_field=ArrayField(FloatField()), **extra)


class _RateOn(Func):
    """The rate of one currency on a day: the last one set for that day or before, NULL before the first."""

    template = "%(expressions)s"
    output_field = DecimalField(max_digits=18, decimal_places=8)

    def __init__(self, day: str, days: list[Any], rates: list[Decimal]):
        super().__init__(F(day), Value(days), Value(rates))

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        day, days, rates = (compiler.compile(e) for e in self.get_source_expressions())
        sql = f"(({rates[0]})::numeric[])[width_bucket(({day[0]})::date, ({days[0]})::date[])]"
        return sql, [*rates[1], *day[1], *days[1]]


def worth(amount: str, currency: str, day: str) -> Combinable:
    """The amount in the organisation's currency at the rate of its day, exact; NULL where nobody set a rate."""
    cases: list[Any] = [When(**{f"{currency}__in": ["", home()]}, then=F(amount))]
    for code, (days, rates) in courses().items():
        cases.append(When(**{currency: code}, then=F(amount) * _RateOn(day, days, rates)))
    return Case(*cases, default=None, output_field=AMOUNT)


def month(column: str, months: int = 1) -> Func:
    """The first day of the month (or of the quarter, 3) that a date lies in."""
    unit = {1: "month", 3: "quarter", 12: "year"}[months]
    return Func(
        F(column), template=f"date_trunc('{unit}', (%(expressions)s)::timestamp)::date", output_field=DateField()
    )
