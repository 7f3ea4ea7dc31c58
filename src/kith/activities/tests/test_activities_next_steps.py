import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.activities.actions import set_next_step
from kith.activities.models import Activity, Mention
from kith.kernel.errors import InvalidMany
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from tests.cast import actor, add, user

pytestmark = pytest.mark.django_db
people, activities = registry["person"], registry["activity"]
DO = {a.verb: a for a in activities.actions}


@pytest.fixture
def marta(ines):
    hotel = add(ines, "company", name="Hotel Bellevue")
    return add(ines, "person", given_name="Marta", company=hotel.pk)


def step(row):
    row.refresh_from_db()
    return row.next_step, row.next_step_at and row.next_step_at.date().isoformat()


def test_the_earliest_open_dated_activity_is_the_next_step_of_person_and_company(ines, marta):
    add(ines, "activity", subject="Training", due_at="2026-12-03 09:00", person=marta.pk)
    call = add(ines, "activity", subject="Call back", kind="call", due_at="2026-12-01 09:00", person=marta.pk)
    add(ines, "activity", subject="Some day", person=marta.pk)
    assert step(marta) == step(marta.company) == ("Call back", "2026-12-01")
    perform(DO["finish"], call, {}, by=ines)
    assert step(marta) == ("Training", "2026-12-03")
    perform(DO["reopen"], call, {}, by=ines)
    assert step(marta) == ("Call back", "2026-12-01")
    actions.archive(activities, call, by=ines)
    assert step(marta) == ("Training", "2026-12-03")
    actions.restore(activities, call, by=ines)
    assert step(marta) == ("Call back", "2026-12-01")


def test_moving_an_activity_to_somebody_else_moves_the_next_step(ines, marta):
    yusuf = add(ines, "person", given_name="Yusuf")
    task = add(ines, "activity", subject="Demo", due_at="2026-12-01", person=marta.pk)
    actions.edit(activities, task, {"person": yusuf}, by=ines)
    assert step(marta) == ("", None)
    assert step(yusuf) == ("Demo", "2026-12-01")


def test_finishing_may_name_what_comes_next(ines, marta):
    task = add(ines, "activity", subject="Demo", due_at="2026-12-01", person=marta.pk)
    perform(
        DO["finish"], task, {"outcome": "liked it", "next_subject": "Send the offer", "next_due": "2026-12-05"}, by=ines
    )
    assert step(marta) == ("Send the offer", "2026-12-05")
    assert "did: Demo (liked it)" in [e.sentence for e in timeline(ines, "person", marta.pk)[0]]


@time_machine.travel("2026-03-12 08:00:00Z", tick=False)
def test_what_repeats_opens_again_on_its_next_date(ines, marta):
    task = add(
        ines,
        "activity",
        subject="Check in",
        due_at="2026-03-02 09:00",
        person=marta.pk,
        repeat="FREQ=WEEKLY;INTERVAL=2",
    )
    perform(DO["finish"], task, {}, by=ines)
    assert step(marta) == ("Check in", "2026-03-16")
    assert Activity.objects.get(done_at=None).repeat == "FREQ=WEEKLY;INTERVAL=2"


def test_a_repeat_rule_that_makes_no_sense_is_refused_in_words(ines, marta):
    for rule in ("whenever", "FREQ=SOMETIMES", "FREQ=DAILY;COUNT=x"):
        with pytest.raises(InvalidMany, match="repeat rule"):
            add(ines, "activity", subject="x", due_at="2026-12-01", repeat=rule)


def test_a_call_logged_is_a_touch_and_says_how_long(ines, marta):
    add(ines, "activity", subject="Keys", kind="call", done_at="2026-03-01 10:00", minutes="12", person=marta.pk)
    marta.refresh_from_db()
    assert marta.last_touch_at == dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
    entry = timeline(ines, "person", marta.pk, chips=["calls"])[0][0]
    assert (entry.sentence, entry.event.at) == ("called, 12 min", marta.last_touch_at)
    add(ines, "activity", subject="Older", kind="meeting", done_at="2026-02-01 10:00", person=marta.pk)
    marta.refresh_from_db()
    assert marta.last_touch_at.month == 3


def test_a_note_is_no_task_and_tells_the_colleague_it_names(ines, marta):
    priya = user("priya")
    actor("priya")
    note = add(ines, "activity", kind="note", body="@Priya please bring the keys, @Nobody too", person=marta.pk)
    assert note.done_at is not None and step(marta) == ("", None)
    assert [m.user for m in Mention.objects.all()] == [priya]
    actions.edit(activities, note, {"body": "@Priya Nair please bring the keys"}, by=ines)
    assert Mention.objects.count() == 1


def test_postponing_is_counted_and_can_be_taken_back(ines, marta):
    task = add(ines, "activity", subject="Demo", due_at="2026-12-01", person=marta.pk)
    done = perform(DO["postpone"], task, {"due": "2026-12-09"}, by=ines)
    assert step(marta) == ("Demo", "2026-12-09")
    undo(done.operation, by=ines)
    assert step(marta) == ("Demo", "2026-12-01")


def test_merging_people_gives_the_survivor_the_earlier_step(ines, marta):
    double = add(ines, "person", given_name="Martha")
    add(ines, "activity", subject="Later", due_at="2026-12-09", person=marta.pk)
    add(ines, "activity", subject="Sooner", due_at="2026-12-01", person=double.pk)
    _kept, op = merge(people, marta, [double], by=ines)
    assert step(marta) == ("Sooner", "2026-12-01")
    undo(op, by=ines)
    assert step(marta) == ("Later", "2026-12-09")
    assert step(double) == ("Sooner", "2026-12-01")


def test_setting_the_next_step_needs_words_and_a_date(ines, marta):
    with pytest.raises(InvalidMany) as bad:
        set_next_step(people, marta, subject=" ", due=None, by=ines)
    assert set(bad.value.errors) == {"subject", "due"}
    set_next_step(people, marta, subject="Call", due=timezone.now() + dt.timedelta(1), by=ines)
    assert step(marta)[0] == "Call"


def test_a_call_that_never_was_gives_the_last_touch_back_to_the_one_before(ines, marta):
    def touched():
        marta.refresh_from_db()
        marta.company.refresh_from_db()
        assert marta.last_touch_at == marta.company.last_touch_at
        return marta.last_touch_at and marta.last_touch_at.date().isoformat()

    first = perform(ACTIONS["activity.log_call"], marta, {"body": "Hello", "when": "2026-03-01 09:00"}, by=ines)
    second = perform(ACTIONS["activity.log_call"], marta, {"body": "Again", "when": "2026-03-09 09:00"}, by=ines)
    assert touched() == "2026-03-09"
    undo(second.operation, by=ines)
    assert touched() == "2026-03-01"
    actions.edit(activities, first.result, {"due_at": first.result.due_at - dt.timedelta(days=2)}, by=ines)
    assert touched() == "2026-02-27"
    perform(DO["reopen"], first.result, {}, by=ines)
    assert touched() is None
