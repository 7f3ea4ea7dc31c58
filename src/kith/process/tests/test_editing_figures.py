"""Beside the form stands what really happened: how long the last ones took, and whom a change would have held back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from kith.kernel.records.action import ACTIONS, perform
from kith.process.definition.files import from_yaml
from kith.process.definition.shape import Need, Rule
from kith.process.editor.changes import put_stage
from kith.process.editor.figures import held_back_words, times_of
from kith.process.models import Stay
from kith.process.tests.cast import SMALL, company, in_force, journey_of
from tests.cast import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid():
    return actor("astrid")


def gone_on(astrid, names, hours):
    """Companies of these names that stood in Capture for so many hours each, and then were qualified."""
    now = timezone.now()
    for name, took in zip(names, hours, strict=True):
        journey = journey_of(company(astrid, name))
        perform(ACTIONS["journey.move"], journey, {"stage": "qualify"}, by=astrid)
        stay = Stay.objects.get(journey=journey, stage="capture")
        stay.entered_at, stay.left_at = now - dt.timedelta(hours=took), now
        stay.save()


def test_the_last_times_are_counted_against_the_service_level(astrid):
    process = in_force(by=astrid)
    gone_on(astrid, [f"Hotel {n}" for n in range(8)], [0.5, 0.5, 1.5, 1.5, 1.5, 4, 6, 30])
    definition = from_yaml(SMALL)
    told = times_of(process, definition, definition.by_key["capture"])
    assert (told.n, told.broke, told.unit, told.level) == (8, 3, "h", 2)
    assert sum(bar.n for bar in told.bars) == 8
    assert [bar.n for bar in told.bars if bar.over] and not told.bars[0].over
    assert "last 8" in told.words() and "3 longer" in told.words()
    assert told.drawn()[0]["h"] > 0 and 8 <= told.goal() <= 648


def test_too_few_times_are_not_drawn(astrid):
    process = in_force(by=astrid)
    gone_on(astrid, ["Hotel Bellevue"], [1])
    definition = from_yaml(SMALL)
    assert times_of(process, definition, definition.by_key["capture"]) is None


def test_a_new_need_says_how_many_of_the_last_it_would_have_held_back(astrid):
    process = in_force(by=astrid)
    gone_on(astrid, ["Hotel Bellevue", "Hotel Astoria", "Bakery Lund"], [1, 1, 1])
    old = from_yaml(SMALL)
    hotel = Need("hotel", "It is a hotel", "rule", rule=Rule("company", "name.has:Hotel"))
    by_hand = Need("seen", "We saw it")
    new = put_stage(old, replace(old.by_key["capture"], needs=(hotel, by_hand)))
    assert held_back_words(process, old, new) == ["Capture, what is needed: 1 of the last 3 would have been held back."]
    assert held_back_words(process, old, old) == []


def test_a_new_entry_rule_says_the_same_of_those_who_entered_last(astrid):
    process = in_force(by=astrid)
    gone_on(astrid, ["Hotel Bellevue", "Bakery Lund"], [1, 1])
    old = from_yaml(SMALL)
    new = put_stage(old, replace(old.by_key["qualify"], entry=Rule("company", "name.has:Hotel")))
    assert held_back_words(process, old, new) == ["Qualify, entry: 1 of the last 2 would have been held back."]


def test_numbers_cost_the_same_however_many_journeys_there_are(astrid, django_assert_max_num_queries):
    process = in_force(by=astrid)
    gone_on(astrid, [f"Hotel {n}" for n in range(12)], [1] * 12)
    old = from_yaml(SMALL)
    hotel = Need("hotel", "It is a hotel", "rule", rule=Rule("company", "name.has:Hotel"))
    new = put_stage(old, replace(old.by_key["capture"], needs=(hotel,)))
    with django_assert_max_num_queries(8):
        held_back_words(process, old, new)
        times_of(process, new, new.by_key["capture"])
