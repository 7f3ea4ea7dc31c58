"""The report on deals: aggregates asked of the database in a handful of queries, read into figures.

One query gives counts and days of all groups, one more their money by currency; nothing is asked per group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from kith.insight import measures as m
from kith.insight.expressions import Percentiles, days_between, month, worth
from kith.insight.figures import Figure, Measure, Part, mean, share, wilson
from kith.insight.period import Period
from kith.insight.source import Source
from kith.kernel.money.queries import home
from kith.kernel.money.totals import Totals
from kith.kernel.money.totals import totals as totals_of

Row = dict[str, Any]
Purse = dict[str, tuple[Decimal, int]]  # currency -> (sum, deals whose day has no rate)
Where = Callable[[], str] | None  # makes the address of the rows


def measures_for(source: Source) -> tuple[Measure, ...]:
    """What this reader may be told."""
    return tuple(x for x in m.MEASURES if source.shows(*x.needs))


def base(source: Source) -> QuerySet[Any]:
    """The rows, with the converted amount at hand for aggregates."""
    return source.rows.annotate(worth=worth("amount", "currency", "closed_on")) if _money(source) else source.rows


def _money(source: Source) -> bool:
    return source.shows(*m.WON_VALUE.needs)


def aggregates(source: Source, period: Period, prefix: str = "") -> Row:
    """What to ask of the database for one period."""
    q = source.q
    days = days_between("opened_on", "closed_on")
    timed, closed_timed = q(*m.timed(period)), q(*m.closed_timed(period))
    asked: Row = {
        "won": Count("pk", filter=q(*m.won(period))),
        "lost": Count("pk", filter=q(*m.lost(period))),
        "open": Count("pk", filter=q(*m.still_open(period))),
        "opened": Count("pk", filter=q(*m.opened(period)) or None),
        "days_n": Count("pk", filter=timed),
        "days_sum": Sum(days, filter=timed),
        "days": Percentiles(days, (0.25, 0.5, 0.75, 0.9), filter=timed),
        "closed_days_n": Count("pk", filter=closed_timed),
        "closed_days_sum": Sum(days, filter=closed_timed),
        "closed_days": Percentiles(days, (0.5,), filter=closed_timed),
    }
    if _money(source):
        asked |= money_aggregates(q(*m.won(period)))
    return {prefix + key: expression for key, expression in asked.items()}


def money_aggregates(won: Q) -> Row:
    """Sum of amounts, what they are worth in the organisation's currency, and how many have no rate."""
    return {
        "own_sum": Sum("amount", filter=won),
        "worth_sum": Sum("worth", filter=won),
        "unrated": Count("pk", filter=won & Q(amount__isnull=False, worth__isnull=True)),
    }


def concerned(source: Source, period: Period) -> Q:
    """The rows that count for anything in the period; the others need not be read and give no group."""
    kinds = (m.won(period), m.lost(period), m.still_open(period), m.opened(period))
    conditions = [source.q(*parts) for parts in kinds]
    if not all(conditions):  # one of them is every row
        return Q()
    whole = conditions[0]
    for q in conditions[1:]:
        whole |= q
    return whole


def totals(source: Source, period: Period) -> tuple[Row, Row]:
    """(figures of the period, figures of the one before) as raw aggregates, in one query; money apart, see `purses`."""
    before = period.before()
    asked = aggregates(source, period) | {"latest": Max("closed_on", filter=source.q(*m.closed(period)))}
    if before is not None:
        asked |= aggregates(source, before, "before_")
    rows = base(source).filter(_either(source, period, before))
    row = rows.aggregate(**asked)
    return (
        {k: v for k, v in row.items() if not k.startswith("before_")},
        {k.removeprefix("before_"): v for k, v in row.items() if k.startswith("before_")},
    )


def _either(source: Source, period: Period, before: Period | None) -> Q:
    conditions = [concerned(source, p) for p in (period, before) if p is not None]
    return (
        conditions[0] | conditions[1]
        if len(conditions) == 2 and all(conditions)
        else conditions[0]
        if len(conditions) == 1
        else Q()
    )


