"""While all automation rests nothing starts, and what happened meanwhile starts nothing afterwards, whatever would have. Runs
that waited for it go on."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.automation import actions as do
from kith.automation import sweeps
from kith.automation.models import Run, RunState, Workflow
from kith.automation.starting import start_by_events
from kith.automation.tests.making import WHEN_LOST, WHY, deal, edit, lose, runs, tasks, the_run, work, workflow
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.models import Event
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


def waiting(**more):
    """A workflow of which a run waits for a call about the deal that was lost, and that deal."""
    wait = {"do": "wait", "until": "activity.called", "at_most": "7 days", **more}
    made = workflow({"record": "deal", "when": {"event": "deal.lost"}, "steps": [wait, WHY]})
    row = deal()
    lose(row)
    work()
    assert the_run(made).waits_for == "activity.called"
    return made, row


def call(row, **more):
    perform(ACTIONS["activity.log_call"], row, {"body": "They called back.", **more}, by=actor("ines"))
    work()


def test_a_wait_goes_on_afterwards_when_what_it_waits_for_happened_meanwhile(clock):
    made, row = waiting()
    rest()
    clock.shift(dt.timedelta(hours=1))
    call(row)
    look()
    assert tasks(row) == []  # nothing goes on while all rests
    clock.shift(dt.timedelta(days=9))
    go_on()
    look()
    run = the_run(made)
    assert run.state == RunState.DONE and len(tasks(row)) == 1
    assert run.steps.order_by("pk").first().result == "It happened."


def test_what_happened_meanwhile_to_another_row_or_was_something_else_wakes_nothing(clock):
    made, row = waiting()
    rest()
    call(deal("Second site"))
    edit(row, {"competitor": "Frostline"})
    work()
    go_on()
    look()
    assert the_run(made).state == RunState.WAITING and tasks(row) == []


def test_what_happened_meanwhile_but_after_the_limit_came_too_late(clock):
    made, row = waiting(otherwise="stop")
    rest()
    clock.shift(dt.timedelta(days=8))
    call(row)
    clock.shift(dt.timedelta(days=1))
    go_on()
    look()
    run = the_run(made)
    assert run.state == RunState.STOPPED and run.why == "It did not happen in time." and tasks(row) == []


def test_what_was_read_only_after_the_rest_wakes_too_and_starts_nothing(clock):
    made, row = waiting()
    rest()
    clock.shift(dt.timedelta(hours=1))
    perform(ACTIONS["activity.log_call"], row, {"body": "They called back."}, by=actor("ines"))
    lose(deal("Second site"))
    clock.shift(dt.timedelta(minutes=5))
    go_on()
    work()
    assert [r.state for r in runs(made)] == [RunState.DONE] and len(tasks(row)) == 1


def test_many_that_were_called_meanwhile_cost_as_many_statements_as_one(clock, django_assert_max_num_queries):
    made = workflow({"record": "deal", "when": {"event": "deal.lost"}, "steps": [
        {"do": "wait", "until": "activity.called", "at_most": "7 days"}, WHY]})  # fmt: skip
    rows = [deal(f"Site {n}") for n in range(6)]
    for row in rows:
        lose(row)
    work()
    rest()
    for row in rows:
        perform(ACTIONS["activity.log_call"], row, {"body": "They called back."}, by=actor("ines"))
    with django_assert_max_num_queries(14):
        start_by_events(list(Event.objects.filter(verb="activity.called")))
    assert [(r.state, r.waits_for, r.steps_done) for r in runs(made)] == [(RunState.QUEUED, "", 1)] * 6
    work()
    go_on()
    look()
    assert [r.state for r in runs(made)] == [RunState.DONE] * 6 and len(tasks(rows[0])) == 1
