"""Rows as a file: the same for the page, the command line and the API. Streamed, so any number costs the same memory.

What is exported is what the actor may see: row scope, hidden columns, and no names of linked rows out of reach. Every
export is an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.intake.writers import CONTENT_TYPES, csv_chunks, jsonl_chunks, write_xlsx
from kith.kernel.kinds import Link, Money
from kith.kernel.lookups.directory import fill_in, joined
from kith.kernel.lookups.events import Exported
from kith.kernel.lookups.look import Look
from kith.kernel.lookups.tree import to_text
from kith.kernel.records.columns import Column
from kith.kernel.records.lean import lean_listing
from kith.kernel.records.reach import Unseen, hides, unseen_links
from kith.kernel.timeline.write import Entry, write_events

CHUNK = 1000  # rows fetched at a time
FORMATS = tuple(CONTENT_TYPES)


@dataclass(frozen=True)
class Export:
    """What leaves: rows of a look (or of a selection within its type), these columns, in this format."""

    look: Look
    rows: QuerySet[Any]
    columns: list[Column]
    format: str

    @property
    def headers(self) -> list[str]:
        """Keys where programs read, labels where people do."""
        return [c.key if self.format == "jsonl" else c.label for c in self.columns]

    @property
    def file_name(self) -> str:
        return f"{self.look.record.slug}.{self.format}"


def export_columns(look: Look, *, every: bool = False, keys: Sequence[str] = ()) -> list[Column]:
    """The id, then the columns shown, or every exportable one, or those of `keys`. An amount never leaves without its
    currency. Raises Invalid for a key that names none."""
    able = {k: c for k, c in look.columns.items() if "export" in c.facts.faces}
    if unknown := [k for k in keys if k not in able]:
        words = {"key": unknown[0], "all": ", ".join(able)}
        raise Invalid(_("There is no column “%(key)s” to export; there are: %(all)s.") % words, "columns")
    chosen = [able[k] for k in keys] or (list(able.values()) if every else [c for c in look.shown if c.key in able])
    out: list[Column] = [able["id"]] if "id" in able else []
    for column in chosen:
        out.append(column)
        if isinstance(column.kind, Money) and column.kind.currency in able:
            out.append(able[column.kind.currency])
    return list(dict.fromkeys(out))


def prepare_export(
    look: Look, format: str, *, every: bool = False, keys: Sequence[str] = (), rows: QuerySet[Any] | None = None
) -> Export:
    """Check right, format and filter, and put the trail. Raises NotAllowed, Invalid."""
    look.actor.require(f"{look.record.name}.export")
    if format not in FORMATS:
        raise Invalid(
            _("There is no format “%(name)s”; there are %(all)s.") % {"name": format, "all": ", ".join(FORMATS)},
            "format",
        )
    if rows is None and not look.sound:
        why = look.compiled.broken[0][1] if look.compiled.broken else look.problems[0]
        raise Invalid(_("A part of this filter cannot be used, so nothing was exported: %s") % why, "filter")
    export = Export(
        look, look.everything if rows is None else rows, export_columns(look, every=every, keys=keys), format
    )
    note(export)
    return export


def note(export: Export) -> None:
    """Who took what, before the first row leaves."""
    look = export.look
    said = Exported(
        count=export.rows.order_by().count(), format=export.format, filter=to_text(look.state.tree)[:2000],
        query=look.state.query, columns=" ".join(c.key for c in export.columns)[:2000],
    )  # fmt: skip
    with transaction.atomic():
        write_events([Entry(look.record.name, 0, said)], look.actor)


def chunks(export: Export) -> Iterator[bytes]:
    """The file, piece by piece. A workbook is finished on disk first, because its parts are known only at the end."""
    rows = values(export)
    if export.format == "csv":
        yield from csv_chunks(rows, export.headers, bom=True)
    elif export.format == "jsonl":
        yield from jsonl_chunks(rows, export.headers)
    else:
        yield from _workbook(export, rows)


def _workbook(export: Export, rows: Iterable[list[Any]]) -> Iterator[bytes]:
    with TemporaryFile() as file:
        write_xlsx(
            rows, export.headers, file, sheet=str(export.look.record.plural), time_zone=timezone.get_current_timezone()
        )
        file.seek(0)
        while piece := file.read(64 * 1024):
            yield piece


def values(export: Export) -> Iterator[list[Any]]:
    """Cell values of every row, in the order of the list; a chunk of rows in memory at a time."""
    look, columns = export.look, export.columns
    typed = export.format == "jsonl"
    rows = lean_listing(look.record, export.rows, joined(columns), columns)
    source = ordered(look, rows).iterator(chunk_size=CHUNK)
    while batch := list(islice(source, CHUNK)):
        fill_in(columns, batch)
        unseen = unseen_links(look.actor, columns, batch)
        for row in batch:
            yield [_value(column, row, unseen, typed) for column in columns]


def ordered(look: Look, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows in the list's order."""
    down = look.sort.descending
    if look.sort.column is None:
        return rows.order_by("-pk" if down else "pk")
    key = look.sort.column.sorting()
    return rows.order_by(key.desc(nulls_last=True) if down else key.asc(nulls_last=True), "-pk" if down else "pk")  # type: ignore[union-attr, attr-defined]


def _value(column: Column, row: Any, unseen: Unseen, typed: bool) -> Any:
    if unseen and hides(column, row, unseen):
        return None
    if column.custom and isinstance(column.kind, Link):
        data = column.raw(row)
        return data if typed or not isinstance(data, dict) else data.get("name")
    return column.raw(row) if typed else column.kind.export(column.get(row))
