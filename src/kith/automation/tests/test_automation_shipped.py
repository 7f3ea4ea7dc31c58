"""Each workflow that comes with Kith is sound, comes switched off, and is tried on the sample company."""

import datetime as dt

import pytest
import time_machine

from kith.automation import actions as do
from kith.automation.checking import faults_of
from kith.automation.models import Run, Workflow
from kith.automation.replay import replay
from kith.automation.shipped import add, offered, shipped, standing
from kith.automation.tests.making import the_run, work
from kith.capture.events import AssetDownloaded, FormSubmitted
from kith.kernel.access.actor import actor_for, system
from kith.kernel.accounts.models import Team, User
from kith.kernel.errors import NotAllowed
from kith.kernel.organisation.models import bump
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.process.models import Handover, Journey
from kith.starters.actions import install_sample
from tests.cast import actor

NOW = dt.datetime(
    2026, 4, 7, 14, 20, tzinfo=dt.UTC
)  # a day on which a lead of the last weeks waits for its first answer
# Whom it touches in the sample company, where that is nobody: why.
NOBODY = {
    "assign-by-territory": "every company of the sample has somebody who looks after it",
    "hand-over": "in a sample of this size everybody who was won has been handed over; one who is not is tried below",
    "opened-asset": "the sample hands its assets over by mail; somebody who opened one is tried below",
    "data-completion": "everybody in the sample has an address and a number",
}


@pytest.fixture(scope="module")
def tidewell(django_db_setup, django_db_blocker):
    """The sample company, for all tests here, and taken back after them."""
    from django.db import transaction

    with django_db_blocker.unblock(), time_machine.travel(NOW):
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            install_sample(by=actor("astrid"), people=600, now=NOW)
            yield actor_for(User.objects.get(email="helena@tidewell.example"))
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)
            from kith.kernel.organisation.models import refresh

            refresh()


KEYS = ["assign-by-source", "assign-by-territory", "inactive-lead", "next-step", "reminder", "data-completion", "opened-asset",
        "stalled-deal", "overdue", "overdue-lead", "overdue-answer", "closing-date", "onboarding", "hand-over"]  # fmt: skip


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


def _won(tidewell):
    """The relationship of a deal of the sample that is won now."""
    deals = registry["deal"].rows(tidewell, archived=False).filter(status="open", company__journeys__stage="deal")
    deal = deals.filter(company__journeys__closed_at=None).order_by("pk").first()
    perform(ACTIONS["deal.win"], deal, {"reason": "Speed"}, by=actor_for(deal.owner))
    return Journey.objects.get(company=deal.company_id, closed_at=None)


def test_who_is_won_is_offered_by_whoever_adds_it_where_nobody_made_the_team_that_comes_next(tidewell):
    Team.objects.filter(name="Success").update(name="After the sale")
    bump()
    row = add("hand-over", by=tidewell)
    journey = _won(tidewell)
    assert (journey.stage, journey.handovers.count()) == ("convert", 0)
    told = replay(row, by=tidewell)
    assert [one.pk for one in told.rows] == [journey.pk] and told.problems == 0 and journey.handovers.count() == 0
    do.switch_on(do.publish(row, by=tidewell), by=tidewell)
    other = _won(tidewell)
    work()
    assert the_run(row).state == "done"
    offered = Handover.objects.get(journey=other, accepted_at=None, returned_at=None)
    assert offered.receiver_id == tidewell.user_id and "is won" in offered.says, "no team is called as its step says"
    assert replay(row, by=tidewell).count == 1, "who is offered already is not offered again"
    Team.objects.filter(name="After the sale").update(name="Success")  # the sample stays for the tests below


def test_the_hand_over_goes_to_the_team_of_the_step_that_comes_next(tidewell):
    bump()
    someone = Team.objects.get(name="Success").members.order_by("pk").first()
    assert someone.pk != tidewell.user_id
    assert standing("hand-over", tidewell).draft["steps"][0]["inputs"]["to"] == someone.email


def test_the_follow_up_begins_with_the_opening_and_not_with_the_asking(tidewell):
    row = add("opened-asset", by=tidewell)
    person = registry["person"].rows(tidewell, archived=False).filter(next_step_at=None, owner=tidewell.user_id).first()
    assert replay(row, by=tidewell).count == 0
    do.switch_on(do.publish(row, by=tidewell), by=tidewell)
    with change(person, by=system("web")) as c:
        c.says(FormSubmitted(submission=0, form="Leak check"))
    work()
    assert not Run.objects.filter(workflow=row).exists()
    with change(registry["person"].get(tidewell, person.pk), by=system("web")) as c:
        c.says(AssetDownloaded("Leak check on one page", 1))
    work()
    assert the_run(row).state == "waiting"
    told = replay(row, by=tidewell)
    assert told.count == 1 and told.problems == 0 and "Ask what {name} made of it" in str(told.rows[0].would)


def test_adding_one_leaves_it_unpublished_and_off_and_offers_it_no_more(tidewell):
    made = add("stalled-deal", by=tidewell)
    assert (made.active, made.number) == (False, None) and Workflow.objects.get(pk=made.pk).shipped == "stalled-deal"
    assert "stalled-deal" not in {one.key for one in offered(tidewell)}
    assert add("stalled-deal", by=tidewell).pk == made.pk
    with pytest.raises(NotAllowed):
        add("overdue", by=actor("ines"))
