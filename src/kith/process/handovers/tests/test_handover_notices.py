"""Whoever's turn it is hears of a hand-over: the receiver of an offer, and the giver when it comes back."""

from __future__ import annotations

import pytest

from kith.activities.models import Notice
from kith.kernel.records.action import ACTIONS, perform
from kith.process.tests.cast import HANDED, company, in_force, journey_of, made
from kith.today.page import day_of
from kith.today.scope import scope_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def bellevue():
    in_force(HANDED)
    ines = actor("ines")
    row = company(ines, owner=user("ines"))
    made("deal", ines, name="Sensors", company=row)
    return row


def do(verb, row, who, **raw):
    return perform(ACTIONS[f"journey.{verb}"], journey_of(row), raw, by=actor(who))


def told(who):
    return [(n.text, n.kind, n.record, n.record_id) for n in Notice.objects.filter(user=user(who)).order_by("pk")]


def section(who, key):
    by = actor(who)
    return next((s for s in day_of(by, scope_of(by)).sections if s.key == key), None)


def test_the_receiver_hears_of_an_offer_and_the_giver_of_what_is_missing(bellevue):
    journey = journey_of(bellevue).pk
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="A Polish manual is promised.")
    assert told("priya") == [
        ("Ines Okafor offers you Hotel Bellevue: A Polish manual is promised.", "handover", "journey", journey)
    ]
    assert not told("ines")
    do("return_handover", bellevue, "priya", missing="Who pays?")
    assert told("ines") == [("Priya Nair asks back about Hotel Bellevue: Who pays?", "handover", "journey", journey)]
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="Their parent company pays.")
    assert len(told("priya")) == 2


def test_nobody_is_told_what_they_do_themselves(bellevue):
    do("hand_over", bellevue, "ines", to=user("ines").pk, says="I go on.")
    do("return_handover", bellevue, "ines", missing="A plan.")
    assert not Notice.objects.exists()


def test_what_came_back_stands_on_the_givers_day_until_it_is_offered_again(bellevue):
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="All well.")
    assert section("ines", "asked_back") is None and section("priya", "handovers").count == 1
    do("return_handover", bellevue, "priya", missing="Who pays?")
    [row] = section("ines", "asked_back").items
    assert (row.name, row.what, row.small) == ("Hotel Bellevue", "Asked back: Who pays?", "By Priya Nair")
    assert row.actions[0].href.endswith("/do/hand_over") and section("priya", "handovers") is None
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="Their parent company pays.")
    assert section("ines", "asked_back") is None and section("priya", "handovers").count == 1


def test_what_came_back_is_over_once_the_relationship_stands_elsewhere(bellevue):
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="All well.")
    do("return_handover", bellevue, "priya", missing="Who pays?")
    do("move", bellevue, "ines", stage="qualify", reason="They think again.")
    assert section("ines", "asked_back") is None
