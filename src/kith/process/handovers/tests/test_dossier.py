"""What is handed over: nothing that is known is asked again, and nothing is lost when it goes back."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.activities.models import Notice
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.process.handovers.dossier import known, read_dates, read_people
from kith.process.handovers.late import alarm, late_ones, open_ones
from kith.process.handovers.measures import line, lines, passed
from kith.process.models import Handover
from kith.process.tests.cast import HANDED, company, in_force, journey_of, made, person
from kith.process.versions import definition_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def bellevue():
    """A hotel whose deal is won, with a decider, somebody against it, and a promise."""
    in_force(HANDED)
    ines = actor("ines")
    row = company(ines)
    marta, tom = person(ines, "Marta", company=row), person(ines, "Tom", company=row)
    deal = made("deal", ines, name="Sensors", company=row, contact=marta)
    for one, role in ((marta, "decider"), (tom, "blocker")):
        perform(ACTIONS["deal.add_member"], deal, {"person": one.pk, "role": role}, by=ines)
    perform(ACTIONS["deal.win"], deal, won_with(deal, ines), by=ines)
    made("promise", ines, wording="A Polish manual", company=row, due_on=dt.date(2020, 1, 31))
    return row


def won_with(deal, by):
    reason = registry["reason"].model.objects.filter(outcome="won").first()
    return {"reason": reason.pk, "words": "No water in the ballroom again."}


def do(verb, row, who, **raw):
    return perform(ACTIONS[f"journey.{verb}"], journey_of(row), raw, by=actor(who))


def test_what_deal_committee_and_promises_tell_is_not_asked_again(bellevue):
    found = known(actor("ines"), journey_of(bellevue))
    assert [(one["name"], one["role"]) for one in found.people] == [("Marta", "Decides"), ("Tom", "Against it")]
    assert "No water in the ballroom again." in found.goals
    assert [p.wording for p in found.promises] == ["A Polish manual"]
    assert "Tom is not convinced." in found.risks and "A Polish manual" in found.risks
    assert {"on": timezone.localdate().isoformat(), "what": "Signed"} in found.dates


def test_what_the_giver_leaves_empty_is_handed_over_as_it_is_known(bellevue):
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="All well.", goals="Insurance by spring")
    kept = Handover.objects.get()
    assert kept.goals == "Insurance by spring" and [one["name"] for one in kept.stakeholders] == ["Marta", "Tom"]


def test_people_are_tied_to_their_rows_and_strange_lines_are_kept(bellevue):
    journey = journey_of(bellevue)
    marta = registry["person"].model.objects.get(given_name="Marta")
    assert read_people(actor("ines"), journey, "marta: signs\nThe night porter\n\n") == [
        {"person": marta.pk, "name": "marta", "role": "signs"}, {"person": None, "name": "The night porter", "role": ""},
    ]  # fmt: skip
    assert read_dates("2026-12-01 Opening\n2026-02-30 no such day\nbefore Easter") == [
        {"on": "2026-12-01", "what": "Opening"}, {"on": "", "what": "2026-02-30 no such day"}, {"on": "", "what": "before Easter"},
    ]  # fmt: skip


def test_offering_with_all_its_parts_is_taken_back_whole(bellevue):
    outcome = do("hand_over", bellevue, "ines", to=user("priya").pk, says="All well.", dates="2026-12-01 Opening")
    undo(outcome.operation, by=actor("ines"))
    assert not Handover.objects.exists()


def test_the_page_is_filled_in_offers_and_then_shows_it_to_the_receiver(bellevue, client):
    address = f"/journeys/{journey_of(bellevue).pk}/handover"
    client.force_login(user("ines"))
    asked = client.get(address).text
    assert "Marta: Decides" in asked and "A Polish manual" in asked and "No water in the ballroom again." in asked
    refused = client.post(address, {"to": "", "says": "Mind the boiler."})
    assert refused.status_code == 422 and "This is needed." in refused.text and "Mind the boiler." in refused.text
    sent = {
        "to": user("priya").pk,
        "says": "Mind the boiler.",
        "stakeholders": "Marta: signs",
        "goals": "",
        "dates": "",
        "risks": "",
    }
    assert client.post(address, sent).status_code == 303
    client.force_login(user("priya"))
    shown = client.get(address).text
    assert (
        "Mind the boiler." in shown and "signs" in shown and "Accept the handover" in shown and "<textarea" not in shown
    )


def test_after_it_came_back_the_form_holds_what_was_said_and_what_was_missing(bellevue, client):
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="Mind the boiler.", goals="Dry by May")
    do("return_handover", bellevue, "priya", missing="Who pays?")
    client.force_login(user("ines"))
    page = client.get(f"/journeys/{journey_of(bellevue).pk}/handover").text
    assert "Who pays?" in page and "Mind the boiler." in page and "Dry by May" in page


def test_a_won_customer_whom_nobody_takes_over_raises_the_alarm_once(bellevue):
    ines, journey = actor("ines"), journey_of(bellevue)
    helena = user("helena")
    assert [one.journey for one in open_ones(ines)] == [journey] and not late_ones(ines)
    assert alarm() == 0
    with time_machine.travel(journey.due_at + dt.timedelta(hours=1), tick=False):
        assert [one.journey for one in late_ones(ines)] == [journey]
        assert (alarm(), alarm()) == (2, 0)
    assert set(Notice.objects.filter(kind="handover").values_list("user_id", flat=True)) == {user("ines").pk, helena.pk}


def test_who_is_not_won_and_who_is_taken_over_raise_none(bellevue):
    atlas = company(actor("ines"), "Atlas")
    made("deal", actor("ines"), name="Pumps", company=atlas)
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="All well.")
    do("accept_handover", bellevue, "priya")
    assert open_ones(actor("ines")) == []


def test_time_to_accept_counts_from_the_first_offer_and_asking_back_is_counted(bellevue):
    monday = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    for hours, verb, who, raw in (
        (0, "hand_over", "ines", {"to": user("priya").pk, "says": "All well."}), (1, "return_handover", "priya", {"missing": "Who pays?"}),
        (2, "hand_over", "ines", {"to": user("priya").pk, "says": "The parent company."}), (4, "accept_handover", "priya", {}),
    ):  # fmt: skip
        with time_machine.travel(monday + dt.timedelta(hours=hours), tick=False):
            do(verb, bellevue, who, **raw)
    with time_machine.travel(monday + dt.timedelta(hours=5), tick=False):
        found = passed(actor("ines"))
    assert [(one.giver, one.took, one.asked_back) for one in found] == [("Ines Okafor", dt.timedelta(hours=4), 1)]
    assert lines(found, lambda one: one.giver) == [line("Ines Okafor", found)]
    assert line("", found).asked_back == 1.0


def test_the_page_of_all_hand_overs_shows_who_waits(bellevue, client):
    client.force_login(user("ines"))
    page = client.get("/process/handovers/").text
    assert "Hotel Bellevue" in page and "Not offered to anybody" in page


def test_programs_read_what_was_handed_over_in_the_words_that_the_action_takes(bellevue):
    do(
        "hand_over",
        bellevue,
        "ines",
        to=user("priya").pk,
        says="All well.",
        stakeholders="Marta: signs",
        dates="2026-12-01 Opening",
    )
    [part] = [p for p in registry["journey"].parts if p.key == "handovers"]
    [told] = part.dump(actor("ines"), journey_of(bellevue))
    assert (told["stakeholders"], told["dates"], told["says"]) == ("Marta: signs", "2026-12-01 Opening", "All well.")
    assert told["accepted_at"] is None and told["receiver"]["name"] == "Priya Nair"


def test_whoever_is_won_and_held_before_the_stage_of_handing_over_raises_the_alarm_too(bellevue):
    journey = journey_of(bellevue)
    stages = [s.key for s in definition_of(journey.process_id, journey.held_to).stages]
    type(journey).objects.filter(pk=journey.pk).update(stage=stages[0], due_at=None)
    won, _helena = timezone.now(), user("helena")  # who manages hears of it too
    [one] = open_ones(actor("ines"))
    assert one.journey == journey and not one.late
    with time_machine.travel(won + dt.timedelta(days=7), tick=False):
        assert [one.journey for one in late_ones(actor("ines"))] == [journey]
        assert (alarm(), alarm()) == (2, 0)


def test_what_was_bought_before_somebody_came_back_is_not_handed_over_again(bellevue):
    journey = journey_of(bellevue)
    stages = [s.key for s in definition_of(journey.process_id, journey.held_to).stages]
    later = timezone.now() + dt.timedelta(days=40)
    type(journey).objects.filter(pk=journey.pk).update(stage=stages[0], opened_at=later, entered_at=later, due_at=None)
    with time_machine.travel(later + dt.timedelta(days=7), tick=False):
        assert open_ones(actor("ines")) == [] and alarm() == 0
