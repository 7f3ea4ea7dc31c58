"""Pages sorted by the name of something of which there are few: colleagues, teams, stages.

Joining and sorting would read every row of the table, because no index holds rows by their owner's name. Few names
allow another way: ask which of them have rows at all, then read one name after another, each from its own index.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, QuerySet

from kith.kernel.kinds import Colleague, Link, TeamLink
from kith.kernel.records.columns import Column

ANY = -7_310_465_128_903_311_927  # stands in a compiled statement where the id of each name is put
MOST_READ = 4  # names read one by one; a filter under which even these give no page leaves little to sort


def has_few(column: Column | None) -> bool:
    """Is this a link to configuration, sorted by a column of that very row?"""
    if column is None or column.field is None or not isinstance(column.kind, Link):
        return False
    of_few = isinstance(column.kind, Colleague | TeamLink) or getattr(column.kind.record, "settings", False)
    via, _dotted, rest = column.sort_path.partition("__")
    return bool(of_few) and via == column.field.name and bool(rest) and "__" not in rest


def read(rows: QuerySet[Any], column: Column, want: int, *, down: bool, after: tuple[Any, int] | None) -> list[Any]:
    """At most `want` of `rows` that have a value, in order. `rows`: filtered, neither ordered nor limited, annotated with
    `sort_value`. `after`: value and id of the row before the first."""
    field = column.field
    found: list[Any] = []
    names = _names(rows, column, down, after)
    for n, (value, pks) in enumerate(names):
        if n == MOST_READ:
            rest = [pk for _value, some in names[n:] for pk in some]
            way = ("-sort_value", "-pk") if down else ("sort_value", "pk")
            return found + list(rows.filter(**{f"{field.attname}__in": rest}).order_by(*way)[: want - len(found)])
        part = rows.filter(**({field.attname: pks[0]} if len(pks) == 1 else {f"{field.attname}__in": pks}))
        if after is not None and value == after[0]:
            part = part.filter(**{f"pk__{'lt' if down else 'gt'}": after[1]})
        found += list(part.order_by("-pk" if down else "pk")[: want - len(found)])
        if len(found) >= want:
            break
    return found


def _names(
    rows: QuerySet[Any], column: Column, down: bool, after: tuple[Any, int] | None
) -> list[tuple[Any, list[int]]]:
    """(value, ids of the linked rows that have it) in order, from the cursor on, of those that any of `rows` links to."""
    path = column.sort_path.partition("__")[2]
    linked = column.field.related_model._base_manager.annotate(sorted_by=F(path)).exclude(sorted_by=None)
    if after is not None:
        linked = linked.filter(**{f"sorted_by__{'lte' if down else 'gte'}": after[0]})
    pairs = list(linked.order_by("-sorted_by" if down else "sorted_by", "pk").values_list("sorted_by", "pk"))
    used = _used(rows, column, [pk for _value, pk in pairs])
    kept = ((value, pk) for value, pk in pairs if pk in used and value != "")
    return [(value, [pk for _value, pk in some]) for value, some in groupby(kept, key=lambda pair: pair[0])]


def _used(rows: QuerySet[Any], column: Column, pks: list[int]) -> set[int]:
    """Which of these ids any of `rows` links to.

    Each is asked for by its value, in one statement: asked for all at once, the planner may read the whole table for
    those that have nothing.
    """
    try:
        sql, params = (
            rows.order_by().filter(**{column.field.attname: ANY}).values("pk")[:1].query.get_compiler(rows.db).as_sql()
        )
    except EmptyResultSet:  # a scope that lets nothing through
        return set()
    if not pks:
        return set()
    asked = [pk if value == ANY else value for pk in pks for value in params]
    with connections[rows.db].cursor() as cursor:
        cursor.execute("SELECT " + ", ".join([f"EXISTS ({sql})"] * len(pks)), asked)
        return {pk for pk, there in zip(pks, cursor.fetchone(), strict=True) if there}
