"""While all automation rests nothing starts, and what happened meanwhile starts nothing afterwards, whatever would have."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.automation import actions as do
from kith.automation import sweeps
from kith.automation.models import Run, Workflow
from kith.automation.tests.making import WHEN_LOST, WHY, deal, edit, lose, runs, work, workflow
from tests.cast import actor

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)  # a Wednesday


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def rest():
    do.pause_all(by=actor("astrid"))


def go_on():
    do.resume_all(by=actor("astrid"))


def look():
    sweeps.minute()
    work()


def test_a_schedule_that_came_round_meanwhile_is_not_made_up_for(clock):
    made = workflow({"record": "deal", "when": {"schedule": "30 12 * * *"}, "steps": [WHY]})
    deal()
    rest()
    clock.shift(dt.timedelta(hours=3))
    look()
    go_on()
    look()
    assert runs(made) == []
    clock.shift(dt.timedelta(days=1))
    look()
    assert len(runs(made)) == 1


def test_a_date_that_came_near_meanwhile_is_passed_over_and_the_next_one_is_not(clock):
    made = workflow({"record": "deal", "when": {"date": "closes_on", "at": "08:00"}, "steps": [WHY]})
    deal("Meanwhile", closes_on=timezone.localdate() + dt.timedelta(days=1))
    after = deal("Afterwards", closes_on=timezone.localdate() + dt.timedelta(days=3))
    rest()
    clock.shift(dt.timedelta(days=2))
    look()
    go_on()
    look()
    assert runs(made) == []
    clock.shift(dt.timedelta(days=1))
    look()
    assert [r.record_id for r in runs(made)] == [after.pk]


def test_a_filter_that_began_to_be_met_meanwhile_is_no_news_until_it_ends_and_begins_again(clock):
    made = workflow({"record": "deal", "when": {"becomes": "amount.over:50000"}, "steps": [WHY]})
    row, other = deal(amount=1_000), deal("Other", amount=90_000)
    work()
    before = len(runs(made))
    rest()
    edit(row, {"amount": 60_000})
    edit(other, {"amount": 5})
    work()
    go_on()
    look()
    assert len(runs(made)) == before
    edit(row, {"amount": 10})
    work()
    for one in (row, other):
        edit(one, {"amount": 70_000})
    work()
    assert {r.record_id for r in runs(made)[before:]} == {row.pk, other.pk}


def test_an_event_that_is_read_only_afterwards_starts_nothing_either(clock):
    made = workflow(WHEN_LOST)
    row = deal()
    rest()
    lose(row)
    clock.shift(dt.timedelta(minutes=5))
    go_on()
    work()
    assert runs(made) == []


def test_letting_go_on_what_does_not_rest_passes_nothing_over(clock):
    made = workflow(WHEN_LOST)
    lose(deal())
    clock.shift(dt.timedelta(minutes=5))
    go_on()
    work()
    assert len(runs(made)) == 1


def test_what_is_off_stays_as_it_was(clock):
    off = workflow(WHEN_LOST, on=False)
    rest()
    go_on()
    assert Workflow.objects.get(pk=off.pk).since is None and not Run.objects.exists()
