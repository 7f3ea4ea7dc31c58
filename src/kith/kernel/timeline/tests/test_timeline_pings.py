"""What open pages hear of a change: every type and every record it touched, however many those are."""

import json

import psycopg
import pytest
from django.db import connection, transaction

from kith.kernel.database.testing import conninfo
from kith.kernel.records import actions
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many
from tests.cast import actor

pytestmark = pytest.mark.django_db(transaction=True)
people = registry["person"]


def heard(work):
    """The topics that a listener hears once `work` has been committed."""
    with psycopg.connect(conninfo(connection.settings_dict["NAME"]), autocommit=True) as page:
        page.execute("LISTEN kith_live")
        with transaction.atomic():
            work()
        return [json.loads(note.payload) for note in page.notifies(timeout=1)]


def test_a_change_of_very_many_rows_names_each_of_them():
    ines = actor("ines")
    pks = bulk_create(people, [New({"given_name": f"Guest {n}"}) for n in range(900)], by=ines, refused=print)
    rows = list(people.rows(ines).order_by("pk"))
    assert len(rows) == len(pks) == 900

    def promote(row):
        row.job_title = "Guest of honour"

    said = heard(lambda: change_many(people.rows(ines), promote, by=ines))
    topics = [topic for note in said for topic in note["topics"]]
    assert {"person", *(f"person:{row.pk}" for row in rows)} <= set(topics)
    assert len(said) > 1 and len({note["event"] for note in said}) == 1


def test_a_change_of_one_row_names_it_and_those_it_concerns():
    ines = actor("ines")
    marta = actions.create(people, {"given_name": "Marta"}, by=ines)
    note = actions.parse_values(registry["activity"], {"kind": "note", "body": "Hello", "person": marta.pk}, by=ines)
    said = heard(lambda: actions.create(registry["activity"], note, by=ines))
    topics = {topic for each in said for topic in each["topics"]}
    assert {"activity", "person", f"person:{marta.pk}"} <= topics
