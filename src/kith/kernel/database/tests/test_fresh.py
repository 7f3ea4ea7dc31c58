"""A database laid out at once is the one that all migrations, one after the other, would have made."""

from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from kith.kernel.database.fresh import lay_out
from kith.kernel.database.schema import State, few_collections, pending, state
from kith.kernel.database.testing import conninfo, drop, use

WHAT = {
    "columns": """
        SELECT table_name, column_name, data_type, udt_name, character_maximum_length, numeric_precision, numeric_scale, is_nullable,
            column_default, is_identity, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "tables": "SELECT relname, relkind, relpersistence, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, condeferred
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    """,
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a'",
    "migrations": "SELECT app, name FROM django_migrations",
    "content types": "SELECT app_label, model FROM django_content_type",
    "permissions": "SELECT c.app_label, c.model, p.codename FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id",
}  # fmt: skip


@contextmanager
def empty_database(name):
    before = connection.settings_dict["NAME"]
    with psycopg.connect(conninfo("postgres"), autocommit=True) as admin:
        drop(admin, name)
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        use(name)
        try:
            assert state() is State.EMPTY
            yield
        finally:
            use(before)
            drop(admin, name)


def everything():
    """{what: its sorted rows}"""
    found = {}
    with connection.cursor() as cursor:
        for what, query in WHAT.items():
            cursor.execute(query)
            found[what] = sorted(map(repr, cursor.fetchall()))
            assert found[what], what
    return found


def test_laid_out_at_once_it_is_what_every_migration_would_have_made(django_db_setup, django_db_blocker, worker_id):
    with django_db_blocker.unblock():
        with empty_database(f"kith_test_laid_out_{worker_id}"):
            lay_out()
            assert pending() == []
            at_once = everything()
        with empty_database(f"kith_test_migrated_{worker_id}"), few_collections():
            call_command("migrate", verbosity=0, interactive=False)
            one_by_one = everything()
    for what, rows in one_by_one.items():
        assert at_once[what] == rows, what
