"""What is known of a customer stands with whoever looks after them, whichever way they were given to somebody: through a form,
an import, a merge, or an undo."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

AGREE = """
    UPDATE retention_care c SET owner_id = r.owner_id FROM contacts_{record} r
    WHERE c.{record}_id = ANY(%s) AND r.id = c.{record}_id AND c.owner_id IS DISTINCT FROM r.owner_id
"""


def verbs(record: str) -> list[str]:
    return [f"{record}.{past}" for past in ("changed", "merged", "taken_back")]


def follower(record: str) -> Callable[[list[int]], None]:
    """The follower of one kind of customer."""
    return lambda ids: agree(record, ids)


def agree(record: str, ids: list[int]) -> None:
    """Let what is known of these customers stand with whoever looks after them now. One statement."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(AGREE.format(record=record), [ids])
