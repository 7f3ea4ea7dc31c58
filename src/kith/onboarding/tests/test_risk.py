"""How much at risk an onboarding is: by its own days, by what a colleague says, and how check-ins follow."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.onboarding.jobs import days
from kith.onboarding.models import Plan, Step
from kith.onboarding.tests.cast import do, hotel, plan_of, template
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
STEPS = (("Kick-off", "ours", "", "2 business days"), ("Papers", "theirs", "kick-off", "2 business days"))


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def fresh(plan: Plan) -> Plan:
    run_waiting_jobs(names=["onboarding.weigh"])
    return Plan.objects.get(pk=plan.pk)


def checked_in(plan: Plan) -> Plan:
    """The first word after the purchase is spoken; the next check-in is planned."""
    do("onboarding_step.finish", Step.objects.get(plan=plan, kind="check_in", state="open"))
    return plan


def next_one(plan: Plan) -> Step:
    return Step.objects.get(plan=plan, kind="check_in", state="open")


def test_a_plan_that_slips_by_a_week_is_at_high_risk_says_why_and_check_ins_come_sooner(monday):
    plan = checked_in(plan_of(*hotel(), template=template(STEPS)))
    assert (fresh(plan).risk, next_one(plan).due_on) == ("normal", dt.date(2026, 3, 16))
    monday.move_to(MONDAY.replace(day=9))
    days()
    slipped = fresh(plan)
    assert slipped.risk == "high" and "the first result was due on" in slipped.risk_why
    said = Event.objects.get(verb="onboarding.risk_moved").payload
    assert (said["before"], said["after"]) == ("Normal", "High") and said["why"] == slipped.risk_why
    assert next_one(plan).due_on == dt.date(2026, 3, 9), "every 7 days from the last one, of 2 March"
    assert next_one(plan).activity.due_at.date() == dt.date(2026, 3, 9), "so does what a colleague has to do"


def test_the_risk_falls_again_with_its_reason_and_so_does_the_rhythm(monday):
    plan = checked_in(plan_of(*hotel(), template=template(STEPS)))
    monday.move_to(MONDAY.replace(day=9))
    days()
    do("onboarding.reach_first_value", fresh(plan))
    do("onboarding_step.finish", Step.objects.get(plan=plan, key="kick-off"), on="2026-03-04")
    calm = fresh(plan)
    assert calm.risk == "normal"
    assert next_one(plan).due_on == dt.date(2026, 3, 16)


def test_a_check_in_that_somebody_put_on_a_day_of_its_own_stays_there():
    plan = checked_in(plan_of(*hotel()))
    do("onboarding_step.move", next_one(plan), to="2026-03-13")
    do("onboarding.set_risk", plan, risk="high", reason="Their project lead left")
    assert next_one(plan).due_on == dt.date(2026, 3, 13)


def test_the_first_word_after_the_purchase_does_not_wait_for_the_rhythm():
    plan = plan_of(*hotel())
    day = next_one(plan).due_on
    do("onboarding.set_risk", plan, risk="high", reason="Their project lead left")
    assert next_one(plan).due_on == day


def test_what_a_colleague_says_counts_whatever_is_known_until_their_day_is_over(monday):
    plan = checked_in(plan_of(*hotel(), template=template(STEPS)))
    do("onboarding.set_risk", plan, risk="low", reason="They asked for a later start", until="2026-03-10")
    assert Event.objects.get(verb="onboarding.risk_set").payload["reason"] == "They asked for a later start"
    monday.move_to(MONDAY.replace(day=10))
    days()
    assert fresh(plan).risk == "low", "late as it is"
    monday.move_to(MONDAY.replace(day=11))
    days()
    over = fresh(plan)
    assert (over.risk, over.risk_reason, over.risk_until) == ("high", "", None)
    assert Event.objects.filter(verb="onboarding.risk_released").count() == 1


def test_setting_the_risk_needs_a_reason_and_a_day_to_come():
    plan = plan_of(*hotel())
    with pytest.raises(NeedsInput):
        do("onboarding.set_risk", plan, risk="high")
    with pytest.raises(Invalid, match="still to come"):
        do("onboarding.set_risk", plan, risk="high", reason="Why not", until="2026-03-01")


def test_letting_go_follows_what_is_known_at_once_and_undo_brings_the_words_back():
    plan = plan_of(*hotel())
    do("onboarding.set_risk", plan, risk="high", reason="Their project lead left")
    outcome = do("onboarding.release_risk", fresh(plan))
    assert (fresh(plan).risk, fresh(plan).risk_reason) == ("normal", "")
    undo(outcome.operation, by=actor("ines"))
    assert (fresh(plan).risk, fresh(plan).risk_reason) == ("high", "Their project lead left")


def test_the_page_of_the_onboarding_says_how_much_at_risk_it_is_and_why(client):
    plan = plan_of(*hotel())
    do("onboarding.set_risk", plan, risk="high", reason="Their project lead left", until="2026-03-10")
    client.force_login(user("ines"))
    page = client.get(f"/onboarding-plans/{plan.pk}").content.decode()
    assert "At high risk" in page and "Their project lead left" in page
    assert f"/onboarding-plans/{plan.pk}/do/release_risk" in page


def test_looking_again_when_nothing_moved_tells_nothing(monday):
    plan = checked_in(plan_of(*hotel(), template=template(STEPS)))
    monday.move_to(MONDAY.replace(day=9))
    for _ in range(3):
        days()
        fresh(plan)
    assert Event.objects.filter(verb="onboarding.risk_moved").count() == 1


def test_a_plan_that_cannot_be_weighed_keeps_no_other_waiting(monday):
    broken, sound = (
        checked_in(plan_of(*hotel(name), template=template(STEPS, name=name)))
        for name in ("Hotel Bellevue", "Hotel Royal")
    )
    type(broken.template).objects.filter(pk=broken.template_id).update(check_in_risky="now and then")
    monday.move_to(MONDAY.replace(day=9))
    with pytest.raises(Invalid, match="of 1 plans"):
        days()
    assert Plan.objects.get(pk=sound.pk).risk == "high"
