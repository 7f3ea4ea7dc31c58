"""What an event is about is found by the event, however many there are."""

import pytest
from django.db import connection

from kith.kernel.timeline.ids import uuid7
from kith.kernel.timeline.models import EventLink

pytestmark = pytest.mark.django_db


def test_what_some_events_are_about_is_read_without_walking_the_table():
    asked = EventLink.objects.filter(event__in=[uuid7() for _n in range(40)]).values_list("record", "record_id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is read whole, which says nothing
        cursor.execute("EXPLAIN " + str(asked.query.sql_with_params()[0]), asked.query.sql_with_params()[1])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "event_link_event" in plan and "Seq Scan" not in plan
