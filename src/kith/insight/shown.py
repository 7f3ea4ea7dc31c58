"""What the page of a report shows, from a report worked out: words, links and rows for the template. Nothing queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup, escape

from kith.insight import findings, snapshots, stages
from kith.insight.drawings import YEAR, activity_drawings, deal_drawings, linked
from kith.insight.figures import DAYS, SHARE, Figure, Measure, TableRow, short_days
from kith.insight.period import CUSTOM, PRESETS, Period
from kith.insight.places import beside
from kith.insight.reports import REPORTS, Ask, Result, changed, defined, params_of
from kith.insight.source import SAFE, Source
from kith.insight.tables import PAGE, Table
from kith.kernel.kinds.time import Day
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, to_text
from kith.kernel.lookups.views import ALL, ViewOffer
from kith.ui.filters import number, percent
from kith.ui.pages.frame import Chip, chips, problems

HEADLINES = {
    "deals": ("win_rate", "won", "won_value", "cycle_median", "lost", "open"),
    "activity": ("calls", "meetings", "notes", "tasks", "everything"),
}


@dataclass(eq=False)
class ReportLook(Look):
    """A look whose addresses are those of a report: period, comparison and sort stay when the filter changes."""

    name: str = ""
    ask: Any = None

    @classmethod
    def of(cls, name: str, source: Source, ask: Ask) -> ReportLook:
        whole = ViewOffer(ALL, "", ListState())
        return cls(source.record, source.actor, [whole], whole, ListState(ask.tree), name=name, ask=ask)

    @property
    def base(self) -> str:
        return f"/reports/{self.name}/"

    def params(self, state: ListState | None = None, **more: str) -> dict[str, str]:
        tree = (state or self.state).tree
        return {**params_of(changed(self.ask, tree=Group())), **({"filter": to_text(tree)} if tree else {}), **more}

    def narrowed_to(self, tree: Group) -> ReportLook:
        return ReportLook.of(self.name, Source(self.record, self.actor, tree), changed(self.ask, tree=tree))

    def address(self) -> str:
        return f"{self.base}?{self.query()}"

    def hows(self) -> list[tuple[str, str]]:
        return [("all", _("all of these")), ("any", _("any of these")), ("not", _("none of these"))]

    def chips(self) -> list[Chip]:
        return [replace(c, edit=f"{self.base}filter/?{self.query(at=str(n))}") for n, c in enumerate(chips(self))]


def address(out: Result, **changes: Any) -> str:
    return f"/reports/{out.name}/?{urlencode(params_of(changed(out.ask, **changes)), safe=SAFE)}"


def page_context(out: Result, chosen: str) -> dict[str, Any]:
    """Everything around and above the table, and the table."""
    look = ReportLook.of(out.name, out.source, out.ask)
    before = out.period.before()
    return {
        **table_context(out, chosen), "out": out, "look": look, "base": look.base, "query": look.query(),
        "title": out.period.title(), "says": says(out.period, before), "chips": look.chips(), "broken": problems(look),
        "tabs": [
            *({"label": str(r.title), "href": address_of(name, out), "current": name == out.name} for name, r in REPORTS.items()),
            *beside(),
        ],
        "periods": [(str(words), address(out, period=replace(out.period, key=key), offset=0), key == out.period.key) for key, words in PRESETS.items()],
        "headlines": [headline(out, key, before) for key in HEADLINES[out.name] if key in out.figures],
        "drawings": deal_drawings(out) if out.name == "deals" else activity_drawings(out),
        "stages": stage_context(out), "definitions": definitions(out), "empty": empty(out),
        "custom": out.period.key == CUSTOM,
    }  # fmt: skip


def address_of(name: str, out: Result) -> str:
    """The same period in another report."""
    return f"/reports/{name}/?{urlencode(out.period.params())}" if name != out.name else address(out)


def says(period: Period, before: Period | None) -> str:
    """ "1 January to 12 March 2026, against the quarter before. 19 days left." """
    if before is None:
        return period.days()
    words = _("%(days)s, against %(before)s.") % {"days": period.days(), "before": before_words(period)}
    return f"{words} {period.left()}".strip()


def before_words(period: Period) -> str:
    named = {1: _("the month before"), 3: _("the quarter before"), 12: _("the year before")}
    if period.months in named:
        return named[period.months]
    if period.months:
        return _("the %s months before") % period.months
    days = (period.end - period.start).days + 1 if period.start and period.end else 0
    return ngettext("the day before", "the %s days before", days) % (() if days == 1 else days)


def fallback_words(period: Period) -> str:
    return _("Nothing ended in %s yet, so this is all time.") % period.name()


# --- figures --------------------------------------------------------------------------------------------------------


def headline(out: Result, key: str, before: Period | None) -> dict[str, Any]:
    """One headline figure: value and unit apart, what it was before, its little line."""
    figure = out.figures[key]
    value, unit = figure.show(), None
    if figure.measure.unit == SHARE and figure.value is not None:
        value, unit = percent(figure.value, 0).split()[0], "%"
    elif figure.measure.unit == DAYS and figure.value is not None:
        value, unit = short_days(float(figure.value)), _("days")
    change, tone = findings.change(figure, out.before[key]) if before is not None else ("", None)
    label = Markup('<a class="plain-link" href="#what-{}">{}</a>').format(key, figure.measure.label)
    return {
        "label": label, "value": value, "unit": unit, "href": figure.rows or None, "change": change, "tone": tone,
        "versus": _versus(out, key, change), "values": _spark(out, key), "definition": f"{figure.measure.says} {figure.note()}".strip(),
        "small": figure.small,
    }  # fmt: skip


def _versus(out: Result, key: str, change: str) -> Markup | str:
    """What it is compared with, linked to its rows; else how many cases it rests on."""
    figure, then = out.figures[key], out.before.get(key)
    cases = (
        ngettext("of %s deal", "of %s deals", figure.count) % number(figure.count)
        if figure.measure.unit in (SHARE, DAYS)
        else ""
    )
    if then is None or (then.value is None and then.totals is None):
        return escape(cases or figure.note())
    if change:
        return Markup("{} {}, {}").format(_("on"), linked(then), cases)
    return Markup("{} {}").format(linked(then), before_words(out.period))


def _spark(out: Result, key: str) -> list[float] | None:
    """The last twelve months of it, where a line can be drawn."""
    values = [r.figures[key].value for r in out.trend[-YEAR:] if key in r.figures]
    known = [float(v) for v in values if v is not None]
    return known if len(known) > 2 and len(set(known)) > 1 else None


# --- tables ---------------------------------------------------------------------------------------------------------


def table_context(out: Result, chosen: str = "") -> dict[str, Any]:
    """The table of the chosen comparison: heads that sort, rows, and what comes before and after them."""
    table = out.tables[chosen or next(reversed(out.tables))]
    key, shown = table.dimension.key, tuple(m for m in table.measures if not m.brief)
    here = {"by": (key,), "offset": 0}
    left = table.total - table.offset - len(table.rows)
    offsets = {
        "back": max(0, table.offset - PAGE) if table.offset else None,
        "next": table.offset + PAGE if left > 0 else None,
    }
    return {
        "table": table, "dimension": str(table.dimension.label),
        "by_tabs": [
            {"label": str(d.label), "href": address(out, by=(d.key,), sort="", offset=0) + "#table", "current": d.key == key}
            for d in out.dimensions.values()
        ],
        "heads": [_head(out, table, "name", str(table.dimension.label), here), *(_head(out, table, m.key, str(m.label), here) for m in shown)],
        "rows": [_row(out, table, row, [m.key for m in shown]) for row in table.rows],
        "pages": {name: address(out, by=(key,)) + f"&offset={at}#table" if at is not None else None for name, at in offsets.items()},
        "from_to": (table.offset + 1, table.offset + len(table.rows), table.total),
        "export": address(out, by=(key,)).replace("/?", "/export?", 1), "may_export": out.source.actor.can(f"{out.source.record.name}.export"),
        "export_formats": (("csv", "CSV"), ("xlsx", "XLSX"), ("json", "JSON")),
    }  # fmt: skip


def _head(out: Result, table: Table, key: str, label: str, here: dict[str, Any]) -> dict[str, Any]:
    """Names ascend first, figures descend first; a second click turns them round."""
    first = key if key == "name" else f"-{key}"
    current = table.sort.removeprefix("-") == key
    wanted = (key if table.sort.startswith("-") else f"-{key}") if current else first
    order = ("descending" if table.sort.startswith("-") else "ascending") if current else None
    return {
        "label": label,
        "href": address(out, **{**here, "sort": wanted}) + "#table",
        "sort": order,
        "num": key != "name",
    }


def _row(out: Result, table: Table, row: TableRow, keys: list[str]) -> dict[str, Any]:
    narrow: dict[str, Any] = {}
    if "parts" in row.narrow:
        tree = out.ask.tree
        base = tree.parts if tree.how == "all" else (tree,)
        narrow = {"tree": Group("all", (*base, *row.narrow["parts"]))}
    elif "period" in row.narrow:
        narrow = {"period": row.narrow["period"]}
    href = address(out, **narrow, by=None, sort="", offset=0) if narrow else None
    return {"label": row.label, "href": href, "cells": [cell(row.figures[k]) for k in keys]}


def cell(figure: Figure) -> dict[str, Any]:
    """A figure in a table: its words linked to its rows, the range of a share beside it, grey where few cases bear it."""
    beside = ""
    if figure.low is not None and figure.high is not None:
        beside = f"{percent(figure.low).split()[0]}–{percent(figure.high).split()[0]}"
    elif figure.small and figure.count:
        beside = f"n={number(figure.count)}"
    return {
        "text": linked(figure) if figure.count else figure.show(),
        "note": figure.note(),
        "small": figure.small,
        "beside": beside,
    }


def stage_context(out: Result) -> dict[str, Any] | None:
    """The stages as a table of the cohort; the snapshot is fetched once the page stands, where the period has a beginning."""
    if not out.stages:
        return None
    return {
        "cohort": _stage_table(_("Cohort: deals opened, %s") % out.period.name(), stages.MEASURES, out.stages),
        "snapshot_url": address(out).replace("/?", "/standing/?", 1) if snapshots.stands(out.period) else "",
    }  # fmt: skip


def snapshot_context(out: Result) -> dict[str, Any] | None:
    """Who stood where as the period began, as a table; None where nobody did."""
    then = out.snapshot
    if then is None or not then.rows:
        return None
    said = {"from": Day().show(then.at), "to": Day().show(then.last)}
    hint = _("Snapshot: deals open as %(from)s began, and what had become of them by the end of %(to)s") % said
    return _stage_table(hint, snapshots.MEASURES, then.rows)


def _stage_table(hint: str, shown_as: tuple[Measure, ...], rows: list[stages.StageRow]) -> dict[str, Any]:
    shown = tuple(
        m
        for m in shown_as
        if not m.brief and (m is not snapshots.OPENED_AGAIN or any(r.figures[m.key].count for r in rows))
    )
    several = len({r.stage.pipeline_id for r in rows}) > 1
    return {
        "hint": hint, "heads": [str(m.label) for m in shown], "keys": [m.key for m in shown],
        "rows": [
            {"label": f"{r.stage.pipeline.name} / {r.stage.name}" if several else r.stage.name, "cells": [cell(r.figures[m.key]) for m in shown]}
            for r in rows
        ],
    }  # fmt: skip


def definitions(out: Result) -> list[dict[str, str]]:
    later = snapshots.MEASURES if out.stages and out.snapshot is None and snapshots.stands(out.period) else ()
    return [
        {"key": m.key, "label": str(m.label), "says": str(m.says), "formula": str(m.formula)}
        for m in (*defined(out), *later)
    ]


def empty(out: Result) -> dict[str, Any] | None:
    """Why there is nothing to see, and the one next move."""
    if any(f.count for f in out.figures.values()):
        return None
    whole, wider = Period("all", None, None, out.period.today), {"offset": 0}
    return {
        "filtered": bool(out.ask.tree), "whole": out.period.key == "all", "clear": address(out, tree=Group(), **wider),
        "all_time": address(out, period=whole, **wider), "new": f"/{out.source.record.slug}/new", "bring": f"/{out.source.record.slug}/import",
        "may_create": out.source.actor.can(f"{out.source.record.name}.create"), "may_import": out.source.actor.can(f"{out.source.record.name}.import"),
    }  # fmt: skip
