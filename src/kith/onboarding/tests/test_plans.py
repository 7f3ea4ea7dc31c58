"""A plan from its beginning to the first result: where it comes from, how its days move, who is told."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.activities.models import Activity, Notice
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany, NeedsInput
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.onboarding.jobs import days
from kith.onboarding.models import Plan, PlanState, Step
from kith.onboarding.planning import choose
from kith.onboarding.queries import carried, held_up, late, loads, times
from kith.onboarding.tests.cast import do, hotel, made, plan_of, step, template
from kith.process.tests.cast import SMALL, in_force, journey_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
STEPS = (
    ("Kick-off", "ours", "", "2 business days"), ("Papers", "theirs", "kick-off", "2 business days"),
    ("Train", "ours", "papers", "5 business days"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def at(clock, day: int) -> None:
    clock.move_to(MONDAY.replace(day=day))


def test_without_a_template_a_new_customer_goes_through_the_plain_plan_with_a_word_in_the_first_days():
    plan = plan_of(*hotel())
    kinds = list(Step.objects.filter(plan=plan).order_by("due_on", "position").values_list("key", "kind", "side"))
    assert kinds[0][1] == "check_in", "somebody asks whether they are happy, before anything else is due"
    assert [key for key, kind, _side in kinds if kind != "check_in"] == [
        "kick-off",
        "papers",
        "set-up",
        "training",
        "try",
        "result",
    ]
    assert plan.name == "Onboarding of Hotel Bellevue" and plan.due_on == plan.first_due_on == dt.date(2026, 4, 2)


def test_what_is_ours_stands_among_what_its_owner_has_to_do():
    plan = plan_of(*hotel(), template=template(STEPS))
    rows = Activity.objects.filter(company=plan.company).order_by("due_at")
    assert [(row.subject, row.kind, row.owner) for row in rows if row.kind == "task"] == [
        ("Kick-off", "task", user("ines")), ("Train", "task", user("ines")),
    ]  # fmt: skip
    plan.company.refresh_from_db()
    assert plan.company.next_step in ("Kick-off", "Ask whether they are happy with their choice")


def test_the_template_of_product_and_segment_comes_before_that_of_the_product_alone():
    sensors = made("product", system("cli"), name="Sensors")
    every, retail = template(STEPS, name="All"), template(STEPS, name="Shops", segment="retail")
    own, both = (
        template(STEPS, name="Sensors", product=sensors),
        template(STEPS, name="Both", product=sensors, segment="retail"),
    )
    assert choose([sensors.pk], "retail") == both and choose([sensors.pk], "") == own
    assert choose([], "retail") == retail and choose([], "") == every


def test_finishing_a_task_late_moves_what_waits_for_it_and_says_so_to_its_owner(monday):
    plan = plan_of(*hotel(), template=template(STEPS))
    at(monday, 9)
    do("onboarding_step.finish", step(plan, "kick-off"), "priya")
    plan.refresh_from_db()
    assert (step(plan, "papers").due_on, plan.due_on) == (dt.date(2026, 3, 11), dt.date(2026, 3, 18))
    assert step(plan, "papers").first_due_on == dt.date(2026, 3, 6)
    assert Event.objects.get(verb="onboarding.slipped").payload["held_up"]
    assert plan.to_tell and Notice.objects.filter(user=user("ines"), kind="onboarding").count() == 1
    assert timezone.localdate(step(plan, "train").activity.due_at) == dt.date(2026, 3, 18), "so do the tasks"


def test_days_that_pass_push_on_what_waits_for_a_late_step(monday):
    plan = plan_of(*hotel(), template=template(STEPS))
    at(monday, 10)
    days()
    days()
    assert step(plan, "papers").due_on == dt.date(2026, 3, 12)
    assert Event.objects.filter(verb="onboarding.slipped").count() == 1, "running it twice moves nothing more"


def test_a_plan_whose_dates_cannot_be_worked_out_keeps_no_other_waiting(monday, monkeypatch):
    monkeypatch.setattr("kith.onboarding.jobs.BATCH", 1)
    made = template(STEPS)
    broken, *others = (plan_of(*hotel(name), template=made) for name in ("Hotel Bellevue", "Hotel Royal", "Hotel Post"))
    Step.objects.filter(plan=broken, key="kick-off").update(after="papers")
    at(monday, 10)
    with pytest.raises(Invalid, match="dates of 1 plans.*circle"):
        days()
    assert [step(plan, "papers").due_on for plan in others] == [dt.date(2026, 3, 12)] * 2


def test_ticking_the_task_off_finishes_the_step_and_taking_that_back_opens_it_again(monday):
    plan = plan_of(*hotel(), template=template(STEPS))
    at(monday, 3)
    outcome = do("activity.finish", step(plan, "kick-off").activity)
    assert step(plan, "kick-off").state == "done"
    undo(outcome.operation, by=actor("ines"))
    assert step(plan, "kick-off").state == "open" and step(plan, "papers").due_on == dt.date(2026, 3, 6)


def test_finishing_the_step_ticks_the_task_off_and_opening_it_again_opens_that():
    plan = plan_of(*hotel(), template=template(STEPS))
    do("onboarding_step.finish", step(plan, "kick-off"))
    assert step(plan, "kick-off").activity.done_at is not None
    do("onboarding_step.reopen", step(plan, "kick-off"))
    assert step(plan, "kick-off").activity.done_at is None and step(plan, "kick-off").state == "open"


def test_postponing_the_task_moves_the_step_and_what_waits_for_it():
    plan = plan_of(*hotel(), template=template(STEPS))
    do("activity.postpone", step(plan, "kick-off").activity, due="2026-03-11 10:00")
    assert (step(plan, "kick-off").due_on, step(plan, "papers").due_on) == (dt.date(2026, 3, 11), dt.date(2026, 3, 13))
    do("onboarding_step.move", step(plan, "kick-off"))
    assert step(plan, "kick-off").due_on == dt.date(2026, 3, 4), "without a day it is due again as the plan says"


def test_the_last_step_completes_it_and_a_milestone_is_reached_by_itself():
    plan = plan_of(*hotel())
    for key in ("kick-off", "papers", "set-up", "training", "try"):
        do("onboarding_step.finish", step(plan, key))
    plan.refresh_from_db()
    assert step(plan, "result").state == "done" and plan.state == PlanState.DONE
    completed = Event.objects.get(verb="onboarding.completed")
    assert {(link.record, link.record_id) for link in completed.links.all()} >= {
        ("company", plan.company_id),
        ("person", plan.person_id),
    }
    do("onboarding_step.reopen", step(plan, "try"))
    plan.refresh_from_db()
    assert plan.state == PlanState.RUNNING and step(plan, "result").state == "open"


def test_a_skipped_check_in_needs_a_reason_is_an_event_and_the_next_one_is_planned():
    plan = plan_of(*hotel())
    first = Step.objects.get(plan=plan, kind="check_in")
    with pytest.raises(NeedsInput):
        do("onboarding_step.skip", first)
    do("onboarding_step.skip", first, reason="They are on holiday")
    assert Event.objects.get(verb="onboarding.check_in_skipped").payload["reason"] == "They are on holiday"
    assert Step.objects.get(plan=plan, kind="check_in", state="open").due_on == dt.date(2026, 3, 16)
    assert first.activity.__class__.objects.get(pk=first.activity_id).archived_at is not None


def test_check_ins_come_more_often_where_it_is_at_risk():
    plan = plan_of(*hotel())
    do("onboarding.set_risk", plan, risk="high", reason="Their project lead left")
    do("activity.finish", Step.objects.get(plan=plan, kind="check_in").activity)
    assert Step.objects.get(plan=plan, kind="check_in", state="open").due_on == dt.date(2026, 3, 9)


def test_a_check_in_whose_task_is_put_away_counts_as_skipped():
    from kith.kernel.records.actions import archive
    from kith.kernel.records.registry import registry

    plan = plan_of(*hotel())
    archive(registry["activity"], Step.objects.get(plan=plan, kind="check_in").activity, by=actor("ines"))
    assert Event.objects.filter(verb="onboarding.check_in_skipped").count() == 1


def test_the_first_result_comes_by_the_event_that_the_product_is_known_by():
    made("first_value", system("cli"), name="First call made", verb="activity.called", within="10 days")
    company, person = hotel()
    plan = plan_of(company, person)
    assert plan.first_value_due == dt.date(2026, 3, 12)
    from kith.process.tests.cast import call

    call(actor("ines"), company=company)
    plan.refresh_from_db()
    assert plan.first_value_on == dt.date(2026, 3, 2)
    told = Event.objects.get(verb="onboarding.first_value")
    assert told.payload["what"] == "First call made" and {link.record for link in told.links.all()} >= {
        "company",
        "person",
    }


def count(row, amount, day, counter="sessions"):
    from kith.kernel.records.action import ACTIONS, perform

    given = {"counter": counter, "amount": amount, "day": day}
    perform(ACTIONS["customer.count"], row, given, by=actor("ines"))


def test_the_first_result_comes_by_use_that_reaches_a_number(monday):
    made("first_value", system("cli"), name="Ten sessions a day", counter="sessions", reaches=10)
    company, person = hotel()
    plan = plan_of(company, person)
    at(monday, 6)
    for row, amount, day, counter in (
        (company, 9, "2026-03-04", "sessions"), (company, 40, "2026-02-27", "sessions"), (company, 40, "2026-03-04", "seats"),
    ):  # fmt: skip
        count(row, amount, day, counter)
        plan.refresh_from_db()
        assert plan.first_value_on is None, "too little, from before the signature, or another counter"
    count(person, 10, "2026-03-05")
    plan.refresh_from_db()
    assert plan.first_value_on == dt.date(2026, 3, 5)
    told = Event.objects.get(verb="onboarding.first_value")
    assert (told.payload["what"], told.payload["days"]) == ("Ten sessions a day", 3)
    count(company, 12, "2026-03-06")
    assert Event.objects.filter(verb="onboarding.first_value").count() == 1


def test_of_two_products_each_first_result_has_its_own_number_of_one_counter():
    few = made("first_value", system("cli"), name="Few", counter="sessions", reaches=2)
    company, person = hotel()
    plan = plan_of(company, person)
    many = made("first_value", system("cli"), name="Many", counter="sessions", reaches=50)
    Plan.objects.filter(pk=plan.pk).update(first_value=many)
    count(company, 20, "2026-03-02")
    plan.refresh_from_db()
    assert plan.first_value_on is None
    Plan.objects.filter(pk=plan.pk).update(first_value=few)
    count(company, 21, "2026-03-02")
    plan.refresh_from_db()
    assert plan.first_value_on == dt.date(2026, 3, 2)


@pytest.mark.parametrize("wrong", [{"counter": "sessions", "reaches": 0}, {"counter": "many sessions!", "reaches": 10}])
def test_what_no_counter_is_called_or_reaches_is_refused(wrong):
    with pytest.raises((Invalid, InvalidMany)):
        made("first_value", system("cli"), name="Use", **wrong)


def test_a_milestone_is_a_first_result_by_its_name():
    made("first_value", system("cli"), name="Trained", verb="onboarding.step_done", holds="step=Train")
    plan = plan_of(*hotel(), template=template(STEPS))
    do("onboarding_step.finish", step(plan, "kick-off"))
    plan.refresh_from_db()
    assert plan.first_value_on is None
    do("onboarding_step.finish", step(plan, "train"))
    plan.refresh_from_db()
    assert plan.first_value_on == dt.date(2026, 3, 2)


def test_an_event_counts_only_where_it_holds_what_is_asked_for():
    made("first_value", system("cli"), name="Long call", verb="activity.called", holds="minutes=30")
    company, person = hotel()
    plan = plan_of(company, person)
    from kith.process.tests.cast import call

    call(actor("ines"), company=company)
    plan.refresh_from_db()
    assert plan.first_value_on is None


def test_time_to_first_result_is_a_median_by_segment_and_late_ones_are_listed(monday):
    for n, (segment, days_) in enumerate((("retail", 3), ("retail", 5), ("retail", 8), ("", None))):
        plan = plan_of(*hotel(f"Hotel {n}"), segment=segment)
        if days_:
            at(monday, 2 + days_)
            do("onboarding.reach_first_value", plan)
            at(monday, 2)
    with time_machine.travel(MONDAY + dt.timedelta(days=60), tick=False):
        found = {one.name: one for one in times(actor("ines"))}
        assert (found["retail"].median, found["retail"].reached, found[""].late) == (5, 3, 1)
        assert [p.name for p in late(actor("ines"), (user("ines").pk,))] == ["Onboarding of Hotel 3"]
        assert list(late(actor("ines"), (user("jonas").pk,))) == []
        assert carried(actor("ines"))[0]["n"] == 4


def test_where_the_customer_has_something_overdue_it_is_held_up(monday):
    plan = plan_of(*hotel(), template=template(STEPS))
    assert not held_up(actor("ines"), (user("ines").pk,))
    at(monday, 10)
    assert [p.pk for p in held_up(actor("ines"), (user("ines").pk,))] == [plan.pk]


def test_whoever_carries_more_than_the_template_allows_is_told_with_those_who_manage():
    helena, small = user("helena"), template(STEPS, most_at_once=1)
    plan_of(*hotel("One"), template=small)
    assert not Notice.objects.exists()
    second = plan_of(*hotel("Two"), template=small)
    assert set(Notice.objects.values_list("user_id", flat=True)) == {helena.pk, user("ines").pk}
    assert Event.objects.get(verb="onboarding_plan.created", record_id=second.pk).payload["crowded"] == 2


def test_whoever_types_a_new_plan_reads_that_its_owner_has_enough_before_it_is_made(client):
    template(STEPS, most_at_once=1)
    plan_of(*hotel("One"))
    company, _person = hotel("Two")
    client.force_login(user("ines"))

    def typed(**values):
        given = {"company": company.pk, "owner": user("ines").pk, "signed_on": "2026-03-02", **values}
        return client.post("/onboarding-plans/duplicates", given, HTTP_HX_REQUEST="true").text

    assert "Ines Okafor has 1 onboarding on their way; “Sensors” allows 1 at once." in typed()
    assert "on their way" not in typed(owner=user("jonas").pk) and "on their way" not in typed(owner="")
    plan_of(company)
    assert loads() == {user("ines").pk: (2, True)}


def test_whoever_makes_a_second_plan_of_a_customer_is_warned(client):
    company, person = hotel()
    plan = plan_of(company, person)
    client.force_login(user("ines"))
    warned = client.post("/onboarding-plans/new", {"company": company.pk, "signed_on": "2026-03-02"})
    assert warned.status_code == 422 and plan.name in warned.text
    assert Plan.objects.count() == 1


def test_stopping_puts_its_tasks_away_and_going_on_brings_them_back():
    plan = plan_of(*hotel(), template=template(STEPS))
    do("onboarding.stop", plan, reason="The hotel is sold")
    assert not Activity.objects.filter(company=plan.company, archived_at=None).exists()
    do("onboarding.resume", Plan.objects.get(pk=plan.pk))
    assert Activity.objects.filter(company=plan.company, archived_at=None).count() == 3


HANDED = SMALL.replace("enters_on: [deal.won]", "enters_on: [journey.handover_accepted]\n    handover: true")


def test_accepting_a_hand_over_begins_the_plan_of_the_receiver_and_taking_it_back_ends_it():
    in_force(HANDED)
    company, person = hotel()
    made("order", name="Sensors", company=company, person=person, placed_on=dt.date(2026, 2, 26))
    made("deal", name="Sensors", company=company, contact=person)
    journey = journey_of(company)
    do("journey.hand_over", journey, to=user("priya").pk, says="All well.")
    outcome = do("journey.accept_handover", journey, "priya")
    plan = Plan.objects.get(archived_at=None)
    assert (plan.owner, plan.signed_on, plan.person) == (user("priya"), dt.date(2026, 2, 26), person)
    undo(outcome.operation, by=actor("priya"))
    assert not Plan.objects.filter(archived_at=None).exists()
    assert not Activity.objects.filter(archived_at=None).exists()


def test_a_hand_over_of_somebody_who_bought_nothing_begins_none():
    in_force(HANDED)
    company, person = hotel()
    made("deal", name="Sensors", company=company, contact=person)
    do("journey.hand_over", journey_of(company), to=user("priya").pk, says="All well.")
    do("journey.accept_handover", journey_of(company), "priya")
    assert not Plan.objects.exists()
