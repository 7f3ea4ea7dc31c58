"""Reports by name: what was asked, worked out once, for the page, the API and the command line alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.insight import activity, deals, measures, snapshots, stages, tables, times
from kith.insight.figures import Figure, Measure, TableRow
from kith.insight.period import ALL, Period, read_period
from kith.insight.source import Source
from kith.insight.tables import MOST, PAGE, Table
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError, NotFound
from kith.kernel.lookups.tree import Group, parse, to_text
from kith.kernel.records.registry import registry

SORTING = "64MB"  # a report sorts hundreds of thousands of stays; the usual 4 MB would write them to disk
SECONDS = 20  # a report that takes longer is given up, so that it cannot bring the others down
PARTS = frozenset({"totals", "tables", "stages", "snapshot", "trend"})


@dataclass(frozen=True)
class Ask:
    """What somebody wants to know. `by`: keys of the dimensions to compare by, None for all of them."""

    period: Period
    tree: Group = field(default_factory=Group)
    by: tuple[str, ...] | None = None
    sort: str = ""
    limit: int = PAGE
    offset: int = 0


@dataclass
class Result:
    """A report worked out. Parts that were not asked for are empty."""

    name: str
    source: Source
    ask: Ask
    measures: tuple[Measure, ...]
    dimensions: dict[str, Any]
    figures: dict[str, Figure] = field(default_factory=dict)
    before: dict[str, Figure] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    stages: list[stages.StageRow] = field(default_factory=list)
    snapshot: snapshots.Snapshot | None = None
    trend: list[TableRow] = field(default_factory=list)

    @property
    def period(self) -> Period:
        return self.ask.period


class _Deals:
    """See `kith.insight.deals`."""

    title, record, needed = gettext_lazy("Deals"), "deal", measures.NEEDED

    @staticmethod
    def begin(source: Source) -> tuple[tuple[Measure, ...], dict[str, Any]]:
        return deals.measures_for(source), tables.offered(source)

    @staticmethod
    def work_out(out: Result, parts: frozenset[str]) -> None:
        source, period = out.source, out.period
        now: deals.Row | None = None
        if parts & {"totals", "trend"}:
            now, then = deals.totals(source, period)
            before, span = period.before(), times.window(period, now["latest"])
            periods = [period] if before is None else [period, before]
            purses, monthly = deals.purses(source, periods, span)
            reader = deals.Reader(source)
            out.figures = reader.figures(now, purses[0], period)
            if before is not None:
                out.before = reader.figures(then, purses[1], before)
            if "trend" in parts:
                out.trend = times.trend(reader, span, monthly)
        if "tables" in parts:
            for key in _wanted(out):
                out.tables[key] = tables.make_table(source, period, out.dimensions[key], sort=out.ask.sort,
                                                    limit=out.ask.limit, offset=out.ask.offset, now=now)  # fmt: skip
        if "stages" in parts and stages.offered(source):
            out.stages = stages.stage_rows(source, period)
        if "snapshot" in parts and stages.offered(source):
            out.snapshot = snapshots.snapshot(source, period)


class _Activity:
    """See `kith.insight.activity`."""

    title, record, needed = gettext_lazy("Activity"), "activity", activity.NEEDED

    @staticmethod
    def begin(source: Source) -> tuple[tuple[Measure, ...], dict[str, Any]]:
        dimensions = (d for d in activity.DIMENSIONS if isinstance(d, tables.TimeDimension) or d.offered(source))
        return activity.MEASURES, {d.key: d for d in dimensions}

    @staticmethod
    def work_out(out: Result, parts: frozenset[str]) -> None:
        source, period = out.source, out.period
        if "totals" in parts:
            now, then = activity.totals(source, period)
            out.figures, before = activity.figures(source, now, period), period.before()
            if before is not None:
                out.before = activity.figures(source, then, before)
        if "trend" in parts:
            out.trend = activity.trend(source, period)
        if "tables" in parts:
            for key in _wanted(out):
                out.tables[key] = activity.make_table(source, period, out.dimensions[key], sort=out.ask.sort,
                                                      limit=out.ask.limit, offset=out.ask.offset)  # fmt: skip


REPORTS: dict[str, Any] = {"deals": _Deals, "activity": _Activity}


def report_named(name: str) -> Any:
    """Raises NotFound naming those there are."""
    if name not in REPORTS:
        raise NotFound(
            _("There is no report “%(name)s”; there are %(known)s.") % {"name": name[:40], "known": ", ".join(REPORTS)}
        )
    return REPORTS[name]


def make(name: str, actor: Actor, ask: Ask, parts: frozenset[str] = PARTS, *, strict: bool = True) -> Result:
    """The report as this actor may see it. Raises NotFound, NotAllowed, Invalid; and Invalid when it takes too long.

    strict: refuse a filter of which a part cannot be used. A page leaves that part out and shows it struck through.
    """
    report = report_named(name)
    record = registry[report.record]
    actor.require(f"{record.name}.see")
    source = Source(record, actor, ask.tree)
    source.require(*report.needed)
    if strict:
        source.require_sound()
    found, dimensions = report.begin(source)
    for key in ask.by or ():
        if key not in dimensions:
            raise Invalid(_("This report cannot compare by “%(key)s”; known: %(known)s.") % {
                "key": key[:40], "known": ", ".join(dimensions)}, "by")  # fmt: skip
    out = Result(name, source, ask, found, dimensions)
    with _one_moment():
        report.work_out(out, parts)
    return out


def _wanted(out: Result) -> tuple[str, ...]:
    return tuple(out.dimensions) if out.ask.by is None else out.ask.by


@contextmanager
def _one_moment() -> Iterator[None]:
    """All queries see the same state of the data, so that figures agree with each other, and none runs for ever."""
    if connection.in_atomic_block:
        yield
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
                f"SET LOCAL statement_timeout = '{SECONDS}s'; SET LOCAL work_mem = '{SORTING}'"
            )
            yield
    except DatabaseError as problem:
        if getattr(problem.__cause__, "sqlstate", "") != "57014":
            raise
        raise Invalid(
            _("This report took longer than %s seconds and was given up; choose a shorter period or a narrower filter.")
            % SECONDS,
            "period",
        ) from problem


# --- asking ---------------------------------------------------------------------------------------------------------


def read_ask(params: Mapping[str, str], default: str = ALL, *, limit: int = MOST) -> Ask:
    """From `period`, `from`, `to`, `filter`, `by`, `sort`, `limit` and `offset`. Raises Invalid for the first that is wrong."""
    by = [key.strip() for key in params.get("by", "").split(",") if key.strip()]
    return Ask(
        read_period(params, default), parse(params.get("filter", "")), None if not by or by == ["all"] else tuple(dict.fromkeys(by)),
        params.get("sort", "").strip(), _whole(params, "limit", limit, 1, MOST), _whole(params, "offset", 0, 0, 10_000_000),
    )  # fmt: skip


def _whole(params: Mapping[str, str], name: str, otherwise: int, low: int, high: int) -> int:
    text = params.get(name, "").strip()
    if not text:
        return otherwise
    if not text.isdecimal() or not low <= int(text[:12]) <= high:
        raise Invalid(
            _("%(name)s is a whole number from %(low)s to %(high)s.") % {"name": name, "low": low, "high": high}, name
        )
    return int(text)


def lenient(params: Mapping[str, str], default: str) -> tuple[Ask, list[str]]:
    """The same for a page, which leaves out what it cannot read and says so."""
    asked, problems = dict(params), []
    while True:
        try:
            return read_ask(asked, default, limit=PAGE), problems
        except KithError as problem:
            problems.append(problem.message)
            field = getattr(problem, "field", "") or "filter"
            gone = ("from", "to") if field in ("from", "to") else (field,)
            asked = {k: v for k, v in asked.items() if k not in gone}


def params_of(ask: Ask) -> dict[str, str]:
    """The parameters of an address that asks the same."""
    out = ask.period.params()
    if ask.tree:
        out["filter"] = to_text(ask.tree)
    if ask.by:
        out["by"] = ",".join(ask.by)
    if ask.sort:
        out["sort"] = ask.sort
    return out


def changed(ask: Ask, **changes: Any) -> Ask:
    return replace(ask, **changes)


# --- as data --------------------------------------------------------------------------------------------------------


def as_json(out: Result) -> dict[str, Any]:
    """The whole report for programs; what a page shows, and no other numbers."""
    period, before = out.period, out.period.before()
    return {
        "report": out.name, "period": period.as_json(), "compared_with": before.as_json() if before else None,
        "filter": to_text(out.ask.tree),
        "figures": {
            key: {**f.measure.as_json(), **f.as_json(), "before": out.before[key].as_json() if key in out.before else None}
            for key, f in out.figures.items()
        },
        "tables": {key: _table_json(table) for key, table in out.tables.items()},
        **({"stages": _stages_json(out)} if out.stages else {}),
        **({"snapshot": _snapshot_json(out.snapshot)} if out.snapshot else {}),
        "trend": [_row_json(row) for row in out.trend],
        "definitions": {x.key: x.as_json() for x in defined(out)},
    }  # fmt: skip


def _table_json(table: Table) -> dict[str, Any]:
    return {
        "label": str(table.dimension.label), "total": table.total, "offset": table.offset, "sort": table.sort,
        "rows": [_row_json(row) for row in table.rows],
    }  # fmt: skip


def _row_json(row: TableRow) -> dict[str, Any]:
    return {"key": row.key or None, "label": row.label, "figures": {k: f.as_json() for k, f in row.figures.items()}}


def defined(out: Result) -> tuple[Measure, ...]:
    """Every measure that the report shows."""
    then = out.snapshot is not None and out.snapshot.rows
    return (*out.measures, *(stages.MEASURES if out.stages else ()), *(snapshots.MEASURES if then else ()))


def _stages_json(out: Result) -> dict[str, Any]:
    return {"cohort": _("Deals opened in the period: %s") % out.period.name(), "rows": _stage_rows(out.stages)}


def _snapshot_json(then: snapshots.Snapshot) -> dict[str, Any]:
    """`at`: the day at whose beginning they stood there, `to`: the day at whose end is told what became of them."""
    return {"at": then.at.isoformat(), "to": then.last.isoformat(), "rows": _stage_rows(then.rows)}


def _stage_rows(rows: list[stages.StageRow]) -> list[dict[str, Any]]:
    return [
        {"key": r.stage.pk, "label": r.stage.name, "pipeline": r.stage.pipeline.name,
         "figures": {k: f.as_json() for k, f in r.figures.items()}}
        for r in rows
    ]  # fmt: skip
