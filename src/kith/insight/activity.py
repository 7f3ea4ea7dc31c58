"""The report on what people did: calls, meetings, notes and finished tasks, by person, team and month."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from kith.insight.figures import COUNT, Figure, Measure, Part, TableRow
from kith.insight.grouping import Dimension, TeamDimension
from kith.insight.period import CUSTOM, Period, month_of
from kith.insight.source import Source
from kith.insight.tables import Table, TimeDimension, check_sort, sorted_rows
from kith.insight.times import label, steps, window
from kith.kernel.lookups.tree import Condition

NEEDED = ("kind", "done_at", "owner")
DIMENSIONS: tuple[Dimension | TimeDimension, ...] = (
    Dimension("person", _("Person"), "owner", _("Nobody")),
    TeamDimension("team", _("Team"), "team", _("No team")),
    TimeDimension("month", _("Month"), 1),
)


def done(p: Period) -> tuple[Part, ...]:
    return p.within("done_at") or (Condition("done_at", "filled"),)


def _of(kind: str) -> Callable[[Period], tuple[Part, ...]]:
    return lambda p: (Condition("kind", "is", (kind,)), *done(p))


CALLS = Measure(
    "calls",
    _("Calls"),
    _("Calls made or taken, by the day they were done."),
    _("number of activities of the kind call, done in the period"),
    COUNT,
    _of("call"),
)
MEETINGS = Measure(
    "meetings",
    _("Meetings"),
    _("Meetings held, by the day they were done."),
    _("number of activities of the kind meeting, done in the period"),
    COUNT,
    _of("meeting"),
)
NOTES = Measure(
    "notes",
    _("Notes"),
    _("Notes written, by the day they were written."),
    _("number of activities of the kind note, written in the period"),
    COUNT,
    _of("note"),
)
TASKS = Measure(
    "tasks",
    _("Tasks done"),
    _("Tasks finished, by the day they were ticked off."),
    _("number of activities of the kind task, done in the period"),
    COUNT,
    _of("task"),
)
EVERYTHING = Measure(
    "everything",
    _("Together"),
    _("Calls, meetings, notes and finished tasks. They count for the colleague who looks after them."),
    _("number of activities done in the period"),
    COUNT,
    done,
)
MEASURES = (CALLS, MEETINGS, NOTES, TASKS, EVERYTHING)


def _asked(source: Source, period: Period, prefix: str = "") -> dict[str, Any]:
    return {prefix + x.key: Count("pk", filter=source.q(*x.where(period))) for x in MEASURES}


def totals(source: Source, period: Period) -> tuple[dict[str, Any], dict[str, Any]]:
    """Raw counts of the period and of the one before, in one query; with the latest day anything was done."""
    before = period.before()
    asked, wanted = _asked(source, period), source.q(*done(period))
    if before is not None:
        asked |= _asked(source, before, "before_")
        wanted |= source.q(*done(before))
    row = source.rows.filter(wanted).aggregate(**asked)
    now = {k: v for k, v in row.items() if not k.startswith("before_")}
    return now, {k.removeprefix("before_"): v for k, v in row.items() if k.startswith("before_")}


def figures(
    source: Source, row: dict[str, Any], period: Period, parts: tuple[Part, ...] | None = ()
) -> dict[str, Figure]:
    out = {}
    for x in MEASURES:
        n = row.get(x.key) or 0
        out[x.key] = Figure(x, n, n, None if parts is None else partial(source.url, *x.where(period), *parts))
    return out


def make_table(
    source: Source, period: Period, dimension: Dimension | TimeDimension, *, sort: str = "", limit: int, offset: int = 0
) -> Table:
    """Counts by group, in one query; people and months are few enough to be ordered here."""
    sort = check_sort(sort or ("name" if isinstance(dimension, TimeDimension) else "-everything"), MEASURES)
    if isinstance(dimension, TimeDimension):
        rows = by_month(source, period)
    else:
        found = source.rows.filter(source.q(*done(period))).annotate(grp=dimension.group(source)).values("grp")
        raw = list(found.annotate(**_asked(source, period)))
        labels = dimension.labels([r["grp"] for r in raw], source)
        rows = []
        for r in sorted(raw, key=lambda r: labels[r["grp"]].casefold()):
            parts = dimension.parts(r["grp"], source)
            rows.append(
                TableRow(
                    r["grp"], labels[r["grp"]], figures(source, r, period, parts), {"parts": parts} if parts else {}
                )
            )
    rows = sorted_rows(rows, sort)
    return Table(dimension, MEASURES, rows[offset : offset + limit], len(rows), sort, offset)


def by_month(source: Source, period: Period) -> list[TableRow]:
    """One row a month from the first in which anything was done, or in which the period begins."""
    found = source.rows.filter(source.q(*done(period))).annotate(grp=TruncMonth("done_at")).values("grp")
    raw = {r["grp"].date(): r for r in found.annotate(**_asked(source, period)) if r["grp"]}
    first = period.start or min(raw, default=None)
    last = min(period.end or period.today, period.today)
    last = max([last, *raw])
    if first is None or first > last:
        return []
    out = []
    for start in steps(first.replace(day=1), last):
        whole = month_of(start, period.today)
        assert whole.start is not None and whole.end is not None
        span = Period(
            CUSTOM, max(whole.start, period.start or whole.start), min(whole.end, period.end or whole.end), period.today
        )
        out.append(
            TableRow(start.isoformat(), label(start, 1), figures(source, raw.get(start, {}), span), {"period": span})
        )
    return out


def trend(source: Source, period: Period) -> list[TableRow]:
    """The two years up to the end of the period, month by month."""
    return by_month(source, window(period, period.today))
