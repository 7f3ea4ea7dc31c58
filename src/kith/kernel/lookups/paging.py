"""Paging by key: a page costs the same at the start and at row 900,000.

Rows are ordered by one column and id; rows without a value (unknown, or empty text) come last. Conditions are written
as row values, `(a, id) < (x, y)`, because the planner cannot use an index for `a < x OR (a = x AND id < y)`.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import NullIf
from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid
from kith.kernel.lookups import fewfirst
from kith.kernel.records.columns import Column
from kith.kernel.text import clean_text


class RowCompare(Func):
    """`(a, b) < (x, y)` or `>`, usable in filter()."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, left: tuple[Any, Any], sign: str, right: tuple[Any, Any]):
        super().__init__(*left, *(Value(v) if not hasattr(v, "resolve_expression") else v for v in right))
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts = [compiler.compile(e) for e in self.get_source_expressions()]
        sql = "({}, {}) {sign} ({}, {})".format(*(p[0] for p in parts), sign=self.sign)
        return sql, [x for p in parts for x in p[1]]


@dataclass(frozen=True)
class Sort:
    """A column (None: by id alone) and a direction."""

    column: Column | None
    descending: bool = False

    def text(self) -> str:
        return ("-" if self.descending else "") + (self.column.key if self.column else "id")


def read_sort(columns: dict[str, Column], text: str) -> Sort:
    """Sort from "-amount". Raises Invalid for a column that cannot be sorted by."""
    key = text.lstrip("-")
    if key == "id":
        return Sort(None, text.startswith("-"))
    column = columns.get(key)
    if column is None or not column.sortable:
        raise Invalid(_("Rows cannot be sorted by “%s”.") % key, "sort")
    return Sort(column, text.startswith("-"))


@dataclass(frozen=True)
class Page:
    """Rows of one page and the cursors beside it ("" where there is nothing)."""

    rows: list[Any]
    before: str
    after: str


@dataclass(frozen=True)
class _Cursor:
    backward: bool
    blank: bool  # among rows without a value
    value: Any
    pk: int


def paginate(rows: QuerySet[Any], sort: Sort, cursor: str = "", limit: int = 50) -> Page:
    """One page of `rows` (filtered, already joined for display) by key. Raises Invalid for a broken cursor."""
    if sort.column is not None:
        rows = rows.annotate(sort_value=sort.column.sorting())
    at = _read(cursor, rows, sort) if cursor else None
    backward = at is not None and at.backward
    found = _collect(rows, sort, at, backward, limit + 1)
    more = len(found) > limit
    found = found[:limit]
    if backward:
        found.reverse()
    has_before = more if backward else at is not None
    has_after = True if backward else more
    return Page(
        found,
        _write(found[0], sort, True) if found and has_before else "",
        _write(found[-1], sort, False) if found and has_after else "",
    )


def in_order(rows: QuerySet[Any], sort: Sort) -> QuerySet[Any]:
    """`rows` in the order in which pages give them, as one queryset: for the first few of several lots in one query."""
    if sort.column is None:
        return rows.order_by(("-" if sort.descending else "") + "pk")
    rows = rows.annotate(sort_value=sort.column.sorting())
    value: Any = F("sort_value") if not _is_text(rows) else NullIf(F("sort_value"), Value(""))
    blanks = (
        True if _blanks(rows, sort) and (sort.descending or _is_text(rows)) else None
    )  # ascending: as the index has it
    first = value.desc(nulls_last=blanks) if sort.descending else value.asc(nulls_last=blanks)
    return rows.order_by(first, ("-" if sort.descending else "") + "pk")


def cursor_after(row: Any, sort: Sort) -> str:
    """The cursor that goes on after a row read through `in_order`."""
    return _write(row, sort, False)


def cursor_before(row: Any, sort: Sort) -> str:
    """The cursor that goes back from a row annotated with `sort_value`."""
    return _write(row, sort, True)


def count_before(rows: QuerySet[Any], sort: Sort, row: Any, cap: int) -> int:
    """How many of `rows` (annotated with `sort_value`) stand before `row`, counted up to `cap` and in no order."""
    value = row.sort_value if sort.column is not None else None
    at = _Cursor(True, sort.column is not None and value in (None, ""), value, row.pk)
    found = 0
    for blank in (True, False) if at.blank else (False,):
        inside = at if at.blank == blank else None
        found += _segment(rows, sort, blank, inside, True).order_by()[: cap - found].count()
        if found >= cap:
            break
    return found


