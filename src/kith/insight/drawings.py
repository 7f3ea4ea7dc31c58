"""What the drawings of the report on deals need: series, columns and bars, each with its finding and its table.

Every number in a table behind a drawing links to its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from kith.insight import findings
from kith.insight.figures import Figure, TableRow
from kith.insight.reports import Result
from kith.insight.stages import StageRow
from kith.kernel.money.amounts import show_money, symbol
from kith.kernel.money.queries import home
from kith.ui.filters import number, share

YEAR = 12


@dataclass(frozen=True)
class Drawing:
    """`kind` is the macro; `label` says it all for ears; `head` and `rows` are the table behind it."""

    key: str
    kind: str
    title: str
    hint: str
    label: str
    head: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)
    unit: str = ""


def linked(figure: Figure, text: str = "") -> Markup:
    """A figure in words, linked to its rows."""
    return (
        Markup('<a href="{}">{}</a>').format(figure.rows, text or figure.show())
        if figure.rows
        else Markup("{}").format(figure.show())
    )


def deal_drawings(out: Result) -> list[Drawing]:
    """In the order in which they stand."""
    year, before = out.trend[-YEAR:], out.trend[:-YEAR]
    return [*_along_time(year, before), *_stages(out)]


def _along_time(year: list[TableRow], before: list[TableRow]) -> list[Drawing]:
    return [_win_rate(year, before), _value(year)] if year else []


def _ticks(rows: Sequence[TableRow]) -> list[str]:
    """Every second month, so that words do not touch."""
    return [row.label.rpartition(" ")[0] if n % 2 == 1 else "" for n, row in enumerate(rows)]


def _percent(row: TableRow) -> float | None:
    value = row.figures["win_rate"].value
    return None if value is None else round(float(value) * 100, 1)


def _win_rate(year: list[TableRow], before: list[TableRow]) -> Drawing:
    rates, then = [_percent(r) for r in year], [_percent(r) for r in before]
    last = next((r for r in reversed(year) if r.figures["win_rate"].value is not None), None)
    running = last is year[-1] and year[-1].narrow["period"].running
    words = "" if last is None else last.figures["win_rate"].show()
    series = [{"label": _("%s so far") % words if running else words, "values": rates}]
    if any(v is not None for v in then):
        series.append({"label": _("year before"), "values": then, "compare": True})
    title = findings.of_win_rate(year, before)
    rows = [
        (y.label, *(linked(y.figures[k]) for k in ("won", "lost", "win_rate")), linked(b.figures["win_rate"]))
        for y, b in zip(year, before, strict=True)
    ]
    head = (_("Month"), _("Won"), _("Lost"), _("Win rate"), _("Year before"))
    return Drawing(
        "win-rate",
        "line",
        title,
        _("Won of all deals closed, by month"),
        _("Win rate by month. %s.") % title,
        head,
        rows,
        series,
        _ticks(year),
        "%",
    )


def _value(year: list[TableRow]) -> Drawing:
    """Won value by month; the number of deals where there is no value to show in one currency."""
    figures = [r.figures.get("won_value", r.figures["won"]) for r in year]
    codes = {f.totals.currency for f in figures if f.totals and f.totals.by_currency}
    if len(codes) <= 1 and all(f.totals and f.value is not None for f in figures):
        code = next(iter(codes), home())
        amounts: list[Any] = [f.value for f in figures]
        words, unit, what = [show_money(a, code) for a in amounts], symbol(code), _("Value of the deals won, by month")
    else:
        amounts = [r.figures["won"].count for r in year]
        words, unit, what = [number(n) for n in amounts], "", _("Deals won, by month")
    title = findings.of_months(
        [(r.label, float(a), w) for r, a, w in zip(year, amounts, words, strict=True)],
        _("Nothing was won in these twelve months"),
    )
    items = [
        {"label": r.label.rpartition(" ")[0], "value": a, "text": w}
        for r, a, w in zip(year, amounts, words, strict=True)
    ]
    rows = [
        (r.label, linked(r.figures["won"]), *((linked(r.figures["won_value"]),) if "won_value" in r.figures else ()))
        for r in year
    ]
    head = (_("Month"), _("Won"), *((_("Won value"),) if "won_value" in year[0].figures else ()))
    return Drawing("won-value", "columns", title, what, f"{what}. {title}.", head, rows, items, unit=unit)


def _stages(out: Result) -> list[Drawing]:
    """The pipeline that most deals of the cohort went through; the table has all of them."""
    by_pipeline: dict[int, list[StageRow]] = {}
    for row in out.stages:
        by_pipeline.setdefault(row.stage.pipeline_id, []).append(row)
    lines = sorted(by_pipeline.values(), key=lambda rows: -rows[0].figures["reached"].count)
    if not lines or not lines[0][0].figures["reached"].count:
        return []
    line = lines[0]
    name = line[0].stage.pipeline.name if len(lines) > 1 else ""
    cohort = _("Deals opened: %s") % out.period.name()
    hint = f"{name} · {cohort}" if name else cohort
    return [_funnel(line, hint), _time(line, hint)]


def _funnel(line: list[StageRow], hint: str) -> Drawing:
    whole, title = line[0].figures["reached"].count, findings.of_funnel(line)
    items = [
        {
            "label": r.stage.name,
            "text": linked(r.figures["reached"]),
            "share": share(r.figures["reached"].count, whole),
            "between": _between(r),
        }
        for r in line
    ]
    return Drawing("funnel", "bars", title, hint, _("How far the deals came"), items=items)


def _between(row: StageRow) -> Markup:
    f = row.figures
    said = escape(_("%(share)s went on, %(lost)s lost here, %(open)s not decided"))
    return said % {
        "share": linked(f["went_on"], f["conversion"].show()),
        "lost": linked(f["lost_here"]),
        "open": linked(f["still_here"]),
    }


def _time(line: list[StageRow], hint: str) -> Drawing:
    longest = max((float(r.figures["stage_median"].value or 0) for r in line), default=0)
    items = []
    for r in line:
        f = r.figures["stage_median"]
        nine = r.figures["stage_p90"]
        items.append({
            "label": r.stage.name, "text": linked(f) if f.value is not None else "–", "share": share(f.value or 0, longest), "quiet": f.small,
            "between": _("nine in ten within %(days)s; %(cases)s deals") % {"days": nine.show(), "cases": f.count} if f.value is not None else "",
        })  # fmt: skip
    return Drawing("time", "bars", findings.of_time(line), hint, _("Median days in each stage"), items=items)


def activity_drawings(out: Result) -> list[Drawing]:
    """The last twelve months, and people beside each other."""
    year = out.trend[-YEAR:]
    drawn = []
    if year:
        rows = [(r.label, float(r.figures["everything"].count), r.figures["everything"].show()) for r in year]
        title = findings.of_months(rows, _("Nothing was done in these twelve months"))
        items = [{"label": r.label.rpartition(" ")[0], "value": r.figures["everything"].count} for r in year]
        keys = [m.key for m in out.measures]
        table = [(r.label, *(linked(r.figures[k]) for k in keys)) for r in year]
        what = _("Calls, meetings, notes and finished tasks, by month")
        drawn.append(
            Drawing(
                "months",
                "columns",
                title,
                what,
                f"{what}. {title}.",
                (_("Month"), *(str(m.label) for m in out.measures)),
                table,
                items,
            )
        )
    people = out.tables["person"].rows if "person" in out.tables else []
    if people:
        most = max(r.figures["everything"].count for r in people)
        items = [
            {
                "label": r.label,
                "text": linked(r.figures["everything"]),
                "share": share(r.figures["everything"].count, most),
            }
            for r in people[:8]
        ]
        title = findings.of_people(people, "everything")
        drawn.append(Drawing("people", "bars", title, out.period.name(), _("What each person did"), items=items))
    return drawn
