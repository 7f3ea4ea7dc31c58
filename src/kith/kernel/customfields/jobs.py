"""Building the index that makes a custom field fast to filter and sort, without locking the table."""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from kith.kernel.customfields.models import CustomField
from kith.kernel.customfields.queries import custom_kind
from kith.kernel.database.statistics import analyse
from kith.kernel.jobs import job
from kith.kernel.records.registry import registry

# A text that PostgreSQL may cast inside an index without depending on session settings.
CASTS = {"numeric": "::numeric(38, 10)", "bigint": "::bigint", "boolean": "::boolean"}


@job("customfields.index", attempts=3, label="Index a custom field")
def index(*, field: int) -> None:
    """CREATE INDEX CONCURRENTLY on the field's value and id; running it again finds the index and does nothing.

    Days and moments are indexed as text: their ISO form sorts the same way, and a cast to a date depends on settings.
    """
    found = CustomField.objects.filter(pk=field, indexed=True).first()
    if found is None or found.record not in registry:
        return
    table = registry[found.record].model._meta.db_table
    name = f"{table[:20]}_cf_{found.pk}"
    value = sql.SQL("((custom ->> {key}){cast})").format(
        key=sql.Literal(found.key), cast=sql.SQL(CASTS.get(custom_kind(found).sql, ""))
    )
    # Of the whole table: the planner takes no figures from an index of a part, and guesses a third of all rows.
    statement = sql.SQL("CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({value}, id)")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = %s AND NOT i.indisvalid",
            [name],
        )
        if cursor.fetchone():  # an earlier try was interrupted and left an index nobody can use
            cursor.execute(
                sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(name)).as_string(cursor.connection)
            )
        cursor.execute(
            statement.format(name=sql.Identifier(name), table=sql.Identifier(table), value=value).as_string(
                cursor.connection
            )
        )
        analyse([table])  # or the planner walks the table for the few rows that a filter wants
