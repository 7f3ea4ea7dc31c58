"""The sums of `InCare`: what statements added becomes one row for each colleague and stage; all of them made again."""

from __future__ import annotations

from django.db import connection, transaction

# In one statement, so that a reader sees the small sums or the whole one, and never both or neither.
FOLD = """
WITH several AS (SELECT owner_id, stage FROM process_in_care GROUP BY owner_id, stage HAVING count(*) > 1),
gone AS (
    DELETE FROM process_in_care AS kept USING several
    WHERE kept.owner_id = several.owner_id AND kept.stage = several.stage RETURNING kept.owner_id, kept.stage, n
)
INSERT INTO process_in_care (owner_id, stage, n)
SELECT owner_id, stage, sum(n) FROM gone GROUP BY owner_id, stage HAVING sum(n) <> 0
"""


def fold() -> None:
    """Running it twice changes nothing the second time."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)


# Nobody may write while all is counted; what they write waits and is added after it.
REBUILD = (
    "LOCK TABLE process_journey IN SHARE MODE",
    "DELETE FROM process_in_care",
    """INSERT INTO process_in_care (owner_id, stage, n) SELECT owner_id, stage, count(*) FROM process_journey
        WHERE owner_id IS NOT NULL AND closed_at IS NULL AND archived_at IS NULL GROUP BY owner_id, stage""",
)


def rebuild() -> None:
    """Count all anew: after rows were written past the triggers, as a tool that copies whole tables may."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in REBUILD:
            cursor.execute(statement)
