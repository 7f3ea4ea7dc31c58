"""A change stands in one savepoint of its own: a refusal by the database is a sentence, and what is around it goes on."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from tests.cast import actor

pytestmark = pytest.mark.django_db


def test_a_broken_constraint_is_told_in_a_sentence_and_the_transaction_around_goes_on():
    by, process = actor("astrid"), registry["process"]
    with change(process.model(name="Retail", key="retail"), by=by):
        pass
    with transaction.atomic():
        with pytest.raises(Invalid, match="another process with this key"), change(process.model(name="B", key="retail"), by=by):  # fmt: skip
            pass
        with change(process.model(name="Consulting", key="consulting"), by=by):
            pass
    assert set(process.model.objects.values_list("key", flat=True)) >= {"retail", "consulting"}


def test_a_change_begins_one_savepoint():
    by = actor("astrid")
    with CaptureQueriesContext(connection) as asked, change(registry["company"].model(name="Hotel Sopot"), by=by):
        pass
    assert sum(q["sql"].startswith("SAVEPOINT") for q in asked.captured_queries) == 1
