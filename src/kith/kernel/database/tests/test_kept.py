"""Statements that the server keeps: the same answer, planned once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.database import kept

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


def plans() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [sql for (sql,) in cursor.fetchall()]


def test_what_never_changes_stands_in_the_statement_and_the_rest_says_its_type():
    text = kept.text_of("SELECT %s, %s, 'a' LIKE '%%a', %s", ["50 % of o'clock", 7, [1, 2]], [None, int, list])
    assert text == "SELECT '50 %% of o''clock', %s::bigint, 'a' LIKE '%%a', %s::bigint[]"
    assert kept.rows(text, [8, [3]]) == [("50 % of o'clock", 8, True, [3])]


def test_a_statement_is_planned_once_and_asked_with_other_values():
    text = kept.text_of("SELECT %s + 1, %s", [1, NOON], [int, dt.datetime])
    assert [kept.rows(text, [n, NOON]) for n in (1, 5)] == [[(2, NOON)], [(6, NOON)]]
    assert len([sql for sql in plans() if "bigint + 1" in sql]) == 1


def test_a_log_of_statements_has_those_that_are_kept():
    with CaptureQueriesContext(connection) as log:
        assert kept.rows("SELECT %s::bigint", [4]) == [(4,)]
    assert [one["sql"] for one in log.captured_queries] == ["SELECT 4::bigint"]


def test_what_the_server_refuses_is_an_error_of_the_database():
    with pytest.raises(DatabaseError):
        kept.rows("SELECT 1 / (%s::bigint - %s::bigint)", [2, 2])
