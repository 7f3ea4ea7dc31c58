"""Statements of a day, made once for all who see alike: building them takes longer than the database needs to answer.

A statement is built for two colleagues who do not exist, at two moments. What differs between the two must be their ids, or
a moment at the same distance from now; that is filled in for each reader. What differs otherwise is not understood, and is
built for each reader as it comes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.utils import create_namedtuple_class

from kith.kernel.access.actor import Actor
from kith.kernel.database import kept
from kith.kernel.organisation.models import cached
from kith.today.scope import Scope

MOST = 500  # statements kept by a process: sections, times ways to see, times days
LATER = dt.timedelta(seconds=1, microseconds=234_567)  # between the two moments
Build = Callable[[Actor, Scope], "QuerySet[Any] | None"]
Fill = Callable[[Actor, Scope], Any]


@dataclass(frozen=True)
class Prepared:
    """A statement with what is filled into it, and how its rows are read."""

    sql: str
    fills: tuple[Fill, ...]
    compiler: Any
    row: Callable[[Any], Any]

    def rows(self, actor: Actor, scope: Scope) -> list[Any]:
        found = kept.rows(self.sql, [fill(actor, scope) for fill in self.fills])
        return [self.row(row) for row in self.compiler.results_iter(results=[found], tuple_expected=True)]


def rows_of(key: str, actor: Actor, scope: Scope, build: Build) -> list[Any]:
    """The rows of what `build(actor, scope)` gives, which is values_list(…, named=True), or nothing for None. `build` may
    depend on the reader's role and teams, on the scope, on configuration, and on nothing else; `key` names it."""
    made: dict[Any, Prepared | None] = cached("today_prepared", dict)
    alike = (key, actor.role, actor.team_ids, actor.teammate_ids, len(scope.owners), scope.of, scope.start, scope.end)  # fmt: skip
    if alike not in made:
        if len(made) >= MOST:
            made.clear()
        made[alike] = prepare(actor, scope, build)
    found = made[alike]
    if found is not None:
        return found.rows(actor, scope)
    rows = build(actor, scope)
    return [] if rows is None else list(rows)


def prepare(actor: Actor, scope: Scope, build: Build) -> Prepared | None:
    """The statement for everybody who sees alike; None where it cannot be told what belongs to the reader."""
    try:
        ours, theirs = (_Compiled.of(build, *_stand_in(actor, scope, n)) for n in (1, 2))
    except EmptyResultSet:
        return None
    if ours is None or theirs is None or ours.sql != theirs.sql:
        return None
    differ = [
        type(one) is not type(other) or one != other for one, other in zip(ours.params, theirs.params, strict=True)
    ]
    places = [
        pair for pair, differs in zip(zip(ours.params, theirs.params, strict=True), differ, strict=True) if differs
    ]
    fills = [_fill(ours, theirs, one, other) for one, other in places]
    known = [fill for fill in fills if fill is not None]
    if len(known) < len(fills):
        return None
    types = [_type(one) if differs else None for one, differs in zip(ours.params, differ, strict=True)]
    return Prepared(kept.text_of(ours.sql, ours.params, types), tuple(known), ours.compiler, ours.row)


def _type(value: Any) -> type:
    return next(kind for kind in kept.TYPES if isinstance(value, kind))


def _stand_in(actor: Actor, scope: Scope, n: int) -> tuple[Actor, Scope]:
    """A reader who does not exist and sees alike, at another moment of the same day."""
    owners = tuple(-(1_000_000 * n + place) for place in range(1, len(scope.owners) + 1))
    me = owners[0] if len(owners) == 1 else -1_000_000 * n
    return (
        actor.stand_in(me),
        dataclasses.replace(scope, owners=owners, now=scope.now + LATER * (n - 1), memo={}),
    )


@dataclass(frozen=True)
class _Compiled:
    actor: Actor
    scope: Scope
    sql: str
    params: tuple[Any, ...]
    compiler: Any
    row: Callable[[Any], Any]

    @classmethod
    def of(cls, build: Build, actor: Actor, scope: Scope) -> _Compiled | None:
        rows = build(actor, scope)
        if rows is None:
            return None
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return cls(actor, scope, sql, tuple(params), compiler, create_namedtuple_class(*rows._fields)._make)  # type: ignore[attr-defined]


def _fill(ours: _Compiled, theirs: _Compiled, one: Any, other: Any) -> Fill | None:
    """What stands at this place for each reader; None when it differs in a way that is not understood."""
    if type(one) is not type(other):
        return None
    if isinstance(one, list) and one == [*ours.scope.owners] and other == [*theirs.scope.owners]:
        return lambda actor, scope: [*scope.owners]
    if isinstance(one, int):
        return _colleague(ours, theirs, one, other)
    if isinstance(one, dt.datetime):
        after = one - ours.scope.now
        return (lambda actor, scope: scope.now + after) if other - theirs.scope.now == after else None
    return None


def _colleague(ours: _Compiled, theirs: _Compiled, one: int, other: int) -> Fill | None:
    """The reader, or the colleague at this place of those whose day it is."""
    if (one, other) == (ours.actor.user_id, theirs.actor.user_id):
        return lambda actor, scope: actor.user_id or 0
    if one in ours.scope.owners and other == theirs.scope.owners[(place := ours.scope.owners.index(one))]:
        return lambda actor, scope: scope.owners[place]
    return None
