"""What an import leaves for the database to plan with."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def known_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'contacts_person'")
        return cursor.fetchone()[0]


def test_after_many_rows_the_database_knows_at_once_how_many_there_are(bring):
    """It would look by itself a minute later; until then a report read thousands of rows as if they were a handful."""
    bring("person", "First name\n" + "\n".join(f"Marta {n}" for n in range(600)))
    assert known_rows() == 600


def test_a_few_rows_do_not_make_it_look(bring):
    before = known_rows()
    bring("person", "First name\nMarta\nYusuf\n")
    assert known_rows() == before
