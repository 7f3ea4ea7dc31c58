"""Finding rows by words: every word a prefix, in any order, accents and case folded.

The candidates are picked by the word index alone and capped, then ordered by the caller. A tsquery directly under a
LIMIT (with or without ORDER BY) makes the planner walk the table or a date index when the words are rare, because it
guesses a fixed share for any prefix; as a materialised part of the statement it is planned for all its rows, which
means the word index, and read only as far as the cap.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, F, Func, QuerySet, Value

from kith.kernel.text import words

CANDIDATES = 2000


class AnyOf(Func):
    """`column = ANY(array)`: one parameter for any number of ids, usable in filter()."""

    conditional = True
    output_field = BooleanField()
    template = "%(expressions)s"
    arg_joiner = " = ANY"

    def __init__(self, path: str, values: list[int]):
        super().__init__(F(path), Func(Value(values), template="(%(expressions)s::bigint[])"))


def tsquery(text: str) -> SearchQuery | None:
    """Prefix query for all words of `text`; None when it has no word of use."""
    parts = list(dict.fromkeys(words(text)[:12]))
    if not parts or (len(parts) == 1 and len(parts[0]) < 2):
        return None
    return SearchQuery(" & ".join(f"{p}:*" for p in parts), search_type="raw", config="simple")


def matching(rows: QuerySet[Any], text: str, limit: int = CANDIDATES) -> QuerySet[Any]:
    """`rows` (filtered by scope and tree) whose words match; at most `limit` candidates, then ordered by the caller."""
    query = tsquery(text)
    if query is None:
        return rows if not text.strip() else rows.none()
    return rows.filter(AnyOf("pk", candidates(rows.filter(tsv=query), limit)))


def candidates(rows: QuerySet[Any], limit: int) -> list[int]:
    """Ids of at most `limit` of `rows`, in no order, found by whatever index gives all of them cheapest."""
    try:
        sql, params = rows.order_by().values_list("pk").query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:  # a scope that lets nothing through
        return []
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"WITH found (id) AS MATERIALIZED ({sql}) SELECT id FROM found LIMIT %s", [*params, limit])  # noqa: S608 - compiled by the ORM
        return [pk for (pk,) in cursor.fetchall()]
