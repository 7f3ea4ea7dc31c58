"""A rule that only the passing of time makes true lets those go on who wait for it, though nobody touches them."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.types import type_of
from kith.process.jobs import days
from kith.process.journeys.by_time import let_go_on
from kith.process.tests.cast import SMALL, call, company, in_force, journey_of, made
from tests.cast import actor

pytestmark = pytest.mark.django_db
ENTERED = "    enters_on: [deal.created]\n"
SOON = SMALL.replace(ENTERED, ENTERED + '    entry: {of: deal, where: "closes_on.in:next_30_days"}\n')
NEED = "      - {key: fit, says: Fit was judged}\n"
DUE = "      - {key: near, says: The deal is near, by: rule, rule: {of: deal, where: 'closes_on.before:+7d'}}\n"


@pytest.fixture
def ines():
    return actor("ines")


def say(event):
    return type_of(event.verb).say(event.payload)


def later(days):
    return time_machine.travel(timezone.now() + dt.timedelta(days=days), tick=False)


def waits(ines, name="Hotel Bellevue", days=60):
    """A company that is held back from Deal until its deal closes soon."""
    row = company(ines, name)
    made("deal", ines, name="Sensors", company=row, closes_on=timezone.localdate() + dt.timedelta(days=days))
    assert (journey_of(row).stage, journey_of(row).wanted) == ("capture", "deal")
    return row


def test_nobody_touches_them_the_day_comes_and_they_go_on_once(ines):
    in_force(SOON)
    bellevue = waits(ines)
    with later(20):
        assert let_go_on() == 0 and journey_of(bellevue).stage == "capture"
    with later(40):
        days()
        assert (journey_of(bellevue).stage, journey_of(bellevue).wanted) == ("deal", "")
        assert let_go_on() == 0
    [moved] = Event.objects.filter(verb="journey.moved", record_id=journey_of(bellevue).pk)
    assert moved.payload["on"] == "time.passed" and moved.at > timezone.now()
    assert "since time made it true: Deal: Closes is in the next 30 days" in say(moved)


def test_only_those_whose_day_came_go_on(ines):
    in_force(SOON)
    near, far = waits(ines), waits(ines, "Clinic", days=200)
    with later(40):
        assert let_go_on() == 1
    assert (journey_of(near).stage, journey_of(far).stage) == ("deal", "capture")


def test_a_strict_gate_that_asks_for_a_near_day_opens_by_time(ines):
    in_force(SMALL.replace("    only: []\n", "    gate: strict\n").replace(NEED, DUE))
    bellevue = company(ines, industry="Hotels")
    call(ines, company=bellevue)
    made("deal", ines, name="Sensors", company=bellevue, closes_on=timezone.localdate() + dt.timedelta(days=20))
    assert journey_of(bellevue).wanted == "deal"
    assert let_go_on() == 0
    with later(15):
        assert let_go_on() == 1
    assert journey_of(bellevue).stage == "deal"


def test_who_waits_for_something_else_as_well_goes_on_waiting_and_is_told_of_no_second_time(ines):
    in_force(SOON.replace("    only: []\n", "    gate: strict\n"))
    bellevue = waits(ines)
    with later(40):
        assert let_go_on() == 0
    assert journey_of(bellevue).stage == "capture" and Event.objects.filter(verb="journey.held").count() == 1


def test_who_was_moved_on_by_hand_waits_no_more(ines):
    in_force(SOON)
    bellevue = waits(ines)
    perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "qualify"}, by=ines)
    with later(40):
        assert let_go_on() == 0
    assert journey_of(bellevue).stage == "qualify"


def test_where_no_rule_looks_at_the_calendar_nothing_is_asked(ines, django_assert_num_queries):
    in_force(SMALL.replace(ENTERED, ENTERED + '    entry: {of: company, where: "industry.has:hotel"}\n'))
    made("deal", ines, name="Sensors", company=company(ines))
    let_go_on()
    with django_assert_num_queries(0):
        let_go_on()


def test_one_who_waits_costs_as_many_questions_as_many(ines):
    in_force(SOON)

    def asked():
        with CaptureQueriesContext(connection) as found:
            assert let_go_on() == 0
        return len(found)

    waits(ines)
    let_go_on()
    one = asked()
    for n in range(5):
        waits(ines, f"Hotel {n}")
    assert asked() == one <= 4  # those of a transaction among them


def test_taking_the_deal_back_before_the_day_leaves_nobody_to_go_on(ines):
    in_force(SOON)
    bellevue = waits(ines)
    edit(registry["deal"], registry["deal"].model.objects.get(company=bellevue), {"closes_on": None}, by=ines)
    with later(40):
        assert let_go_on() == 0
