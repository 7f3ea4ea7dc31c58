"""Whether the database fits the code: empty, behind, current, or left half-way by an interrupted restore."""

from __future__ import annotations

import enum
import gc
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kith.kernel.database.fresh import lay_out

SET_ASIDE = "before_restore"  # the schema that holds the old data while a restore runs


class State(enum.Enum):
    EMPTY = "empty"
    INTERRUPTED_RESTORE = "interrupted restore"
    FILLED = "filled"


def state() -> State:
    """What is in the database, as far as a command must know before it touches anything."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regnamespace(%s) IS NOT NULL, to_regclass('public.django_migrations') IS NOT NULL", [SET_ASIDE]
        )
        interrupted, filled = cursor.fetchone()
    if interrupted:
        return State.INTERRUPTED_RESTORE
    return State.FILLED if filled else State.EMPTY


def pending() -> list[str]:
    """Names of migrations that are not applied yet, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def apply_migrations(tell: Callable[[str], None] | None = None) -> None:
    """Bring the database up to date; `tell` hears each line of what is done. An empty one is laid out in one step."""
    if state() is State.EMPTY:
        lay_out(tell)
        return
    stream = Lines(tell) if tell else None
    with few_collections():
        call_command("migrate", verbosity=1 if tell else 0, interactive=False, no_color=True, stdout=stream)


@contextmanager
def few_collections() -> Iterator[None]:
    """Look for garbage a hundred times less often while migrations run.

    Each step makes the classes of most models anew. Looking through all of them for garbage as often as usual takes half of
    the time; this seldom, memory stays below 400 MB.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 5, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class Lines(io.TextIOBase):
    """A text stream that hands each line to a function."""

    def __init__(self, hear: Callable[[str], None]):
        self.hear = hear

    def write(self, text: str) -> int:
        if line := text.strip():
            self.hear(line)
        return len(text)
