"""Each workflow that comes with Kith is sound, comes switched off, and is tried on the sample company."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.automation.checking import faults_of
from kith.automation.models import Workflow
from kith.automation.replay import replay
from kith.automation.shipped import add, offered, shipped, standing
from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.models import User
from kith.kernel.errors import NotAllowed
from kith.starters.actions import install_sample
from tests.cast import actor

# Whom it touches in the sample company, where that is nobody: why.
NOBODY = {
    "assign-by-territory": "every company of the sample has somebody who looks after it",
    "data-completion": "everybody in the sample has an address and a number",
}


@pytest.fixture(scope="module")
def tidewell(django_db_setup, django_db_blocker):
    """The sample company, for all tests here, and taken back after them."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            install_sample(by=actor("astrid"), people=600, now=timezone.now() - dt.timedelta(minutes=1))
            yield actor_for(User.objects.get(email="helena@tidewell.example"))
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)
            from kith.kernel.organisation.models import refresh

            refresh()


KEYS = ["assign-by-source", "assign-by-territory", "inactive-lead", "next-step", "reminder", "data-completion",
        "stalled-deal", "overdue", "closing-date", "onboarding"]  # fmt: skip


def test_these_come_with_kith(tidewell):
    assert [one.key for one in shipped(tidewell)] == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_each_is_sound_and_its_replay_touches_rows_of_the_sample_or_we_know_why_not(tidewell, key):
    row = standing(key, tidewell)
    assert faults_of(row.draft, tidewell, row.name) == []
    told = replay(row, by=tidewell, shown=5)
    if key in NOBODY:
        assert told.count == 0, NOBODY[key]
    else:
        assert told.count > 0 and told.tried == min(5, told.count)
        assert told.problems == 0, [one.problem for one in told.rows]
        assert all(one.would for one in told.rows)


def test_adding_one_leaves_it_unpublished_and_off_and_offers_it_no_more(tidewell):
    made = add("stalled-deal", by=tidewell)
    assert (made.active, made.number) == (False, None) and Workflow.objects.get(pk=made.pk).shipped == "stalled-deal"
    assert "stalled-deal" not in {one.key for one in offered(tidewell)}
    assert add("stalled-deal", by=tidewell).pk == made.pk
    with pytest.raises(NotAllowed):
        add("overdue", by=actor("ines"))