def purses(source: Source, periods: list[Period], window: Period) -> tuple[list[Purse], dict[Any, Purse]]:
    """The money won in each of the periods by currency, and by month within `window`; all in one query."""
    if not _money(source):
        return [{} for _p in periods], {}
    won = [source.q(*m.won(p)) for p in (*periods, window)]
    asked: Row = {}
    whole = Q(pk__in=[])
    for n, q in enumerate(won):
        asked |= {f"{key}_{n}": x for key, x in money_aggregates(q).items() if key != "worth_sum"}
        whole |= q
    rows = base(source).filter(whole, amount__isnull=False).annotate(grp=month("closed_on"))
    out: list[Purse] = [{} for _p in periods]
    monthly: dict[Any, Purse] = defaultdict(dict)
    for row in rows.values("grp", "currency").annotate(**asked):
        for n, purse in enumerate([*out, monthly[row["grp"]]]):
            _put(purse, row["currency"], row[f"own_sum_{n}"], row[f"unrated_{n}"])
    return out, monthly


def purses_by(rows: QuerySet[Any], group: str, won: Q) -> dict[Any, Purse]:
    """The money won by group and currency, in one query; `rows` have the group annotated and come from `base`."""
    asked = {key: x for key, x in money_aggregates(won).items() if key != "worth_sum"}
    out: dict[Any, Purse] = defaultdict(dict)
    for row in rows.filter(won, amount__isnull=False).values(group, "currency").annotate(**asked):
        _put(out[row[group]], row["currency"], row["own_sum"], row["unrated"])
    return out


def _put(purse: Purse, currency: str, amount: Decimal | None, unrated: int) -> None:
    if amount is None:
        return
    code = currency or home()
    sum_, count = purse.get(code, (Decimal(0), 0))
    purse[code] = (sum_ + amount, count + unrated)


def total_of(purse: Purse, converted: Decimal | None) -> Totals:
    """Exact sums by currency, the largest first, and the whole in the organisation's currency where every rate is known."""
    missing = tuple(code for code, (_sum, unrated) in purse.items() if unrated)
    return totals_of({code: amount for code, (amount, _n) in purse.items()}, converted or Decimal(0), missing)


class Reader:
    """Raw aggregates as figures, with the address of the rows behind each."""

    def __init__(self, source: Source):
        self.source, self.measures = source, measures_for(source)

    def figures(self, row: Row, purse: Purse, period: Period, parts: tuple[Part, ...] | None = ()) -> dict[str, Figure]:
        """The figures of one group. parts: the conditions of the group; None where no list can show its rows."""
        out = {}
        for measure in self.measures:
            rows = None if parts is None else partial(self.source.url, *measure.where(period), *parts)
            out[measure.key] = READ[measure.key](measure, row, purse, rows)
        return out


def _count(measure: Measure, row: Row, _purse: Purse, rows: Where) -> Figure:
    n = row.get(measure.key) or 0
    return Figure(measure, n, n, rows)


def _win_rate(measure: Measure, row: Row, _purse: Purse, rows: Where) -> Figure:
    won, closed = row.get("won") or 0, (row.get("won") or 0) + (row.get("lost") or 0)
    return Figure(measure, share(won, closed), closed, rows, *wilson(won, closed))


def _value(measure: Measure, row: Row, purse: Purse, rows: Where) -> Figure:
    sums = total_of(purse, row.get("worth_sum"))
    return Figure(measure, sums.converted, row.get("won") or 0, rows, totals=sums)


def _mean(prefix: str) -> Any:
    def read(measure: Measure, row: Row, _purse: Purse, rows: Where) -> Figure:
        n = row.get(f"{prefix}_n") or 0
        return Figure(measure, mean(row.get(f"{prefix}_sum"), n), n, rows)

    return read


def _percentile(prefix: str, place: int) -> Any:
    def read(measure: Measure, row: Row, _purse: Purse, rows: Where) -> Figure:
        found = row.get(prefix)
        return Figure(measure, found[place] if found else None, row.get(f"{prefix}_n") or 0, rows)

    return read


READ: dict[str, Any] = {
    "won": _count, "lost": _count, "open": _count, "opened": _count, "win_rate": _win_rate, "won_value": _value,
    "cycle_mean": _mean("days"), "cycle_p25": _percentile("days", 0), "cycle_median": _percentile("days", 1),
    "cycle_p75": _percentile("days", 2), "cycle_p90": _percentile("days", 3), "closed_mean": _mean("closed_days"),
    "closed_median": _percentile("closed_days", 0),
}  # fmt: skip
