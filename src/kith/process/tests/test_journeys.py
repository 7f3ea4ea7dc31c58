"""Journeys follow what happens to their customers, one for each, and never go back by themselves."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, edit, restore
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.process.journeys.customers import running_of
from kith.process.models import RUNNING, Journey, Stay
from kith.process.tests.cast import call, company, in_force, journey_of, made, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    in_force()
    return actor("ines")


def stays(journey: Journey) -> list[tuple[str, bool]]:
    """(stage, has left) of a journey, in order."""
    return [(s.stage, s.left_at is not None) for s in Stay.objects.filter(journey=journey).order_by("entered_at", "id")]


def move(journey, by, **raw):
    return perform(ACTIONS["journey.move"], journey, raw, by=by).result


def test_without_a_published_process_nobody_is_on_a_journey():
    company(actor("ines"))
    assert not Journey.objects.exists()


def test_a_new_company_begins_a_journey_with_its_clock(ines):
    bellevue = company(ines)
    journey = journey_of(bellevue)
    assert (journey.stage, journey.name, journey.owner_id) == ("capture", "Hotel Bellevue", ines.user_id)
    assert journey.due_at - journey.entered_at == dt.timedelta(hours=2)
    assert journey.due_at - journey.warn_at == dt.timedelta(minutes=30)
    assert stays(journey) == [("capture", False)]


def test_a_person_alone_has_a_journey_and_one_at_a_company_goes_its_way(ines):
    alone, bellevue = person(ines, "Tom"), company(ines)
    marta = person(ines, "Marta", company=bellevue)
    assert journey_of(alone).stage == "capture"
    assert running_of("person", marta.pk) == journey_of(bellevue)
    assert Journey.objects.count() == 2


def test_the_database_keeps_a_second_running_journey_out(ines):
    first = journey_of(company(ines))
    with pytest.raises(IntegrityError), transaction.atomic():
        Journey.objects.create(
            process=first.process, held_to=1, company=first.company, stage="capture", opened_at=timezone.now(),
            entered_at=timezone.now(),
        )  # fmt: skip


def test_what_happens_brings_it_on_and_says_what_was_skipped(ines):
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    journey = journey_of(bellevue)
    assert (journey.stage, journey.skipped) == ("deal", ["qualify"])
    moved = Event.objects.get(record="journey", verb="journey.moved")
    assert moved.payload["skipped_names"] == ["Qualify"] and moved.payload["on"] == "deal.created"
    assert stays(journey) == [("capture", True), ("deal", False)]


def test_a_call_moves_it_and_a_second_one_changes_nothing(ines):
    bellevue = company(ines)
    call(ines, company=bellevue)
    call(ines, company=bellevue)
    assert stays(journey_of(bellevue)) == [("capture", True), ("qualify", False)]


def test_what_happens_with_one_of_its_people_brings_a_company_on(ines):
    bellevue = company(ines)
    marta = person(ines, company=bellevue)
    call(ines, person=marta)
    assert stays(journey_of(bellevue)) == [("capture", True), ("qualify", False)]
    made("deal", ines, name="Sensors", contact=marta)
    assert journey_of(bellevue).stage == "deal" and Journey.objects.count() == 1


def test_it_never_goes_back_by_itself(ines):
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    call(ines, company=bellevue)
    assert journey_of(bellevue).stage == "deal"


def test_the_gate_says_what_is_missing_and_a_reason_passes_it(ines):
    bellevue = company(ines)
    call(ines, company=bellevue)
    with pytest.raises(NeedsInput, match="Their industry is known, Fit was judged"):
        move(journey_of(bellevue), ines, stage="deal")
    edit(registry["company"], bellevue, {"industry": "Hotels"}, by=ines)
    with pytest.raises(NeedsInput, match="Missing: Fit was judged"):
        move(journey_of(bellevue), ines, stage="deal")
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=ines)
    move(journey_of(bellevue), ines, stage="deal")
    assert journey_of(bellevue).stage == "deal"


def test_skipping_by_hand_asks_why_with_what_the_step_prevents(ines):
    journey = journey_of(company(ines))
    with pytest.raises(NeedsInput, match="skips Qualify. We learn the budget at the end."):
        move(journey, ines, stage="deal")
    moved = move(journey, ines, stage="deal", reason="Asked for a price at the fair")
    assert moved.skipped == ["qualify"]


def test_a_strict_gate_lets_nothing_through():
    from kith.process.tests.cast import SMALL

    in_force(SMALL.replace("    only: []\n", "    gate: strict\n"))
    ines = actor("ines")
    bellevue = company(ines)
    call(ines, company=bellevue)
    with pytest.raises(Invalid, match="strict gate"):
        move(journey_of(bellevue), ines, stage="deal", reason="all the same")
    made("deal", ines, name="Sensors", company=bellevue)
    assert journey_of(bellevue).stage == "qualify"
    held = Event.objects.get(verb="journey.held")
    assert "Their industry is known" in held.payload["missing"]


def test_going_back_needs_a_reason_and_an_allowed_way(ines):
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    journey = journey_of(bellevue)
    with pytest.raises(NeedsInput, match="goes back to Qualify"):
        move(journey, ines, stage="qualify")
    with pytest.raises(Invalid, match="does not go back to Capture"):
        move(journey, ines, stage="capture", reason="x")
    assert move(journey, ines, stage="qualify", reason="They asked for more time").stage == "qualify"


def test_a_move_can_be_dated_back_with_a_reason_and_the_stays_follow(ines):
    journey = journey_of(company(ines))
    Journey.objects.filter(pk=journey.pk).update(entered_at=timezone.now() - dt.timedelta(days=9))
    journey.refresh_from_db()
    then = timezone.now() - dt.timedelta(days=3)
    with pytest.raises(NeedsInput, match="dated back"):
        move(journey, ines, stage="qualify", at=then.isoformat())
    move(journey, ines, stage="qualify", at=then.isoformat(), reason="Entered late")
    assert abs(journey_of(journey.company).entered_at - then) < dt.timedelta(seconds=1)
    with pytest.raises(Invalid, match="entered its stage later"):
        move(journey_of(journey.company), ines, stage="deal", at=(then - dt.timedelta(days=5)).isoformat(), reason="x")


def test_the_retail_segment_has_its_own_clock(ines):
    bellevue = company(ines, industry="Retail trade")
    made("deal", ines, name="Sensors", company=bellevue)
    journey = journey_of(bellevue)
    assert journey.segment == "retail" and (journey.due_at - journey.entered_at).days == 10


def test_a_person_who_joins_a_company_ends_their_own_journey_in_its(ines):
    marta, bellevue = person(ines, "Marta"), company(ines)
    call(ines, person=marta)
    own = journey_of(marta)
    edit(registry["person"], marta, {"company": bellevue}, by=ines)
    own.refresh_from_db()
    assert own.outcome == "joined" and journey_of(bellevue).stage == "qualify"
    edit(registry["person"], marta, {"company": None}, by=ines)
    assert journey_of(marta).earlier_id == own.pk


def test_undoing_what_happened_undoes_where_it_brought_the_journey(ines):
    bellevue = company(ines)
    outcome = call(ines, company=bellevue)
    undo(outcome.operation, by=ines)
    assert journey_of(bellevue).stage == "capture" and stays(journey_of(bellevue)) == [("capture", False)]


def test_undoing_a_move_by_hand_leaves_no_stay_behind(ines):
    journey = journey_of(company(ines))
    outcome = perform(ACTIONS["journey.move"], journey, {"stage": "qualify"}, by=ines)
    undo(outcome.operation, by=ines)
    assert stays(journey_of(journey.company)) == [("capture", False)]


def test_archiving_a_customer_puts_the_journey_away_and_bringing_back_brings_it_back(ines):
    bellevue = company(ines)
    archive(registry["company"], bellevue, by=ines)
    assert not Journey.objects.filter(RUNNING).exists()
    restore(registry["company"], bellevue, by=ines)
    assert journey_of(bellevue).stage == "capture"


def test_a_journey_follows_the_name_and_owner_of_its_customer(ines):
    bellevue = company(ines)
    edit(registry["company"], bellevue, {"name": "Bellevue Group", "owner": actor("jonas").user}, by=ines)
    journey = journey_of(bellevue)
    assert (journey.name, journey.owner_id) == ("Bellevue Group", actor("jonas").user_id)


def test_merging_two_companies_leaves_one_journey_where_the_further_stood(ines):
    one, two = company(ines, "Bellevue"), company(ines, "Hotel Bellevue")
    made("deal", ines, name="Sensors", company=two)
    _kept, op = merge(registry["company"], one, [two], by=ines)
    assert Journey.objects.filter(RUNNING).count() == 1 and journey_of(one).stage == "deal"
    undo(op, by=ines)
    assert journey_of(one).stage == "capture" and journey_of(two).stage == "deal"


def test_ending_needs_a_reason_and_the_customer_may_come_back(ines):
    bellevue = company(ines)
    journey = journey_of(bellevue)
    with pytest.raises(NeedsInput):
        perform(ACTIONS["journey.close"], journey, {"outcome": "lost"}, by=ines)
    perform(ACTIONS["journey.close"], journey, {"outcome": "lost", "reason": "No budget"}, by=ines)
    assert stays(journey) == [("capture", True)]
    made("deal", ines, name="Sensors", company=bellevue)
    again = journey_of(bellevue)
    assert again.earlier_id == journey.pk and again.stage == "deal"


def test_taking_up_again_goes_on_where_it_stood(ines):
    journey = journey_of(company(ines))
    perform(ACTIONS["journey.close"], journey, {"outcome": "dormant", "reason": "Not now"}, by=ines)
    journey.refresh_from_db()
    perform(ACTIONS["journey.reopen"], journey, {}, by=ines)
    assert stays(journey) == [("capture", True), ("capture", False)]


def test_the_page_that_moves_a_relationship_says_what_its_gate_misses_and_takes_the_reason(client):
    client.force_login(user("astrid"))
    astrid = actor("astrid")
    in_force(by=astrid)
    journey = journey_of(company(astrid))
    perform(ACTIONS["journey.move"], journey, {"stage": "qualify"}, by=astrid)
    to = f"/journeys/{journey.pk}/do/move"
    asked = client.post(to, {"stage": "deal", "at": ""})
    assert asked.status_code == 422 and "Missing: Their industry is known, Fit was judged." in asked.content.decode()
    answer = client.post(to, {"stage": "deal", "at": "", "columns": "reason", "reason": "They are in a hurry"})
    assert answer.status_code == 303
    journey.refresh_from_db()
    assert journey.stage == "deal"
