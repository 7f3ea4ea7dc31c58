"""Settings made many at a time are settings."""

import pytest

from kith.kernel.organisation.models import current
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from tests.cast import actor

pytestmark = pytest.mark.django_db


def test_every_process_learns_of_settings_that_were_made_many_at_a_time():
    astrid = actor("astrid")
    before = current().config
    made = bulk_create(registry["product"], [New({"name": "Tidal clock"})], by=astrid, refused=lambda n, problem: None)
    assert made[0] is not None and current().config != before
