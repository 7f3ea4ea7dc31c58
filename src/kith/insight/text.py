"""A report as plain text, for terminals: figures first, then one table for each comparison, then the stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.insight import snapshots, stages
from kith.insight.figures import Figure, Measure
from kith.insight.reports import Result
from kith.insight.tables import Table
from kith.kernel.lookups.compile import say_tree
from kith.ui.filters import number

WIDEST = 32  # characters of a name in a table


def as_text(out: Result) -> str:
    return "\n".join(_lines(out)) + "\n"


def _lines(out: Result) -> Iterator[str]:
    yield f"{out.source.record.plural}: {out.period.title()}"
    if out.ask.tree:
        yield _("Only where %s") % say_tree(out.source.record, out.ask.tree, out.source.actor)
    yield ""
    before = out.period.before()
    rows = [(str(f.measure.label), _value(f), _then(out.before.get(key)), f.note()) for key, f in out.figures.items()]
    yield from _grid(("", out.period.name(), before.name() if before else "", ""), rows)
    for table in out.tables.values():
        yield ""
        yield from _table(table)
    if out.stages:
        yield ""
        yield _("Stages, of the deals opened in the period (cohort)")
        yield from _stages(stages.MEASURES, out.stages)
    if out.snapshot is not None and out.snapshot.rows:
        yield ""
        said = {"from": out.snapshot.at.isoformat(), "to": out.snapshot.last.isoformat()}
        yield _("Stages, of the deals open as %(from)s began, by the end of %(to)s (snapshot)") % said
        yield from _stages(snapshots.MEASURES, out.snapshot.rows)


def _stages(measures: Sequence[Measure], rows: Sequence[stages.StageRow]) -> Iterator[str]:
    shown = tuple(x for x in measures if not x.brief)
    several = len({r.stage.pipeline_id for r in rows}) > 1
    names = [f"{r.stage.pipeline.name} / {r.stage.name}" if several else r.stage.name for r in rows]
    cells = [(name, *(_value(r.figures[x.key]) for x in shown)) for name, r in zip(names, rows, strict=True)]
    yield from _grid(("", *(str(x.label) for x in shown)), cells)


def _table(table: Table) -> Iterator[str]:
    shown: tuple[Measure, ...] = tuple(x for x in table.measures if not x.brief)
    rows = [(row.label[:WIDEST], *(_value(row.figures[x.key]) for x in shown)) for row in table.rows]
    if not rows:
        yield _("%s: nothing in this period") % table.dimension.label
        return
    yield from _grid((str(table.dimension.label), *(str(x.label) for x in shown)), rows)
    left = table.total - table.offset - len(table.rows)
    if left > 0:
        yield ngettext("and %s more", "and %s more", left) % number(left)


def _value(figure: Figure) -> str:
    """The figure; in brackets where it rests on few cases."""
    return f"({figure.show()})" if figure.small and figure.value is not None else figure.show()


def _then(figure: Figure | None) -> str:
    return _value(figure) if figure is not None else ""


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell, figures to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    last = len(head) - 1
    for line in (head, *rows):
        cells = [
            cell.ljust(w) if n == 0 else cell if n == last and not head[last] else cell.rjust(w)
            for n, (cell, w) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
