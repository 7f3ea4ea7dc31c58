"""What customers want to reach, as it was handed over, is a reason to propose something; what a reader may not see is not."""

from __future__ import annotations

import pytest

from kith.kernel.records.action import ACTIONS, perform
from kith.process.tests.cast import SMALL, company, in_force, journey_of, made
from kith.retention.suggestions.proposing import ideas_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
HANDED = SMALL.replace("enters_on: [deal.won]", "enters_on: [journey.handover_accepted]\n    handover: true")


@pytest.fixture
def bellevue():
    """Handed over with two goals, and accepted."""
    in_force(HANDED)
    ines = actor("ines")
    made("product", actor("astrid"), name="Night alarm", price=10)
    row = company(ines)
    deal = made("deal", ines, name="Sensors", company=row)
    reason = next(iter(deal._meta.apps.get_model("deals.Reason").objects.filter(outcome="won")))
    perform(ACTIONS["deal.win"], deal, {"reason": reason.pk, "words": ""}, by=ines)
    goals = "Insurance by spring\nA night alarm for the porter"
    journey = journey_of(row)
    perform(ACTIONS["journey.hand_over"], journey, {"to": user("priya").pk, "says": "Well.", "goals": goals}, by=ines)
    return row


def accept(row):
    perform(ACTIONS["journey.accept_handover"], journey_of(row), {}, by=actor("priya"))


def test_a_product_that_their_goals_speak_of_is_proposed_with_the_line_that_does(bellevue):
    assert ideas_of(bellevue) == []  # nobody accepted them yet
    accept(bellevue)
    (idea,) = ideas_of(bellevue, actor("ines"))
    assert (idea.product, idea.need) == ("Night alarm", True)
    assert idea.words == "It is among what they want to reach: “A night alarm for the porter”"


def test_goals_of_a_journey_out_of_reach_are_not_quoted(bellevue):
    accept(bellevue)
    policy("member", "journey", see="none")
    assert ideas_of(bellevue, actor("jonas")) == []
