"""The planner's figures about tables. Without them the database guesses, and reads thousands of new rows in ways meant for
a handful; by itself it looks only minutes after many rows came in, when somebody has long opened a report."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from psycopg import sql


def analyse(tables: Iterable[str] | None = None) -> None:
    """Let the database look at these tables, or (None) at all of them."""
    with connection.cursor() as cursor:
        if tables is None:
            cursor.execute("ANALYZE")
            return
        for table in tables:
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)).as_string(cursor.connection))
