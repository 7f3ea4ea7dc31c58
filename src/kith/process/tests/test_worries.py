"""What is known of a customer moves the risk of their onboarding: health, the chance that they leave, open complaints."""

from __future__ import annotations

import pytest

from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from kith.onboarding.models import Plan
from kith.onboarding.risking import weigh
from kith.onboarding.tests.cast import do, hotel, made, plan_of
from kith.process.worries import health_kept
from kith.retention.models import Care
from kith.retention.tests.cast import BY, batch, firm
from tests.cast import actor

pytestmark = pytest.mark.django_db


def fresh(plan: Plan) -> Plan:
    run_waiting_jobs(names=["onboarding.weigh"])
    return Plan.objects.get(pk=plan.pk)


def test_an_open_complaint_puts_the_onboarding_at_risk_and_its_end_takes_that_away():
    company, person = hotel()
    plan = plan_of(company, person)
    ticket = made("ticket", subject="Nothing works", person=person, company=company, kind="complaint")
    told = fresh(plan)
    assert (told.risk, told.risk_why) == ("high", "a complaint is open: “Nothing works”")
    do("ticket.solve", ticket, words="It works now")
    calm = fresh(plan)
    assert (calm.risk, calm.risk_why) == ("normal", "")
    assert [one.payload["after"] for one in Event.objects.filter(verb="onboarding.risk_moved").order_by("id")] == [
        "High",
        "Normal",
    ]


def test_a_question_that_turns_into_a_complaint_counts_and_undo_takes_it_back():
    company, person = hotel()
    plan = plan_of(company, person)
    ticket = made("ticket", subject="How does it work", person=person, company=company)
    assert fresh(plan).risk == "normal"
    actions.edit(registry["ticket"], ticket, {"kind": "complaint"}, by=actor("ines"))
    assert fresh(plan).risk == "high"
    undo(Operation.objects.filter(kind="ticket.edit").latest("pk"), by=actor("ines"))
    assert fresh(plan).risk == "normal"


@pytest.mark.parametrize(
    ("band", "health", "chance", "risk", "words"),
    [
        ("poor", 20, None, "high", "health is 20 of 100"),
        ("good", 90, 0.4, "high", "the chance that they leave is 40 %"),
        ("good", 90, 0.1, "low", "health is good, 90 of 100"),
        ("watch", 55, None, "normal", "health is to be watched, 55 of 100"),
    ],
)
def test_health_and_the_chance_of_leaving_say_how_much_at_risk_it_is(band, health, chance, risk, words):
    company = firm()
    plan = plan_of(company)
    Care.objects.update_or_create(company=company, defaults={"band": band, "health": health, "chance": chance})
    health_kept(batch(company))
    told = fresh(plan)
    assert (told.risk, told.risk_why) == (risk, words)


def test_health_that_is_worked_out_afresh_is_heard():
    from kith.retention.health.dirty import mark, work_off

    company = firm()
    plan = plan_of(company)
    actions.create(
        registry["health_part"], {"name": "Tickets", "source": "tickets", "weight": 10, "poor": 1, "good": 0}, by=BY
    )
    made("ticket", subject="It stands still", company=company, kind="problem")
    mark([("company", company.pk)])
    work_off()
    assert Care.objects.get(company=company).band == "poor"
    assert "health is 0 of 100" in fresh(plan).risk_why


def test_many_plans_are_weighed_in_as_many_questions_as_one(django_assert_max_num_queries):
    plans = [plan_of(firm(f"Firm {n}")) for n in range(6)]
    with django_assert_max_num_queries(2):
        weigh(plans, by=BY)
