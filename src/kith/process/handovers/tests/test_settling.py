"""Offers that nobody is to answer any more: the giver changes their mind, the relationship ends or goes elsewhere, the
colleague leaves."""

from __future__ import annotations

import pytest

from kith.activities.models import Notice
from kith.kernel.accounts.actions import deactivate
from kith.kernel.accounts.leaving import warnings_for
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, restore
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.process.handovers import waiting_of
from kith.process.models import Handover
from kith.process.queries import handovers_asked_back, handovers_waiting
from kith.process.tests.cast import SMALL, company, in_force, journey_of, made
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
GIVEN = SMALL.replace("enters_on: [deal.won]", "enters_on: [deal.won]\n    team: South\n    handover: true")


@pytest.fixture
def jonas():
    """Who sells; those of team South take over."""
    for who in ("ines", "priya"):
        user(who)
    return actor("jonas")


@pytest.fixture
def bellevue(jonas):
    """A company that Jonas sold to and offers to Priya."""
    in_force(GIVEN)
    row = company(jonas)
    made("deal", jonas, name="Sensors", company=row)
    offer(row, jonas)
    return row


def do(verb, row, by, **raw):
    return perform(ACTIONS[f"journey.{verb}"], journey_of(row), raw, by=by)


def offer(row, by, to="priya", says="A Polish manual is promised."):
    return do("hand_over", row, by, to=user(to).pk, says=says)


def on_the_day_of(who):
    return [one.journey.name for one in handovers_waiting(actor(who), (user(who).pk,))]


def answer(row, who):
    return do("accept_handover", row, actor(who))


def test_a_relationship_that_ended_waits_for_nobody_s_answer_until_its_end_is_taken_back(jonas, bellevue):
    assert on_the_day_of("priya") == ["Hotel Bellevue"]
    outcome = do("close", bellevue, jonas, outcome="lost", reason="They moved away")
    assert on_the_day_of("priya") == [] and Handover.objects.get().withdrawn_at is not None
    assert Event.objects.get(verb="journey.handover_withdrawn").payload["to"] == "Priya Nair"
    assert "Hotel Bellevue is offered to you no more" in Notice.objects.filter(user=user("priya")).latest("pk").text
    assert undo(outcome.operation, by=jonas).conflicts == []
    assert on_the_day_of("priya") == ["Hotel Bellevue"]
    answer(bellevue, "priya")
    assert journey_of(bellevue).stage == "service"


def test_taken_up_again_it_may_be_offered_anew(jonas, bellevue):
    ended = do("close", bellevue, jonas, outcome="lost", reason="They moved away").result
    perform(ACTIONS["journey.reopen"], ended, {}, by=jonas)
    assert on_the_day_of("priya") == []
    offer(bellevue, jonas)
    assert on_the_day_of("priya") == ["Hotel Bellevue"]


def test_what_the_giver_moved_elsewhere_cannot_be_accepted_any_more(jonas, bellevue):
    outcome = do("move", bellevue, jonas, stage="qualify", reason="They changed their mind")
    with pytest.raises(Invalid, match="Nothing waits to be accepted"):
        answer(bellevue, "priya")
    assert on_the_day_of("priya") == []
    assert undo(outcome.operation, by=jonas).conflicts == []
    assert journey_of(bellevue).stage == "deal" and on_the_day_of("priya") == ["Hotel Bellevue"]


def test_what_accepting_moves_was_not_withdrawn(jonas, bellevue):
    answer(bellevue, "priya")
    assert Handover.objects.get().withdrawn_at is None
    assert not Event.objects.filter(verb="journey.handover_withdrawn").exists()


def test_a_customer_who_is_put_away_waits_for_nobody_until_they_are_back(jonas, bellevue):
    archive(registry["company"], bellevue, by=actor("astrid"))
    assert on_the_day_of("priya") == []
    bellevue.refresh_from_db()
    restore(registry["company"], bellevue, by=actor("astrid"))
    assert on_the_day_of("priya") == ["Hotel Bellevue"]


def test_what_a_team_was_asked_for_does_not_wait_once_the_relationship_ended(jonas):
    in_force(GIVEN)
    row = company(jonas)
    deal, reason = made("deal", jonas, name="Sensors", company=row), registry["reason"].model.objects
    raw = {"reason": reason.filter(outcome="won").first().pk, "override_reason": "A small one"}
    perform(ACTIONS["deal.win"], deal, raw, by=jonas)
    assert on_the_day_of("priya") == ["Hotel Bellevue"]
    archive(registry["company"], row, by=actor("astrid"))
    assert on_the_day_of("priya") == []


def test_the_giver_offers_it_to_somebody_else_where_the_first_does_not_answer(jonas, bellevue):
    offer(bellevue, jonas, to="ines", says="Priya is ill.")
    assert (on_the_day_of("priya"), on_the_day_of("ines")) == ([], ["Hotel Bellevue"])
    assert [one.withdrawn_at is None for one in Handover.objects.order_by("pk")] == [False, True]
    with pytest.raises(NotAllowed, match="offered to Ines Okafor"):
        answer(bellevue, "priya")
    answer(bellevue, "ines")
    bellevue.refresh_from_db()
    assert bellevue.owner == user("ines")


def test_nobody_but_the_giver_or_who_manages_takes_an_offer_back(jonas, bellevue):
    for verb, raw in (("withdraw_handover", {}), ("hand_over", {"to": user("ines").pk, "says": "Mine."})):
        with pytest.raises(NotAllowed, match="only Jonas Lindqvist, who offered it"):
            do(verb, bellevue, actor("ines"), **raw)
    outcome = do("withdraw_handover", bellevue, jonas)
    assert waiting_of(journey_of(bellevue)) is None and on_the_day_of("priya") == []
    assert not handovers_asked_back(jonas, (jonas.user_id,)).exists(), "nothing was missing"
    assert undo(outcome.operation, by=jonas).conflicts == []
    do("withdraw_handover", bellevue, actor("astrid"))
    with pytest.raises(Invalid, match="offered to nobody"):
        do("withdraw_handover", bellevue, jonas)


def test_what_was_offered_to_somebody_who_leaves_goes_back_to_its_giver(jonas, bellevue):
    priya = user("priya")
    assert "1 hand-over waits for their answer; it goes back to whoever offered it." in warnings_for(priya)
    deactivate(priya, by=actor("astrid"))
    assert [one.missing for one in handovers_asked_back(jonas, (jonas.user_id,))] == [
        "Priya Nair no longer works here."
    ]
    assert "Hotel Bellevue came back to you" in Notice.objects.filter(user=jonas.user_id).latest("pk").text
    offer(bellevue, jonas, to="ines")
    assert on_the_day_of("ines") == ["Hotel Bellevue"]


def test_the_giver_s_page_offers_it_to_others_with_what_was_said(client, jonas, bellevue):
    client.force_login(user("jonas"))
    address = f"/journeys/{journey_of(bellevue).pk}"
    page = client.get(f"{address}/handover").text
    assert "A Polish manual is promised." in page and "Take the offer back" in page and "Offer it" in page
    assert "Offer it to somebody else…" in client.get(address).text
    sent = client.post(f"{address}/handover", {"to": user("ines").pk, "says": "Priya is ill."})
    assert sent.status_code in (302, 303) and on_the_day_of("ines") == ["Hotel Bellevue"]
    client.force_login(user("priya"))
    assert "Take the offer back" not in client.get(f"{address}/handover").text
