"""Where a row stands in a look: which one it is of how many, and the rows before and after it.

The neighbours are two pages of one row, by key. The count before it stops at a cap of rows and of time: a place that
would cost a long count is not said, rather than waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connections, transaction
from django.db.models import QuerySet

from kith.kernel.lookups.look import Look
from kith.kernel.lookups.paging import count_before, cursor_after, cursor_before, paginate
from kith.kernel.records.queries import capped_count

CAP = 1000  # rows that are counted
PATIENCE = 250  # milliseconds for both counts


@dataclass(frozen=True)
class Place:
    """`at` counts from 1 and is None where nobody counted that far; `total` is at least so many unless `exact`."""

    before: int | None
    after: int | None
    at: int | None = None
    total: int = 0
    exact: bool = False


def place_of(look: Look, pk: int, *, cap: int = CAP, patience: int = PATIENCE) -> Place | None:
    """The place of a row in a look; None when it is not among its rows."""
    rows = look.matched
    if look.sort.column is not None:
        rows = rows.annotate(sort_value=look.sort.column.sorting())
    row = rows.filter(pk=pk).first()
    if row is None:
        return None
    before = paginate(look.matched, look.sort, cursor_before(row, look.sort), 1).rows
    after = paginate(look.matched, look.sort, cursor_after(row, look.sort), 1).rows
    neighbours = (before[0].pk if before else None, after[0].pk if after else None)
    return _counted(look, rows, row, neighbours, cap, patience)


def _counted(
    look: Look, rows: QuerySet[Any], row: Any, neighbours: tuple[int | None, int | None], cap: int, patience: int
) -> Place:
    try:
        with transaction.atomic(using=rows.db):
            with connections[rows.db].cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(patience)])
            passed = count_before(rows, look.sort, row, cap)
            total, exact = capped_count(look.matched, cap)
            with connections[rows.db].cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError:  # the only one a read can end with here is its time; a lost connection shows itself again
        return Place(*neighbours)
    return Place(*neighbours, passed + 1 if passed < cap else None, total, exact)
