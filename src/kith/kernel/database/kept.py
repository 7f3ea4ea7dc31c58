"""Statements that the server keeps with their plan: what is asked on every page is planned once for each connection.

Values that never change stand in the statement itself, so that the plan knows them; what is filled in says its type.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper

PLACE = re.compile("%%|%s")
TYPES: dict[type, str] = {int: "bigint", list: "bigint[]", dt.datetime: "timestamptz"}
# The plan of such a statement serves every value. A plan of its own for each would be made anew each time, which is what
# takes longest; and the statements are such that one way through the indexes is right for everybody.
ONE_PLAN = "SET plan_cache_mode = force_generic_plan"


class _Kept(psycopg.Cursor[Any]):
    """A cursor whose statements the server keeps."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True)


def text_of(sql: str, values: Sequence[Any], filled: Sequence[type | None]) -> str:
    """`sql` with its values put in, but for places where `filled` names a type: those stay, and say that type."""
    literals = psycopg.ClientCursor(_connection())
    given = iter(zip(values, filled, strict=True))

    def place(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%%"
        value, kind = next(given)
        if kind is not None:
            return f"%s::{TYPES[kind]}"
        return str(literals.mogrify("%s", [value])).replace("%", "%%")

    return PLACE.sub(place, sql)


def rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement made by `text_of`. The server plans it the first time a connection asks it."""
    own = _connection()
    if own.prepare_threshold is None:  # as Django opens connections: keeps nothing, whatever a cursor asks
        own.prepare_threshold = 0
        own.execute(ONE_PLAN)  # beside Django: a log of statements has what was asked, not how connections are kept
    # A log of statements knows those of ordinary cursors only.
    with connection.cursor() if connection.queries_logged else CursorWrapper(_Kept(own), connection) as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _connection() -> Any:
    connection.ensure_connection()
    return connection.connection
