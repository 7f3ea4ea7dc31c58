"""How far a long job is: one row per key, read by pages and by the command line, announced to open pages.

Inside a transaction the row is seen by others at its commit, so long work commits in pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from kith.kernel.database.notify import announce
from kith.kernel.jobs.models import Progress

UPSERT = """
    INSERT INTO jobs_progress (key, done, total, note, updated_at) VALUES (%s, %s, %s, %s, now())
    ON CONFLICT (key) DO UPDATE SET done = excluded.done, total = excluded.total, note = excluded.note,
        updated_at = excluded.updated_at
"""


@dataclass(frozen=True)
class HowFar:
    """`done` of `total` (None: unknown) with a short note."""

    done: int = 0
    total: int | None = None
    note: str = ""

    @property
    def percent(self) -> int | None:
        """Whole per cent from 0 to 100, or None while the total is unknown."""
        return min(100, 100 * self.done // self.total) if self.total else None


def report_progress(key: str, done: int, total: int | None = None, note: str = "") -> None:
    """Say how far the work called `key` ("import:17") is. Pages listening to the topic `progress:KEY` hear of it."""
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [key, done, total, note])
    announce([f"progress:{key}"])


def read_progress(key: str) -> HowFar | None:
    """The last report on `key`, or None when there was none."""
    row = Progress.objects.filter(pk=key).values("done", "total", "note").first()
    return HowFar(**row) if row else None


def forget_progress(key: str) -> None:
    Progress.objects.filter(pk=key).delete()
