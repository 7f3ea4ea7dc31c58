"""What nobody takes in time goes to whom the stage names, by the clock."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from kith.activities.models import Notice
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.process.definition.checks import faults
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.handovers import waiting_of
from kith.process.handovers.unclaimed import give_to_fallback
from kith.process.jobs import fallback
from kith.process.tests.cast import SMALL, company, in_force, journey_of, made
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
GIVEN = SMALL.replace(
    "enters_on: [deal.won]",
    "enters_on: [deal.won]\n    team: South\n    handover: true\n    fallback: priya@tidewell.example",
)
LEAD = SMALL.replace(
    "    warn: 30 min\n", "    warn: 30 min\n    fallback: priya@tidewell.example\n    fallback_after: 4 h\n"
)


@pytest.fixture
def jonas():
    for who in ("ines", "priya"):
        user(who)
    return actor("jonas")


def later(**span):
    return time_machine.travel(timezone.now() + dt.timedelta(**span), tick=False)


def sold(by):
    in_force(GIVEN)
    row = company(by)
    made("deal", by, name="Sensors", company=row)
    return row


def do(verb, row, by, **raw):
    return perform(ACTIONS[f"journey.{verb}"], journey_of(row), raw, by=by)


def test_a_hand_over_that_a_colleague_does_not_answer_in_a_day_goes_to_the_fallback_once(jonas):
    bellevue = sold(jonas)
    do("hand_over", bellevue, jonas, to=user("ines").pk, says="A Polish manual is promised.")
    with later(hours=23):
        assert give_to_fallback() == 0
    with later(hours=25):
        fallback()
        assert waiting_of(journey_of(bellevue)).receiver == user("priya")
        assert give_to_fallback() == 0
        assert Notice.objects.filter(user=user("priya")).count() == 1
        do("accept_handover", bellevue, actor("priya"))
    assert journey_of(bellevue).stage == "service" and journey_of(bellevue).owner == user("priya")
    told = Event.objects.get(verb="journey.handover_passed_on").payload
    assert (told["to"], told["allowed"]) == ("Priya Nair", "1 day")


def test_so_does_one_that_a_whole_team_was_asked_for(jonas):
    bellevue = sold(jonas)
    deal, reason = (registry[name].model.objects for name in ("deal", "reason"))
    raw = {"reason": reason.filter(outcome="won").first().pk, "override_reason": "A small one"}
    perform(ACTIONS["deal.win"], deal.get(company=bellevue), raw, by=jonas)
    assert waiting_of(journey_of(bellevue)).receiver is None
    with later(hours=25):
        assert give_to_fallback() == 1
        assert waiting_of(journey_of(bellevue)).receiver == user("priya")


def test_what_was_accepted_or_asked_back_in_time_stays_where_it_is(jonas):
    bellevue = sold(jonas)
    do("hand_over", bellevue, jonas, to=user("ines").pk, says="All well.")
    do("return_handover", bellevue, actor("ines"), missing="Who pays?")
    with later(days=3):
        assert give_to_fallback() == 0


def test_a_lead_that_nobody_looks_after_goes_to_the_fallback_after_the_stage_s_time(jonas):
    in_force(LEAD)
    alone, taken = company(jonas, owner=None), company(jonas, "Clinic", owner=user("jonas"))
    edit(registry["company"], alone, {"owner": None}, by=jonas)
    with later(hours=3):
        assert give_to_fallback() == 0
    with later(hours=5):
        assert (give_to_fallback(), give_to_fallback()) == (1, 0)
    alone.refresh_from_db(), taken.refresh_from_db()
    assert (alone.owner, taken.owner) == (user("priya"), user("jonas"))
    assert journey_of(alone).owner == user("priya") and "is yours now" in Notice.objects.get().text


def test_one_that_cannot_be_given_holds_up_nobody_else(jonas):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE contacts_company ADD CONSTRAINT not_hers CHECK (name <> 'Clinic' OR owner_id IS DISTINCT FROM %s)"
            % int(user("priya").pk)
        )
    in_force(LEAD)
    stuck, free = company(jonas, "Clinic", owner=None), company(jonas, owner=None)
    for one in (stuck, free):
        edit(registry["company"], one, {"owner": None}, by=jonas)
    with later(hours=5):
        assert give_to_fallback() == 1
    stuck.refresh_from_db(), free.refresh_from_db()
    assert (stuck.owner, free.owner) == (None, user("priya"))
    assert "Clinic" not in Notice.objects.get().text


def test_where_no_stage_names_anybody_one_question_at_most_is_asked(jonas, django_assert_max_num_queries):
    in_force(SMALL)
    give_to_fallback()
    with django_assert_max_num_queries(0):
        assert give_to_fallback() == 0


def test_a_fallback_that_is_no_colleague_or_a_time_without_one_is_named():
    assert any("nobody@else.example, who is no colleague" in words for words in faults(from_yaml(
        GIVEN.replace("priya@tidewell.example", "nobody@else.example"))))  # fmt: skip
    gone = LEAD.replace("    fallback: priya@tidewell.example\n", "")
    assert any("“fallback” does not say who" in words for words in faults(from_yaml(gone)))
    user("priya")
    assert from_yaml(to_yaml(from_yaml(LEAD))) == from_yaml(LEAD)
