"""The ground of all other tests: a clone of the migrated template that belongs to this session alone."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_session_works_in_a_clone_of_its_own():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("kith_test_")


def test_upper_and_lower_case_work_beyond_ascii():
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('ÉÀÖ'), upper('ñ')")
        assert cursor.fetchone() == ("éàö", "Ñ")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_committing_test_leaves_behind_is_gone_for_the_next(turn):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_behind (turn int)")
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 0
