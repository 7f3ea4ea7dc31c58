"""How sections read: rows with their whole count in one query, and what of linked rows may be shown, as columns."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import BaseExpression, RawSQL

from kith.kernel.access.actor import Actor
from kith.kernel.access.scopes import NONE
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from kith.today.scope import Scope

CAP = 200  # counting stops here; where it does, a section says "200+" and its list knows better


def nearest(
    rows: QuerySet[Any], scope: Scope, order: tuple[str, ...], most: int, arms: tuple[Q, ...] = (Q(),)
) -> QuerySet[Any]:
    """The first `most` rows of those whose day it is, by columns in rising order. Of several colleagues the first of each
    are found by the index of their own, and then put together; sorting what a whole team has would read all of it.

    arms: conditions of which no two hold for the same row; each is asked apart, so that each finds its part of the index.
    """
    if len(scope.owners) == 1 and len(arms) == 1:
        return rows.filter(*arms, owner_id=scope.owners[0]).order_by(*order)[:most]
    by = [*dict.fromkeys("id" if key == "pk" else key for key in (*order, "pk"))]
    sql, params = _of_each([rows.filter(arm).order_by(*order) for arm in arms], scope, most, by)
    ordered = ", ".join(f'each."{key}"' for key in by)
    first = f"{sql} ORDER BY {ordered} LIMIT {most}"
    return rows.filter(pk__in=RawSQL(first, params)).order_by(*order)  # noqa: S611  made by the ORM


def counted(rows: QuerySet[Any], scope: Scope, arms: tuple[Q, ...] = (Q(),)) -> Any:
    """How many rows there are of those whose day it is, at most CAP + 1, as a column that is worked out once."""
    try:
        sql, params = _of_each([rows.filter(arm).order_by() for arm in arms], scope, CAP + 1, ["id"])
    except EmptyResultSet:
        return Value(0)
    counting = f"SELECT count(*) FROM ({sql} LIMIT {CAP + 1}) AS counted"  # noqa: S608  made by the ORM
    return RawSQL(counting, params, output_field=IntegerField())  # noqa: S611


def _of_each(found: list[QuerySet[Any]], scope: Scope, most: int, columns: list[str]) -> tuple[str, tuple[Any, ...]]:
    """SQL of the ids of the first `most` rows of each of `found` and each colleague."""
    whose = RawSQL("whose.id", ())
    parts = [rows.filter(owner_id=whose)[:most].values(*columns).query.sql_with_params() for rows in found]
    sql = " UNION ALL ".join(f"({part})" for part, _params in parts)
    each = f"SELECT each.id FROM unnest(%s::bigint[]) AS whose(id) CROSS JOIN LATERAL ({sql}) AS each"  # noqa: S608
    return each, ([*scope.owners], *(value for _part, params in parts for value in params))


def total_of(rows: list[Any]) -> tuple[int, bool]:
    """(how many there are, whether that is exact) of rows that carry `total`."""
    total = sum({getattr(row, "arm", ""): row.total for row in rows}.values())
    return min(total, CAP), total <= CAP


def sees(actor: Actor, record: str, link: str) -> BaseExpression:
    """Whether the actor may see the row behind a link, as a column."""
    kind = registry[record]
    if kind.scope.q(actor, kind.name, "see") == Q():
        return Value(True)
    return Exists(kind.rows(actor).filter(pk=OuterRef(link)))


def may(actor: Actor, record: str, verb: str) -> BaseExpression:
    """Whether the actor may do a verb on the row itself, as a column."""
    q = registry[record].scope.q(actor, record, verb)
    if not actor.can(f"{record}.{verb}") or q == NONE:
        return Value(False)
    return Value(True) if q == Q() else ExpressionWrapper(q, output_field=BooleanField())


def seen_name(actor: Actor, record: str, link: str, field: str) -> Any:
    """A field of a linked row; nothing ("" or None) where there is none or the actor may not see it."""
    if not shows(actor, record, field):
        return Value("")
    named = F(f"{link}__{field}")
    visible = sees(actor, record, f"{link}_id")
    if isinstance(visible, Value):
        return named
    return Case(When(visible, then=named), default=Value(""), output_field=CharField())


def shows(actor: Actor, record: str, *keys: str) -> bool:
    """Are these columns of a type shown to the actor's role?"""
    return registry[record].columns(actor).keys() >= set(keys)


def listed(actor: Actor, record: str, text: str) -> QuerySet[Any] | None:
    """The rows of a list under a filter in its text form: what the list shows is what Today counts. None where the actor's
    role hides a column it filters by."""
    kind = registry[record]
    compiled = compile_tree(kind, parse(text), actor)
    return None if compiled.broken else compiled.apply(kind.rows(actor, archived=False))


def list_address(record: str, text: str, sort: str) -> str:
    """Where that list is."""
    query = urlencode({"filter": text, "sort": sort, "face": "list"}, safe=",:|()")
    return f"/{registry[record].slug}/?{query}"
