"""The set that the process is measured on is a company like any other: what the product makes again from events is the same."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from benchmarks.copies import LAST
from benchmarks.journeys import multiply, tell
from kith.activities.models import Activity
from kith.deals.models import Deal
from kith.kernel.accounts.models import User
from kith.process import stays
from kith.process.evidence import counting
from kith.process.forgotten.proving import check
from kith.process.models import Journey, Stay

pytestmark = pytest.mark.django_db
STAYS = "SELECT journey_id, stage, held_to, entered_at, left_at, due_at FROM process_stay ORDER BY 1, entered_at, id"


def rows(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture
def company():
    if connection.pg_version < 180_000:
        pytest.skip("multiplying asks for uuidv7() of the PostgreSQL that Kith brings along, on which it is measured")
    said: list[str] = []
    tell(250, said.append)
    multiply(250, said.append)
    return said


def test_a_multiplied_company_has_so_many_journeys_with_eight_stages_each(company):
    assert Journey.objects.count() == 250
    assert 7 < Stay.objects.count() / 250 < 9
    assert company[-1] == "studied"


def test_what_follows_from_its_events_is_what_stands_in_its_tables(company):
    told = rows(STAYS)
    stays.rebuild()
    assert rows(STAYS) == told
    assert not rows("SELECT j.id FROM process_journey j WHERE j.entered_at IS DISTINCT FROM (SELECT max(s.entered_at) FROM process_stay s WHERE s.journey_id = j.id)")  # fmt: skip
    assert counting.refresh() == 0
    assert check().violations == 0
    kept = rows("SELECT owner_id, stage, sum(n)::int FROM process_in_care GROUP BY 1, 2 ORDER BY 1, 2")
    assert kept == rows("SELECT owner_id, stage, count(*)::int FROM process_journey WHERE owner_id IS NOT NULL AND closed_at IS NULL AND archived_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2")  # fmt: skip


def test_every_second_copy_is_looked_after_by_a_colleague_of_its_own_with_work_to_do(company):
    desks = User.objects.filter(email__startswith="desk")
    assert desks.count() >= 2
    for desk in desks:
        assert Journey.objects.filter(owner=desk).count() > 20
        assert Activity.objects.filter(owner=desk, done_at=None, due_at__lt=timezone.now()).exists()
        assert Deal.objects.filter(owner=desk, status="open").exists() and desk.teams.count() == 1


def test_whoever_is_offered_to_a_colleague_already_is_not_offered_again(company):
    before = rows("SELECT count(*) FROM process_handover")
    with connection.cursor() as cursor:
        cursor.execute(LAST[-1])
    assert rows("SELECT count(*) FROM process_handover") == before


def test_indexes_that_were_away_while_it_was_filled_are_there_again(company):
    found = rows(
        "SELECT count(*) FROM pg_indexes WHERE indexname IN ('journey_cared', 'event_link_timeline', 'deal_idle')"
    )
    assert found == [(3,)]
