"""The figures of the report on deals by group: one row for each owner, product, sector, month, and so on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, Func, Max, Q, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.insight import measures as m
from kith.insight.deals import Reader, Row, aggregates, base, concerned, purses_by
from kith.insight.figures import Measure, TableRow
from kith.insight.grouping import Dimension, Key, TeamDimension
from kith.insight.period import Period
from kith.insight.source import Source
from kith.insight.times import by_time
from kith.kernel.errors import Invalid

PAGE, MOST = 50, 1000  # rows of a table on a page; most that are given at once


@dataclass(frozen=True)
class TimeDimension:
    """By calendar month or quarter. A row of it is the report of that month alone."""

    key: str
    label: Any
    months: int


DIMENSIONS: tuple[Dimension | TimeDimension, ...] = (
    Dimension("owner", gettext_lazy("Owner"), "owner", gettext_lazy("Nobody")),
    TeamDimension("team", gettext_lazy("Team"), "team", gettext_lazy("No team")),
    Dimension("product", gettext_lazy("Product"), "product", gettext_lazy("No product")),
    Dimension(
        "account", gettext_lazy("Account"), "company", gettext_lazy("No company"), via="company", probe="industry"
    ),
    Dimension("sector", gettext_lazy("Sector"), "industry", gettext_lazy("Not known"), via="company", probe="industry"),
    Dimension("source", gettext_lazy("Came through"), "source", gettext_lazy("Not known")),
    Dimension("pipeline", gettext_lazy("Pipeline"), "pipeline", gettext_lazy("No pipeline")),
    TimeDimension("month", gettext_lazy("Month"), 1),
    TimeDimension("quarter", gettext_lazy("Quarter"), 3),
)


@dataclass(frozen=True)
class Table:
    """`total` groups there are, of which `rows` begin at `offset`; `sort` is a measure's key or "name", "-" before it."""

    dimension: Dimension | TimeDimension
    measures: tuple[Measure, ...]
    rows: list[TableRow]
    total: int
    sort: str
    offset: int = 0


def offered(source: Source) -> dict[str, Dimension | TimeDimension]:
    """The dimensions this reader may compare by."""
    return {d.key: d for d in DIMENSIONS if isinstance(d, TimeDimension) or d.offered(source)}


def make_table(source: Source, period: Period, dimension: Dimension | TimeDimension, *, sort: str = "",
               limit: int = PAGE, offset: int = 0, now: Row | None = None) -> Table:  # fmt: skip
    """Figures by group. Raises Invalid for a sort that does not exist. now: the raw totals, where they are known."""
    reader = Reader(source)
    best = "-won_value" if any(x.key == "won_value" for x in reader.measures) else "-won"
    sort = check_sort(sort or ("name" if isinstance(dimension, TimeDimension) else best), reader.measures)
    if isinstance(dimension, TimeDimension):
        rows = sorted_rows(by_time(reader, period, dimension.months, now), sort)
        return Table(dimension, reader.measures, rows[offset : offset + limit], len(rows), sort, offset)
    rows, total = by_group(reader, period, dimension, sort, limit, offset)
    return Table(dimension, reader.measures, rows, total, sort, offset)


def check_sort(sort: str, measures: tuple[Measure, ...]) -> str:
    """`sort`, or Invalid naming what tables of these measures can be sorted by."""
    known = {"name", *(x.key for x in measures)}
    if sort.removeprefix("-") not in known:
        raise Invalid(_("Tables cannot be sorted by “%(given)s”; known: %(known)s.") % {
            "given": sort[:40], "known": ", ".join(sorted(known))}, "sort")  # fmt: skip
    return sort


# --- by owner, product, … ------------------------------------------------------------------------------------------


def by_group(
    reader: Reader, period: Period, dimension: Dimension, sort: str, limit: int, offset: int
) -> tuple[list[TableRow], int]:
    """A page of groups in the order asked for, and how many there are. Two queries, and one for names of links."""
    source = reader.source
    rows = base(source).filter(concerned(source, period)).annotate(grp=dimension.group(source))
    grouped = rows.values("grp").annotate(**aggregates(source, period))
    if sort.removeprefix("-") == "name":
        grouped = grouped.annotate(named=Max(dimension.name(source)))
    page = list(grouped.annotate(groups=Window(Count("*"))).order_by(*_order(sort))[offset : offset + limit])
    if not page:
        return [], 0
    keys: list[Key] = [row["grp"] for row in page]
    few = rows if len(keys) == page[0]["groups"] else rows.filter(_among(keys))
    purses = purses_by(few, "grp", source.q(*m.won(period))) if "won_value" in {x.key for x in reader.measures} else {}
    labels = dimension.labels(keys, source)
    out = []
    for row in page:
        parts = dimension.parts(row["grp"], source)
        figures = reader.figures(row, purses.get(row["grp"], {}), period, parts)
        out.append(TableRow(row["grp"], labels[row["grp"]], figures, {"parts": parts} if parts else {}))
    return out, page[0]["groups"]


def _among(keys: list[Key]) -> Q:
    known = Q(grp__in=[k for k in keys if k is not None])
    return known | Q(grp__isnull=True) if None in keys else known


_NUMERIC: DecimalField[Any, Any] = DecimalField(max_digits=40, decimal_places=12)


def _order(sort: str) -> list[Any]:
    descending, key = sort.startswith("-"), sort.removeprefix("-")
    wanted = [F("named")] if key == "name" else SQL_ORDER[key]()
    out = [o.desc(nulls_last=True) if descending else o.asc(nulls_last=True) for o in wanted]
    return [*out, F("won").desc(), F("grp").asc(nulls_last=True)]


def _ratio(part: str, *whole: str) -> list[Combinable]:
    total: Any = F(whole[0])
    for name in whole[1:]:
        total += F(name)
    return [Cast(F(part), _NUMERIC) / NullIf(Cast(total, _NUMERIC), 0)]


def _nth(name: str, place: int) -> list[Any]:
    return [Func(F(name), template=f"(%(expressions)s)[{place}]", output_field=_NUMERIC)]


def _worth() -> list[Any]:
    return [Case(When(unrated=0, then=F("worth_sum")), default=None, output_field=_NUMERIC), F("own_sum")]


SQL_ORDER: dict[str, Any] = {
    **{key: (lambda key=key: [F(key)]) for key in ("won", "lost", "open", "opened")},
    "win_rate": lambda: _ratio("won", "won", "lost"), "won_value": _worth,
    "cycle_mean": lambda: _ratio("days_sum", "days_n"), "closed_mean": lambda: _ratio("closed_days_sum", "closed_days_n"),
    "cycle_p25": lambda: _nth("days", 1), "cycle_median": lambda: _nth("days", 2), "cycle_p75": lambda: _nth("days", 3),
    "cycle_p90": lambda: _nth("days", 4), "closed_median": lambda: _nth("closed_days", 1),
}  # fmt: skip


def sorted_rows(rows: list[TableRow], sort: str) -> list[TableRow]:
    """Rows without a value come last, whichever way."""
    descending, key = sort.startswith("-"), sort.removeprefix("-")
    if key == "name":
        return rows[::-1] if descending else rows
    known = [r for r in rows if r.figures[key].value is not None]
    known.sort(key=lambda r: Decimal(str(r.figures[key].value)), reverse=descending)
    return [*known, *(r for r in rows if r.figures[key].value is None)]
