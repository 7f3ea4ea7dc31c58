"""The table of a report as a file: every figure of it, also those that pages leave out. Each export leaves a trace."""

from __future__ import annotations

import json
from tempfile import TemporaryFile
from typing import Any

from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from kith.insight.reports import Ask, Result, as_json, changed, make
from kith.insight.tables import Table
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.intake.writers import CONTENT_TYPES, csv_chunks, write_xlsx
from kith.kernel.lookups.events import Exported
from kith.kernel.lookups.tree import to_text
from kith.kernel.timeline.write import Entry, write_events

FORMATS = ("csv", "xlsx", "json")
MOST = 100_000  # groups that fit in a file
TABLE = frozenset({"tables"})


def export_table(name: str, actor: Actor, ask: Ask, format: str) -> HttpResponseBase:
    """The file. Raises NotAllowed, and Invalid for an unknown format or more groups than a file may hold."""
    if format not in FORMATS:
        raise Invalid(
            _("There is no format “%(name)s”; there are %(all)s.") % {"name": format[:20], "all": ", ".join(FORMATS)},
            "format",
        )
    out = make(name, actor, changed(ask, limit=MOST, offset=0), TABLE)
    actor.require(f"{out.source.record.name}.export")
    table = next(iter(out.tables.values()))
    if table.total > MOST:
        raise Invalid(_("There are %(total)s rows and a file takes %(most)s; narrow the filter first.") % {
            "total": table.total, "most": MOST}, "filter")  # fmt: skip
    _note(out, table, format)
    response = _answer(out, table, format)
    response["Content-Disposition"] = f'attachment; filename="{name}-by-{table.dimension.key}.{format}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _note(out: Result, table: Table, format: str) -> None:
    """Who took what, before it leaves."""
    what = f"report {out.name} by {table.dimension.key}"
    said = Exported(count=len(table.rows), format=format, filter=to_text(out.ask.tree)[:2000], columns=what)
    with transaction.atomic():
        write_events([Entry(out.source.record.name, 0, said)], out.source.actor)


def _answer(out: Result, table: Table, format: str) -> HttpResponseBase:
    if format == "json":
        return HttpResponse(json.dumps(as_json(out), ensure_ascii=False, indent=2), content_type="application/json")
    heads, rows = sheet(table)
    if format == "csv":
        return StreamingHttpResponse(csv_chunks(rows, heads, bom=True), content_type=CONTENT_TYPES["csv"])
    file = TemporaryFile()  # noqa: SIM115 - the response closes it when it was sent
    write_xlsx(rows, heads, file, sheet=str(table.dimension.label))
    file.seek(0)
    return StreamingHttpResponse(iter(lambda: file.read(64 * 1024), b""), content_type=CONTENT_TYPES["xlsx"])


def sheet(table: Table) -> tuple[list[str], list[list[Any]]]:
    """Heads and rows. Beside a share stand its cases and range, beside an amount its currency."""
    heads = [str(table.dimension.label)]
    for m in table.measures:
        heads.append(str(m.label))
        if m.unit == "share":
            heads += [_("%s, cases") % m.label, _("%s, from") % m.label, _("%s, to") % m.label]
        elif m.unit == "money":
            heads.append(_("Currency"))
    rows = []
    for row in table.rows:
        cells: list[Any] = [row.label]
        for m in table.measures:
            figure = row.figures[m.key]
            cells.append(figure.plain())
            if m.unit == "share":
                cells += [figure.count, figure.low, figure.high]
            elif m.unit == "money":
                cells.append(figure.totals.currency if figure.totals and figure.value is not None else "")
        rows.append(cells)
    return heads, rows
