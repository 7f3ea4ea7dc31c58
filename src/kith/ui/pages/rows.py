"""Rows of a list as templates draw them: heads with their sort links, cells as markup, what a narrow screen keeps.

The in-place editor answers with the inside of one cell (`cell_inside`), so that a value looks the same before and after
it was changed. Nothing here queries, except for names of linked rows that the reader may not see.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup

from kith.kernel.kinds import Kind, Many, Moment
from kith.kernel.lookups.look import Look
from kith.kernel.records.columns import Column
from kith.ui.filters import duration, full
from kith.ui.markup import glued
from kith.ui.pages.base import base_url
from kith.ui.pages.show import NONE_UNSEEN, Unseen, render_value, unseen_links

PORTRAITS = ("people", "person")  # types with one of these icons are people: their names stand beside an avatar
DUE = "next_step_at"  # kept by the kernel for every followed type
CELL = Markup("<td>")
EMPTY = Markup('<span class="faint">–</span>')


@dataclass(frozen=True)
class Head:
    """A column's head. `sort`: "ascending" or "descending" when it is the one sorted by; `edit`: key of editable cells;
    `td`: the tag that each of its cells begins with."""

    key: str
    label: str
    cls: str
    num: bool
    href: str | None
    sort: str | None
    edit: str
    td: Markup = CELL


@dataclass(frozen=True)
class RowView:
    """`cells`: all cells but the first, as markup."""

    pk: int
    name: str
    href: str
    cells: Markup


def heads(look: Look, *, editable: bool) -> list[Head]:
    """The heads of the shown columns; `editable`: may this reader change values here."""
    writable = look.record.writable(look.actor) if editable else {}
    folds = _folds(look.shown, look.sort.column)
    nameless = [] if look.title else [Head("", look.record.label, "fold-1", False, None, None, "")]
    return nameless + [_head(look, column, folds.get(column.key, ""), column.key in writable) for column in look.shown]


def _head(look: Look, column: Column, fold: str, writable: bool) -> Head:
    cls, num = _classes(column, fold), column.kind.align == "end"
    edit = column.key if writable and inline(column) else ""
    names = " ".join(filter(None, ("num" if num else "", cls)))
    td = Markup("<td{}{}>").format(
        Markup(' class="{}"').format(names) if names else "", Markup(' data-edit="{}"').format(edit) if edit else ""
    )
    return Head(column.key, column.label, cls, num, _sort_href(look, column), _aria(look, column), edit, td)


def row_views(look: Look, rows: Iterable[Any], heads: list[Head]) -> list[RowView]:
    """The rows as markup; the first column is the row's name and leads to its page.

    The cells of a row are joined here: a list has some four hundred, and a template pays for each piece it is handed.
    """
    rows = list(rows)
    base, others = base_url(look.record), look.shown[1:] if look.title else look.shown
    unseen, end = unseen_links(look.actor, others, rows), Markup("</td>")
    cells = [(column, head.td) for column, head in zip(others, heads[1:], strict=True)]
    return [
        RowView(
            row.pk, row_name(look, row), f"{base}{row.pk}",
            glued(part for column, td in cells for part in (td, cell_inside(column, row, unseen), end)),
        )
        for row in rows
    ]  # fmt: skip


def row_name(look: Look, row: Any) -> str:
    """What the row is called; its number where the name is empty or hidden from the reader."""
    name = str(look.record.name_of(row)).strip() if look.title else ""
    return name or f"{look.record.label} {row.pk}"


def cell_inside(column: Column, row: Any, unseen: Unseen = NONE_UNSEEN) -> Markup:
    """The inside of a cell that is not the row's name."""
    if column.key == DUE and (late := _late(column.get(row))):
        return late
    return render_value(column, row, brief=True, unseen=unseen) or EMPTY


def inline(column: Column) -> bool:
    """Can a value of this column be typed into one field of a list? Addresses need more room."""
    return column.kind.widget != "addresses"


def has_portraits(record: Any) -> bool:
    return record.icon in PORTRAITS


def _late(value: dt.datetime | None) -> Markup | None:
    """How late a step is, in words and in red; None when it is not."""
    if value is None or value >= timezone.now():
        return None
    gone = timezone.now() - value
    # Translators: so long overdue, for example "late 8 days"
    words = _("late %s") % duration(_roughly(gone))
    return Markup('<time class="tone" data-tone="late" datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), full(value), words
    )


def _roughly(length: dt.timedelta) -> dt.timedelta:
    """In one unit: whole days, hours or minutes."""
    seconds = int(length.total_seconds())
    unit = next((u for u in (86400, 3600) if seconds >= u), 60)
    return dt.timedelta(seconds=max(seconds // unit, 1) * unit)


def _classes(column: Column, fold: str) -> str:
    return f"{fold} quiet".strip() if column.key in ("owner", "team") else fold


def _folds(shown: list[Column], sorted_by: Column | None) -> dict[str, str]:
    """What two lines of a phone show: name, the value sorted by, and the first two other columns."""
    rest = shown[1:]
    corner = next((c for c in rest if c is sorted_by), None) or next(
        (c for c in rest if isinstance(c.kind, Moment)), None
    )
    corner = corner or next((c for c in rest if c.kind.align == "end"), None)
    others = [c for c in rest if c is not corner]
    found = {shown[0].key: "fold-1"} if shown else {}
    if corner is not None:
        found[corner.key] = "fold-4"
    found.update({c.key: name for c, name in zip(others, ("fold-3", "fold-2"), strict=False)})
    return found


def _descends_first(kind: Kind) -> bool:
    """Figures and dates are looked at from the largest and newest, words from A."""
    return kind.align == "end"


def _sort_href(look: Look, column: Column) -> str | None:
    if not column.sortable or isinstance(column.kind, Many):
        return None
    now = look.sort
    descending = not now.descending if now.column is column else _descends_first(column.kind)
    sort = ("-" if descending else "") + column.key
    return "?" + look.query(look.state.changed(sort="" if sort == look.record.sort else sort))


def _aria(look: Look, column: Column) -> str | None:
    if look.sort.column is not column:
        return None
    return "descending" if look.sort.descending else "ascending"


def sorted_words(look: Look) -> tuple[str, str]:
    """(column, order) in words: ("last touch", "newest first"); empty when sorted by number of the row."""
    column, down = look.sort.column, look.sort.descending
    if column is None:
        return "", ""
    if column.kind.widget in ("date", "datetime"):
        order = _("newest first") if down else _("oldest first")
    elif column.kind.align == "end":
        order = _("largest first") if down else _("smallest first")
    else:
        order = _("Z to A") if down else _("A to Z")
    return column.label.lower(), order
