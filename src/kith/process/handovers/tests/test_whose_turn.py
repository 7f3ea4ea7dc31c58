"""Accepting and asking back is offered to those whose answer a hand-over waits for; everybody else reads whom it waits for."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from kith.kernel.accounts import tokens
from kith.kernel.organisation.models import Organisation, bump, refresh
from kith.kernel.records.action import ACTIONS, perform
from kith.process.models import Handover
from kith.process.panels import gate
from kith.process.tests.cast import HANDED, company, in_force, journey_of, made
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
ACCEPT = "accept_handover"


@pytest.fixture
def bellevue():
    """Offered by Ines to Priya."""
    in_force(HANDED)
    row = company(actor("ines"))
    made("deal", actor("ines"), name="Sensors", company=row)
    raw = {"to": user("priya").pk, "says": "A Polish manual is promised."}
    perform(ACTIONS["journey.hand_over"], journey_of(row), raw, by=actor("ines"))
    return row


def asked_of_south(row):
    """As if the team had been asked by itself."""
    team = user("priya").teams.get()
    Handover.objects.filter(journey=journey_of(row)).update(receiver=None, team=team)
    type(journey_of(row)).objects.filter(pk=journey_of(row).pk).update(wanted="service")


def signed_in(who):
    client = Client()
    client.force_login(user(who))
    return client


@pytest.mark.parametrize(("who", "may"), [("priya", True), ("ines", False), ("jonas", False), ("helena", True)])
def test_the_page_of_a_hand_over_and_the_card_offer_answers_to_whom_it_is_offered_and_those_who_manage(
    bellevue, who, may
):
    actor(who)
    page = signed_in(who).get(f"/journeys/{journey_of(bellevue).pk}/handover").text
    assert (ACCEPT in page, "It waits for Priya Nair, who accepts it or asks back." in page) == (may, not may)
    card = signed_in(who).get(f"/companies/{bellevue.pk}/panel/gate").text
    assert (ACCEPT in card, "It waits for Priya Nair." in card) == (may, not may)


@pytest.mark.parametrize(("who", "may"), [("priya", True), ("ines", True), ("jonas", False)])
def test_what_a_team_was_asked_is_offered_to_its_members(bellevue, who, may):
    asked_of_south(bellevue)
    page = signed_in(who).get(f"/journeys/{journey_of(bellevue).pk}/handover").text
    assert (ACCEPT in page, "It waits for the team South." in page) == (may, not may)
    assert gate(actor(who), bellevue)["answers"] == may


def test_searching_for_what_can_be_done_finds_only_what_is_ones_own_turn(bellevue):
    on = f"/journeys/{journey_of(bellevue).pk}"
    told = {who: signed_in(who).get("/search/", {"q": "handover", "on": on}).text for who in ("priya", "jonas", "ines")}
    assert ACCEPT in told["priya"] and ACCEPT not in told["jonas"] and ACCEPT not in told["ines"]
    asked = {who: signed_in(who).get("/search/", {"q": "offer back", "on": on}).text for who in ("priya", "ines")}
    assert "withdraw_handover" in asked["ines"] and "withdraw_handover" not in asked["priya"]


def test_programs_read_whether_it_is_their_turn(bellevue):
    def told(who):
        token = "Bearer " + tokens.issue(user(who), "test")[1]
        path = f"/api/v1/journeys/{journey_of(bellevue).pk}/handovers"
        [one] = Client(headers={"Authorization": token}).get(path).json()["data"]
        return one["yours"]

    assert told("priya") and not told("jonas") and not told("ines")
    perform(ACTIONS["journey.accept_handover"], journey_of(bellevue), {}, by=actor("priya"))
    assert not told("priya")


def test_on_the_day_of_the_team_a_colleagues_offer_says_whose_it_is_and_is_not_answered(bellevue):
    refresh()  # makes the organisation where there is none yet
    Organisation.objects.update(set_up_at=timezone.now())
    bump()
    own, team = signed_in("priya").get("/").text, signed_in("ines").get("/?of=team").text
    assert ACCEPT in own and "for Priya Nair" not in own
    assert "for Priya Nair" in team and ACCEPT not in team
