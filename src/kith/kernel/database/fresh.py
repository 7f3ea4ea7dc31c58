"""An empty database is laid out in one step: what all migrations come to, instead of one after the other.

Every migration makes the classes of most models anew, some hundred at a time, so that a first start grew by a second with
every few tables. Here their operations are added up without a database; each table is made once as it stands in the end,
then what they say in SQL or Python is done in its order. Steps that only carry rows over are marked `elidable` there and
have nothing to carry. That both ways end alike, `tests/test_fresh.py` shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.state import StateApps
from django.utils.translation import gettext as _

QUEUE = "procrastinate"


def lay_out(tell: Callable[[str], None] | None = None) -> None:
    """Make the whole schema in an empty database, and note every migration as applied. All but the queue's tables is one
    transaction; after an interruption between the two, migrations go on one by one."""
    _make_queue()
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    state = executor.loader.project_state()
    if tell is not None:
        tell(_("Making the tables"))
    emit_pre_migrate_signal(verbosity=0, interactive=False, db="default", apps=StateApps([], {}))
    with transaction.atomic():
        _make_tables(state)
        for migration in plan:
            _do_by_hand(migration, state)
        executor.recorder.ensure_schema()
        for migration in plan:
            executor.recorder.record_applied(migration.app_label, migration.name)
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default", apps=state.apps)


def _make_queue() -> None:
    """The queue's own migrations, which are SQL: they add values to a type and use them, which PostgreSQL allows in another
    transaction only."""
    executor = MigrationExecutor(connection)
    executor.migrate([key for key in executor.loader.graph.leaf_nodes() if key[0] == QUEUE])


def _make_tables(state: Any) -> None:
    with connection.schema_editor(atomic=False) as editor:  # foreign keys and indexes come at its end
        for key in state.models:
            model = state.apps.get_model(*key)
            if model._meta.can_migrate(connection) and not model._meta.proxy:
                editor.create_model(model)


def _do_by_hand(migration: Any, state: Any) -> None:
    """What a migration says itself in SQL or Python, with the tables as they are in the end."""
    for operation in migration.operations:
        if isinstance(operation, RunSQL | RunPython) and not operation.elidable:
            with connection.schema_editor(atomic=False) as editor:
                operation.database_forwards(migration.app_label, editor, state, state)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with rows to be checked cannot be altered