def _collect(rows: QuerySet[Any], sort: Sort, at: _Cursor | None, backward: bool, want: int) -> list[Any]:
    segments = [False, True] if _blanks(rows, sort) else [False]  # False: rows with a value, True: without
    if backward:
        segments.reverse()
    if at is not None:
        segments = segments[segments.index(at.blank) :] if at.blank in segments else segments
    found: list[Any] = []
    for blank in segments:
        inside = at if at is not None and at.blank == blank else None
        if sort.column is not None and not blank and fewfirst.has_few(sort.column):
            after = (inside.value, inside.pk) if inside else None
            found += fewfirst.read(rows, sort.column, want - len(found), down=sort.descending != backward, after=after)
        else:
            found += list(_segment(rows, sort, blank, inside, backward)[: want - len(found)])
        if len(found) >= want:
            break
    return found


def _blanks(rows: QuerySet[Any], sort: Sort) -> Q | None:
    """Condition of the rows without a value; None where every row has one."""
    column = sort.column
    if column is None:
        return None
    nullable = column.field is None or bool(column.field.null) or "__" in column.sort_path
    out = Q(sort_value__isnull=True) if nullable else None
    if _is_text(rows):
        out = Q(sort_value="") if out is None else out | Q(sort_value="")
    return out


def _is_text(rows: QuerySet[Any]) -> bool:
    return isinstance(rows.query.annotations["sort_value"].output_field, models.CharField | models.TextField)


def _segment(rows: QuerySet[Any], sort: Sort, blank: bool, at: _Cursor | None, backward: bool) -> QuerySet[Any]:
    down = sort.descending != backward
    sign, way = ("<", "-") if down else (">", "")
    if sort.column is None or blank:
        if blank:
            rows = rows.filter(_blanks(rows, sort))
        return (rows.filter(**{f"pk__{'lt' if down else 'gt'}": at.pk}) if at else rows).order_by(way + "pk")
    if _is_text(rows) and at is not None and not down:
        rows = rows.filter(sort_value__gte=at.value)  # where the page begins: of two bounds an index takes the first
    elif _is_text(rows):
        rows = rows.filter(sort_value__gt="")  # a range, so that an index is entered after the blanks
    elif _blanks(rows, sort):
        rows = rows.filter(sort_value__isnull=False)
    if at is not None:
        rows = rows.filter(RowCompare((F("sort_value"), F("pk")), sign, (at.value, at.pk)))
        if "__" in sort.column.sort_path:  # lets the planner start inside the joined table's own index
            rows = rows.filter(**{f"sort_value__{'lte' if down else 'gte'}": at.value})
    return rows.order_by(way + "sort_value", way + "pk")


_PACK: dict[type, tuple[str, Any]] = {
    dt.datetime: ("t", lambda v: v.isoformat()),
    dt.date: ("d", lambda v: v.isoformat()),
    Decimal: ("n", str),
}
_UNPACK: dict[str, Any] = {"t": dt.datetime.fromisoformat, "d": dt.date.fromisoformat, "n": Decimal, "": lambda v: v}


def _write(row: Any, sort: Sort, backward: bool) -> str:
    value = row.sort_value if sort.column is not None else None
    tag, pack = _PACK.get(type(value), ("", lambda v: v))
    data = [int(backward), int(sort.column is not None and value in (None, "")), tag, pack(value), row.pk, sort.text()]
    return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")


def _read(text: str, rows: QuerySet[Any], sort: Sort) -> _Cursor:
    """A cursor that belongs to this sort and holds a value its column can be compared with."""
    try:
        backward, blank, tag, raw, pk, of = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        value = _UNPACK[tag](raw)
        if not isinstance(pk, int) or isinstance(pk, bool) or abs(pk) >= 2**63 or of != sort.text():
            raise ValueError(pk)
        if sort.column is not None and not blank:
            value = rows.query.annotations["sort_value"].output_field.to_python(value)
            if value is None or (isinstance(value, str) and clean_text(value) != value):
                raise ValueError(value)
        return _Cursor(bool(backward), bool(blank), value, pk)
    except (ValueError, KeyError, TypeError, ArithmeticError, ValidationError, RecursionError):
        raise Invalid(_("This page address is not complete; start again from the first page."), "cursor") from None
