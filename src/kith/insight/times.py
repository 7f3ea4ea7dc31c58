"""The figures of the report on deals along time: by month or quarter, and the last two years for the drawings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from babel.dates import format_date
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Greatest

from kith.insight import measures as m
from kith.insight.deals import Purse, Reader, Row, aggregates, base, purses_by
from kith.insight.expressions import month
from kith.insight.figures import TableRow
from kith.insight.period import CUSTOM, FIRST, LAST, Period, month_of
from kith.insight.source import Source
from kith.kernel.kinds.time import add_months
from kith.ui.dates import locale

MOST_FILLED = 240  # months of a table in which those without deals stand too
YEAR = 12
Counts = dict[dt.date, int]


def by_time(reader: Reader, period: Period, n: int, now: Row | None = None) -> list[TableRow]:
    """One row for each `n` months, oldest first: what closed and was opened in them, what was open at their end.

    A row is the report of that month alone. now: the raw totals, where they are known already.
    """
    source = reader.source
    closed, rows = _closed(source, period, n)
    with_money = any(measure is m.WON_VALUE for measure in reader.measures)
    purses = purses_by(rows, "grp", source.q(*m.won(period))) if with_money else {}
    came, left, opened = _levels(source, period, n)
    today_open = now["open"] if now else source.rows.filter(source.q(*m.still_open(period))).count()
    months = _months(period, n, {*closed, *opened})
    level = dict(_level(months, came, left))
    out = []
    for start in months:
        span = _span(start, period, n)
        row = {
            **closed.get(start, {}),
            "opened": opened.get(start, 0),
            "open": today_open if span.running else level[start],
        }
        figures = reader.figures(row, purses.get(start, {}), span)
        out.append(TableRow(start.isoformat(), label(start, n), figures, {"period": span}))
    return out


def label(start: dt.date, n: int) -> str:
    """ "Mar 2026", "2026 Q1"."""
    return f"{start.year} Q{start.month // 3 + 1}" if n == 3 else format_date(start, "LLL y", locale=locale())


def _closed(source: Source, period: Period, n: int):  # type: ignore[no-untyped-def]
    """({month: raw aggregates}, the rows themselves) of what closed in the period."""
    rows = base(source).filter(source.q(*m.closed(period)), closed_on__isnull=False).annotate(grp=month("closed_on", n))
    return {row["grp"]: row for row in rows.values("grp").annotate(**aggregates(source, period))}, rows


def _span(start: dt.date, period: Period, n: int) -> Period:
    """The part of these months that lies in the period."""
    whole = month_of(start, period.today, n)
    first = max(whole.start, period.start) if whole.start and period.start else whole.start
    last = min(whole.end, period.end) if whole.end and period.end else whole.end
    return Period(CUSTOM, first, last, period.today)


def _levels(source: Source, period: Period, n: int) -> tuple[Counts, Counts, Counts]:
    """By month up to the end of the period: deals opened, deals that have closed since, deals opened in the period."""
    until = Q() if period.after is None else Q(opened_on__lt=period.after)
    began = source.rows.filter(until, opened_on__isnull=False)
    gone = source.rows.filter(source.q(m.status("won", "lost")), opened_on__isnull=False)
    gone = gone.alias(gone=Greatest("opened_on", "closed_on"))
    if period.after is not None:
        gone = gone.filter(gone__lt=period.after)
    mine = Count("pk", filter=source.q(*m.opened(period)) or None)
    both = _by_month(began, "came", "opened_on", n, mine).union(_by_month(gone, "left", "gone", n, mine), all=True)
    came, left, opened = Counts(), Counts(), Counts()
    for what, start, every, within in both:
        (came if what == "came" else left)[start] = every
        if what == "came" and within:
            opened[start] = within
    return came, left, opened


def _by_month(rows: QuerySet[Any], what: str, column: str, n: int, mine: Count) -> QuerySet[Any]:
    """(what, month, rows, those of them that were opened in the period)"""
    named = rows.annotate(what=Value(what), grp=month(column, n))
    return named.values_list("what", "grp").annotate(every=Count("pk"), within=mine)


def _level(months: list[dt.date], came: Counts, left: Counts) -> Iterator[tuple[dt.date, int]]:
    """How many deals were open at the end of each of these months: all that had come less all that had gone."""
    times = sorted({*months, *came, *left})
    sums = accumulate(came.get(t, 0) - left.get(t, 0) for t in times)
    wanted = set(months)
    return ((t, total) for t, total in zip(times, sums, strict=True) if t in wanted)


def _months(period: Period, n: int, found: set[dt.date]) -> list[dt.date]:
    """The months of the table: all of the period up to today without a gap, unless that were too many to read."""
    first = period.start or min(found, default=None)
    last = min(period.end, period.today) if period.end else max(found, default=None)
    if first is None or last is None or first > last or (last.year - first.year) * YEAR > MOST_FILLED * n:
        return sorted(found)
    start = first.replace(day=1, month=(first.month - 1) // n * n + 1)
    return sorted({*found, *steps(start, last, n)})


def steps(start: dt.date, last: dt.date, n: int = 1) -> Iterator[dt.date]:
    """The first days of the months (or quarters) from `start` to the one that `last` lies in."""
    yield start
    while start.year < LAST.year and (start := add_months(start, n)) <= last:
        yield start


# --- two years, for the drawings ------------------------------------------------------------------------------------


def window(period: Period, latest: dt.date | None) -> Period:
    """The two years up to the month in which the period ends: its last day, or today, or the last day on which a deal
    closed where the period has no end."""
    last = min(period.end or latest or period.today, period.today)
    end = month_of(last, period.today)
    assert end.start is not None
    start = add_months(end.start, 1 - 2 * YEAR) if end.start.year > 2 else FIRST
    return Period(CUSTOM, start, end.end, period.today)


def trend(reader: Reader, span: Period, purses: dict[dt.date, Purse]) -> list[TableRow]:
    """The 24 months of `window`, oldest first; figures of what is open and what was opened are left out."""
    closed, _rows = _closed(reader.source, span, 1)
    assert span.start is not None and span.end is not None
    out = []
    for start in steps(span.start, span.end):
        whole = month_of(start, span.today)
        figures = reader.figures(closed.get(start, {}), purses.get(start, {}), whole)
        kept = {key: figure for key, figure in figures.items() if key not in ("open", "opened")}
        out.append(TableRow(start.isoformat(), label(start, 1), kept, {"period": whole}))
    return out
