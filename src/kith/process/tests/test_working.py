"""A stage at work: hand-overs, clocks that run out, what it does by itself, and journeys of those who were there before."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone
from markupsafe import Markup

from kith.kernel.errors import Invalid, NeedsInput, NotAllowed
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import undo
from kith.process.definition.checks import faults
from kith.process.definition.files import from_yaml
from kith.process.handovers import waiting_of
from kith.process.journeys.backfill import backfill, without_journey
from kith.process.journeys.clocks import tell_clocks
from kith.process.models import Journey, Stay
from kith.process.panels import gate, strip
from kith.process.tests.cast import BUSY, SMALL, call, company, in_force, journey_of, made, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
HANDED = SMALL.replace("enters_on: [deal.won]", "enters_on: [journey.handover_accepted]\n    handover: true")


@pytest.fixture
def bellevue():
    """A company in the stage before the one that is handed over."""
    in_force(HANDED)
    ines = actor("ines")
    row = company(ines)
    made("deal", ines, name="Sensors", company=row)
    return row


def do(verb, row, who, **raw):
    return perform(ACTIONS[f"journey.{verb}"], journey_of(row), raw, by=actor(who))


def test_a_stage_that_is_handed_over_is_not_entered_without_somebody_who_accepts(bellevue):
    with pytest.raises(NeedsInput, match="The handover is accepted"):
        do("move", bellevue, "ines", stage="service")


def test_whoever_accepts_looks_after_the_customer_from_then_on(bellevue):
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="A Polish manual is promised.")
    assert journey_of(bellevue).stage == "deal", "theirs until it is accepted"
    do("accept_handover", bellevue, "priya")
    bellevue.refresh_from_db()
    assert journey_of(bellevue).stage == "service"
    assert bellevue.owner_id == journey_of(bellevue).owner_id == user("priya").pk


def test_what_is_missing_goes_back_to_the_giver(bellevue):
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="All well.")
    with pytest.raises(Invalid, match="offered already"):
        do("hand_over", bellevue, "ines", to=user("priya").pk, says="Again.")
    do("return_handover", bellevue, "priya", missing="Who pays?")
    assert waiting_of(journey_of(bellevue)) is None
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="Their parent company pays.")
    assert Event.objects.get(verb="journey.handover_returned").payload["missing"] == "Who pays?"


def test_only_whom_it_was_offered_to_answers(bellevue):
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="All well.")
    with pytest.raises(NotAllowed, match="offered to Priya Nair"):
        do("accept_handover", bellevue, "jonas")


def test_accepting_can_be_taken_back_whole(bellevue):
    do("hand_over", bellevue, "ines", to=user("priya").pk, says="All well.")
    outcome = do("accept_handover", bellevue, "priya")
    undo(outcome.operation, by=actor("priya"))
    bellevue.refresh_from_db()
    assert journey_of(bellevue).stage == "deal" and bellevue.owner_id == user("ines").pk
    assert waiting_of(journey_of(bellevue)) is not None


def test_a_clock_warns_once_and_runs_out_once():
    in_force()
    row = company(actor("ines"))
    assert tell_clocks() == 0
    for minutes, verb in ((100, "journey.warned"), (150, "journey.overdue")):
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes), tick=False):
            assert (tell_clocks(), tell_clocks()) == (1, 0)
        assert Event.objects.filter(verb=verb, record_id=journey_of(row).pk).count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("do: activity.write_note", "do: activity.sing"), "“activity.sing” is no action of Kith."),
        (("inputs: {body: Answered.}", "inputs: {words: Answered.}"), "has no input “words”"),
        (("inputs: {subject: Say hello, due: 2 h}", "inputs: {due: 2 h}"), "needs: subject"),
    ],
)  # fmt: skip
def test_an_automation_that_could_not_run_is_not_published(change, sentence):
    assert any(sentence in words for words in faults(from_yaml(BUSY.replace(*change))))


def test_customers_who_were_there_before_get_their_journeys_from_their_timelines():
    from kith.deals.actions import install_defaults
    from kith.kernel.access.actor import system

    install_defaults(system())
    ines = actor("ines")
    early, late, alone = company(ines, "Bellevue"), company(ines, "Atlas"), person(ines, "Tom")
    call(ines, company=late)
    made("deal", ines, name="Sensors", company=late)
    in_force()
    assert without_journey() == 3 and backfill() == 3 and backfill() == 0
    assert [journey_of(c).stage for c in (early, late, alone)] == ["capture", "deal", "capture"]
    assert list(Stay.objects.filter(journey=journey_of(late)).order_by("entered_at").values_list("stage", flat=True)) == [
        "capture", "qualify", "deal",
    ]  # fmt: skip


def test_the_line_says_what_was_done_skipped_and_is_ahead():
    in_force()
    ines = actor("ines")
    row = company(ines)
    made("deal", ines, name="Sensors", company=row)
    stops = strip(ines, registry["company"], registry["company"].get(ines, row.pk))
    assert [(s["name"], s["state"]) for s in stops] == [
        ("Capture", "done"), ("Qualify", "skipped"), ("Deal", "current"), ("Service", "ahead"),
    ]  # fmt: skip


def test_the_card_says_what_is_missing_and_where_to_fill_it_in():
    in_force()
    ines = actor("ines")
    row = company(ines)
    call(ines, company=row)
    card = gate(ines, registry["company"].get(ines, row.pk))
    assert [(a["label"], a["met"], a["edit"]) for a in card["asked"]] == [
        ("Their industry is known", False, f"/companies/{row.pk}/cell/industry?at=facts"), ("Fit was judged", False, ""),
    ]  # fmt: skip
    assert card["to"].key == "deal" and card["missing"] == 2


def test_the_page_of_a_customer_shows_line_card_and_playbook(client):
    in_force(
        SMALL.replace(
            "    within: 2 h\n", "    within: 2 h\n    playbook: |-\n      Answer today.\n      > What made you look?\n"
        )
    )
    row = company(actor("ines"))
    client.force_login(user("ines"))
    page = client.get(f"/companies/{row.pk}").content.decode()
    assert 'class="lifecycle"' in page and "What made you look?" in page and 'class="gate"' in page
    journey = Journey.objects.get()
    assert 'class="gate"' in client.get(f"/journeys/{journey.pk}").content.decode()
    moved = client.post(f"/journeys/{journey.pk}/do/move", {"stage": "deal"}, headers={"HX-Request": "true"})
    assert moved.status_code == 422 and "skips Qualify" in moved.content.decode()
    passed = client.post(
        f"/journeys/{journey.pk}/do/move", {"stage": "deal", "columns": "reason", "reason": "Asked at the fair"},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    journey.refresh_from_db()
    assert passed.status_code == 204 and (journey.stage, journey.skipped) == ("deal", ["qualify"])
    page = client.get(f"/companies/{row.pk}").content.decode()
    assert "1 step was skipped: Qualify." in page and 'data-state="skipped"' in page, "on the card and on the line"


@pytest.mark.parametrize("known", ["company", "contact"])
def test_beside_a_deal_stands_the_relationship_it_belongs_to(client, known):
    in_force()
    ines = actor("ines")
    bellevue = company(ines)
    about = {"company": bellevue} if known == "company" else {"contact": person(ines, company=bellevue)}
    deal = made("deal", ines, name="Sensors", **about)
    assert strip(ines, registry["deal"], deal)[2]["state"] == "current"
    assert gate(ines, deal)["found"].journey == journey_of(bellevue)
    client.force_login(user("ines"))
    assert f"/journeys/{journey_of(bellevue).pk}/do/move" in client.get(f"/deals/{deal.pk}").text


def test_beside_a_deal_of_nobody_known_stands_no_relationship():
    in_force()
    assert gate(actor("ines"), made("deal", actor("ines"), name="Sensors")) is None


def test_skipped_stages_are_shown_by_name_and_asked_for_by_name(client):
    in_force()
    ines = actor("ines")
    made("deal", ines, name="Sensors", company=company(ines))
    client.force_login(user("ines"))
    assert '<span class="badge">Qualify</span>' in client.get("/journeys/?columns=name,skipped").text
    found = client.get("/journeys/?filter=skipped.any:qualify")
    assert "Skippedhas any ofQualify" in Markup(found.text).striptags() and "Hotel Bellevue" in found.text
    assert "Hotel Bellevue" not in client.get("/journeys/?filter=skipped.any:service").text
    asked = client.get("/journeys/filter/?filter=skipped.any:qualify").text
    assert 'value="qualify" checked' in asked


def test_one_of_many_stages_is_picked_from_a_list_that_holds_them_all(client):
    """More stages than stand beside each other as boxes."""
    tests = "".join(f"  - {{key: trial-{n}, name: Trial {n}, step: 4}}\n" for n in range(15))
    in_force(SMALL.replace("  - key: deal\n", tests + "  - key: deal\n"))
    client.force_login(user("ines"))
    for column in ("stage.is", "skipped.any"):
        asked = client.get(f"/journeys/filter/?filter={column}:trial-14").text
        assert '<option value="trial-14" selected' in asked and "/pick/stage" not in asked


def test_an_empty_list_of_journeys_asks_nobody_to_bring_some(client):
    in_force()
    client.force_login(user("ines"))
    words = Markup(client.get("/journeys/").text).striptags()
    assert "They come by themselves" in words and "Bring along what you have" not in words
