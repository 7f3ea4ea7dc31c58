"""Ways round a gate: a strict stage is not walked around, and ways forward that are named are kept to."""

from __future__ import annotations

import pytest
from django.utils import timezone

from kith.activities.events import CallLogged
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.types import Created
from kith.kernel.timeline.write import Entry
from kith.process.definition.files import to_yaml
from kith.process.gates import gate_of
from kith.process.journeys.listening import hear
from kith.process.models import Journey
from kith.process.panels import gate
from kith.process.starters import NAMES, starter
from kith.process.tests.cast import SMALL, call, company, in_force, journey_of, made
from tests.cast import actor

pytestmark = pytest.mark.django_db
NEED = "    needs:\n      - {key: industry, says: Their industry is known, by: field, of: company, column: industry}\n"
STRICT = SMALL.replace("    only: []\n", "    gate: strict\n").replace("      - {key: fit, says: Fit was judged}\n", "")
BRANCH = SMALL.replace("forward: [deal]", "forward: [service]")  # from Qualify straight to Service


@pytest.fixture
def ines():
    return actor("ines")


def move(journey, by, **raw):
    return perform(ACTIONS["journey.move"], journey, raw, by=by).result


def test_nobody_is_moved_past_a_strict_stage_whose_gate_is_closed(ines):
    in_force(STRICT)
    bellevue = company(ines)
    with pytest.raises(Invalid, match="Qualify is a strict gate. Missing: Their industry is known."):
        move(journey_of(bellevue), ines, stage="deal", reason="They are in a hurry")
    assert journey_of(bellevue).stage == "capture"
    edit(registry["company"], bellevue, {"industry": "Hotels"}, by=ines)
    assert move(journey_of(bellevue), ines, stage="deal", reason="They are in a hurry").skipped == ["qualify"]


def test_every_strict_stage_on_the_way_is_named_with_what_it_misses(ines):
    in_force(
        STRICT.replace(
            "    within: 30 days\n", "    gate: strict\n    needs: [{key: price, says: They know the price}]\n"
        )
    )
    with pytest.raises(Invalid, match=r"Qualify is.*Their industry is known\. Deal is.*They know the price\."):
        move(journey_of(company(ines)), ines, stage="service", reason="x")


def test_a_named_way_forward_leads_past_a_strict_stage_because_the_process_says_so(ines):
    in_force(STRICT.replace("forward: [qualify]", "forward: [qualify, deal]"))
    assert move(journey_of(company(ines)), ines, stage="deal").stage == "deal"


def test_an_event_is_held_before_a_strict_stage_that_it_would_skip_and_the_timeline_says_so(ines):
    in_force(STRICT)
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    assert journey_of(bellevue).stage == "capture"
    held = Event.objects.get(verb="journey.held").payload
    assert (held["stage"], held["wanted"]) == ("capture", "deal")
    assert held["missing"] == "Qualify: Their industry is known"


def test_a_soft_gate_on_the_way_holds_no_event(ines):
    in_force()
    bellevue = company(ines)
    made("deal", ines, name="Sensors", company=bellevue)
    assert journey_of(bellevue).skipped == ["qualify"] and not Event.objects.filter(verb="journey.held").exists()


def test_events_of_one_batch_do_not_carry_anybody_through_a_strict_stage_between_them(ines):
    in_force(STRICT)
    bellevue = company(ines)
    about, now = [("company", bellevue.pk)], timezone.now()
    called, opened = (
        Entry("activity", 1, CallLogged(), about=about, at=now),
        Entry("deal", 1, Created(), about=about, at=now),
    )
    hear([called, opened], system())
    assert journey_of(bellevue).stage == "qualify"


def test_a_stage_that_is_no_named_way_asks_why_and_says_which_ways_there_are(ines):
    in_force(BRANCH)
    bellevue = company(ines, industry="Hotels")
    call(ines, company=bellevue)
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=ines)
    with pytest.raises(NeedsInput, match="From Qualify the ways on are: Service."):
        move(journey_of(bellevue), ines, stage="deal")
    moved = move(journey_of(bellevue), ines, stage="deal", reason="They want an offer first")
    assert moved.stage == "deal"
    assert Event.objects.filter(verb="journey.moved").latest("id").payload["reason"] == "They want an offer first"


def test_a_strict_stage_is_left_by_a_named_way_only(ines):
    in_force(
        BRANCH.replace("    only: []\n", "    gate: strict\n")
        .replace(NEED, "")
        .replace("      - {key: fit, says: Fit was judged}\n", "")
    )
    bellevue = company(ines)
    call(ines, company=bellevue)
    with pytest.raises(Invalid, match="Qualify is a strict gate. From Qualify the ways on are: Service."):
        move(journey_of(bellevue), ines, stage="deal", reason="all the same")
    made("deal", ines, name="Sensors", company=bellevue)
    assert journey_of(bellevue).stage == "qualify"
    assert Event.objects.get(verb="journey.held").payload["missing"] == "From Qualify the ways on are: Service."
    assert gate(ines, bellevue)["waits"] == (
        "Held back from Deal: From Qualify the ways on are: Service. Move them on by one of these."
    )
    assert move(journey_of(bellevue), ines, stage="service").stage == "service"


@pytest.mark.parametrize("name", NAMES)
def test_every_starter_is_walked_from_end_to_end_by_its_named_ways(ines, name):
    """No step's own way on is refused, or asked about for being another way than those that are named."""
    definition = starter(name)
    in_force(to_yaml(definition))
    bellevue = company(ines)
    for _step in definition.way()[1:]:
        journey = journey_of(bellevue)
        to = definition.next_of(journey.stage, journey.segment)
        assert not gate_of(journey, definition, to).instead and not gate_of(journey, definition, to).skipped
        move(journey, ines, stage=to.key, reason="It is done")
    assert journey_of(bellevue).stage == definition.stages[-1].key and journey_of(bellevue).skipped == []


def test_a_way_that_is_for_another_segment_binds_nobody_else(ines):
    in_force(
        BRANCH.replace("    enters_on: [deal.won]\n", "    enters_on: [deal.won]\n    only: [retail]\n").replace(
            NEED + "      - {key: fit, says: Fit was judged}\n", ""
        )
    )
    bellevue = company(ines)
    call(ines, company=bellevue)
    assert move(journey_of(bellevue), ines, stage="deal").stage == "deal"
    assert Journey.objects.count() == 1
