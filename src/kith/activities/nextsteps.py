"""The next step of every person, company and deal: the earliest open dated activity about it.

Worked out set-wise and written onto the rows through the kernel, in the transaction that changed an activity, so that
lists can sort and filter by it at any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from kith.kernel.records.registry import registry
from kith.kernel.timeline.followup import Ref, keeps_followed, steps_written

LINKS = ("person", "company", "deal")
CHUNK = 1000


@keeps_followed
def refresh(refs: Iterable[Ref]) -> None:
    """Write next steps of these rows afresh: one statement per record type and thousand rows."""
    given = list(refs)
    for record, pks in in_chunks(given):
        _write(record, pks)
    steps_written(given)


def in_chunks(refs: Iterable[Ref]) -> Iterator[tuple[str, list[int]]]:
    """The rows among these that follow activities, each once: up to a thousand ids of one type at a time, in their order."""
    by_type: dict[str, set[int]] = {}
    for record, pk in refs:
        if record in LINKS:
            by_type.setdefault(record, set()).add(pk)
    for record, given in by_type.items():
        pks = sorted(given)
        for start in range(0, len(pks), CHUNK):
            yield record, pks[start : start + CHUNK]


def _write(record: str, pks: list[int]) -> None:
    table = registry[record].model._meta.db_table
    with connection.cursor() as cursor:
        # Rows are locked in order of id, so that two writers cannot lock each other out; unchanged rows stay untouched.
        cursor.execute(
            f"""
            WITH locked AS MATERIALIZED (SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE),
            step AS (
              SELECT l.id, a.label, a.due_at FROM locked l LEFT JOIN LATERAL (
                SELECT coalesce(nullif(subject, ''), left(body, 300)) AS label, due_at FROM activities_activity
                WHERE {record}_id = l.id AND done_at IS NULL AND due_at IS NOT NULL AND archived_at IS NULL
                ORDER BY due_at, id LIMIT 1) a ON true)
            UPDATE {table} t SET next_step = coalesce(step.label, ''), next_step_at = step.due_at
            FROM step WHERE t.id = step.id
              AND (t.next_step, t.next_step_at) IS DISTINCT FROM (coalesce(step.label, ''), step.due_at)
            """,  # noqa: S608  table and column come from the registry, never from a person
            [pks],
        )


def refs_of(*activities: Any) -> list[Ref]:
    """The rows that these activities are about."""
    return [(name, pk) for a in activities if a is not None for name in LINKS if (pk := getattr(a, f"{name}_id"))]


def waits(activity: Any) -> bool:
    """May this be somebody's next step? What is done, or has no date, changes none by being written."""
    return bool(activity and activity.due_at and not activity.done_at and not activity.archived_at)
