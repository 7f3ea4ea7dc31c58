"""Many rows are written by one statement, each with its own values."""

import datetime as dt

import pytest

from kith.contacts.models import Person
from kith.kernel.database.together import update_together
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


def test_each_row_gets_its_own_values_whatever_their_type(django_assert_num_queries):
    ines = actor("ines")
    rows = [create(registry["person"], {"given_name": name}, by=ines) for name in ("Marta", "Piotr", "Elin")]
    marta, piotr, elin = rows
    marta.job_title, marta.owner, marta.last_touch_at, marta.custom = "50 % o'clock", user("jonas"), NOON, {"a": ["b"]}
    piotr.owner, piotr.last_touch_at = None, None
    elin.tags = ["x", "y"]
    with django_assert_num_queries(1):
        update_together(rows, ["job_title", "owner", "last_touch_at", "custom", "tags"])
    marta, piotr, elin = Person.objects.order_by("pk")
    assert (marta.job_title, marta.owner, marta.last_touch_at, marta.custom) == (
        "50 % o'clock",
        user("jonas"),
        NOON,
        {"a": ["b"]},
    )
    assert (piotr.owner, piotr.last_touch_at, elin.tags) == (None, None, ["x", "y"])


def test_the_first_row_may_know_nothing():
    ines = actor("ines")
    rows = [create(registry["person"], {"given_name": name}, by=ines) for name in ("Marta", "Piotr")]
    rows[0].owner, rows[0].last_touch_at, rows[1].last_touch_at = None, None, NOON
    update_together(rows, ["owner", "last_touch_at"])
    marta, piotr = Person.objects.order_by("pk")
    assert (marta.owner, marta.last_touch_at, piotr.last_touch_at, piotr.owner) == (None, None, NOON, user("ines"))


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        update_together([], ["job_title"])
