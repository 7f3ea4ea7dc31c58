"""Moving a relationship offers the stages of its own process, as the version says that holds for it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kith.kernel.accounts import tokens
from kith.kernel.errors import Invalid, KithError
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.bulk import bulk_perform
from kith.kernel.records.registry import registry
from kith.process.kinds import StageOfIts
from kith.process.models import Journey
from kith.process.tests.cast import SMALL, company, in_force, journey_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
OTHER = """
key: clinic
name: Clinic
for: {of: company, where: "employees.over:100"}
stages:
  - {key: hello, name: Hello}
  - {key: triage, name: Qualify}
  - {key: service, name: Care}
"""


@pytest.fixture
def bellevue():
    """In Small, which is for those whom the other process is not for."""
    in_force(SMALL)
    in_force(OTHER)
    return company(actor("ines"))


@pytest.fixture
def hospital(bellevue):
    """In Clinic."""
    row = company(actor("ines"), "North Hospital", employees=500)
    assert journey_of(row).stage == "hello"
    return row


def offered(html: str) -> list[str]:
    select = re.search(r'<select[^>]*name="stage".*?</select>', html, re.S)
    assert select is not None
    return [words.strip() for words in re.findall(r"<option[^>]*>(.*?)</option>", select[0], re.S)]


def move(row, stage, who="ines", **raw):
    return perform(
        ACTIONS["journey.move"], journey_of(row), {"stage": stage, "reason": "So", **raw}, by=actor(who)
    ).result


def test_the_dialog_offers_those_of_its_own_process_in_their_order_and_says_where_it_stands(client, bellevue, hospital):
    client.force_login(user("ines"))
    own = client.get(f"/journeys/{journey_of(bellevue).pk}/do/move").text
    assert offered(own)[1:] == ["Capture (stands here)", "Qualify", "Deal", "Service"]
    other = client.get(f"/journeys/{journey_of(hospital).pk}/do/move").text
    assert offered(other)[1:] == ["Hello (stands here)", "Qualify", "Care"]


def test_they_are_named_as_the_version_names_them_that_holds_for_it(client, bellevue):
    in_force(
        SMALL.replace("name: Deal\n", "name: Offer\n").replace(
            "- key: service", "- {key: trial, name: Trial}\n  - key: service"
        )
    )
    row = journey_of(bellevue)
    Journey.objects.filter(pk=row.pk).update(held_to=1)
    client.force_login(user("ines"))
    assert offered(client.get(f"/journeys/{row.pk}/do/move").text)[1:] == [
        "Capture (stands here)",
        "Qualify",
        "Deal",
        "Service",
    ]
    with pytest.raises(KithError, match="Small has no stage “Trial”; it has: Capture, Qualify, Deal, Service"):
        move(bellevue, "Trial")


def test_one_that_is_not_meant_for_its_segment_is_marked_and_can_be_chosen_all_the_same(client):
    in_force(SMALL.replace("    only: []\n", "    only: [retail]\n"))
    row = company(actor("ines"))
    client.force_login(user("ines"))
    assert "Qualify (only for Retail)" in offered(client.get(f"/journeys/{journey_of(row).pk}/do/move").text)
    assert move(row, "Qualify").stage == "qualify"


def test_a_name_means_the_stage_of_its_own_process(bellevue, hospital):
    assert move(bellevue, "qualify").stage == "qualify" and move(hospital, "Qualify").stage == "triage"


def test_a_stage_of_another_process_is_refused_in_one_sentence_on_every_face(client, bellevue, hospital):
    words = "Small has no stage “Hello”; it has: Capture, Qualify, Deal, Service."
    with pytest.raises(KithError, match=re.escape(words)):
        move(bellevue, "Hello")
    client.force_login(user("ines"))
    sent = client.post(f"/journeys/{journey_of(bellevue).pk}/do/move", {"stage": "hello"})
    assert sent.status_code == 422 and "Small has no stage “hello”" in sent.text


def test_many_of_several_processes_are_offered_what_all_have_first_and_whose_the_rest_is(client, bellevue, hospital):
    client.force_login(user("helena"))
    pick = [str(journey_of(row).pk) for row in (bellevue, hospital)]
    asked = client.post("/journeys/bulk/do-move", {"pick": pick})
    assert offered(asked.text)[1:] == [
        "Service / Care", "Capture (only in Small)", "Qualify (only in Small)", "Deal (only in Small)",
        "Hello (only in Clinic)", "Qualify (only in Clinic)",
    ]  # fmt: skip


def test_a_name_sent_for_many_means_each_ones_own_and_what_is_none_of_any_is_refused_at_once(bellevue, hospital):
    rows = [journey_of(bellevue), journey_of(hospital)]
    act, asked = ACTIONS["journey.move"], {"stage": "Qualify", "reason": "So"}
    assert bulk_perform(registry["journey"], act, rows, asked, by=actor("helena")) == 2
    assert [journey_of(row).stage for row in (bellevue, hospital)] == ["qualify", "triage"]
    with pytest.raises(Invalid, match="“Sold out” is not one of the choices"):
        StageOfIts().clean("Sold out")


def test_of_many_those_without_that_stage_stay_and_say_so(bellevue, hospital):
    rows, left = [journey_of(bellevue), journey_of(hospital)], []
    act, asked = ACTIONS["journey.move"], {"stage": "deal", "reason": "So"}

    def told(row, problem):
        left.append((row.pk, str(problem)))

    assert bulk_perform(registry["journey"], act, rows, asked, by=actor("helena"), refused=told) == 1
    assert left == [(rows[1].pk, "Clinic has no stage “deal”; it has: Hello, Qualify, Care.")]


def test_the_questions_asked_for_many_do_not_grow_with_them(bellevue, hospital, django_assert_num_queries):
    for n in range(4):
        company(actor("ines"), f"Hotel {n}")
    with django_assert_num_queries(1):
        ACTIONS["journey.move"].asked_of(Journey.objects.all())


def test_programs_read_which_stages_there_are(bellevue):
    program = {"HTTP_AUTHORIZATION": "Bearer " + tokens.issue(user("ines"), "test")[1]}
    told = Client(**program).get(f"/api/v1/journeys/{journey_of(bellevue).pk}/stages").json()["data"]
    assert [one["stage"] for one in told] == ["capture", "qualify", "deal", "service"]
    assert told[0] == {"stage": "capture", "name": "Capture", "here": True, "meant": True}


def test_a_stage_that_is_no_more_is_known_as_long_as_somebody_is_held_to_a_version_with_it(bellevue):
    in_force(SMALL.replace("  - key: service", "  - {key: trial, name: Trial}\n  - key: service"))
    in_force(SMALL)
    with pytest.raises(Invalid, match="“Trial” is not one of the choices"):
        StageOfIts().clean("Trial")
    Journey.objects.filter(pk=journey_of(bellevue).pk).update(held_to=2)
    assert StageOfIts().clean("Trial") == "trial"


def test_of_many_that_are_held_to_several_versions_what_not_every_one_has_is_marked(bellevue):
    company(actor("ines"), "Hotel Astoria")
    in_force(SMALL.replace("  - key: service", "  - {key: trial, name: Trial}\n  - key: service"))
    assert "Trial" in ACTIONS["journey.move"].asked_of(Journey.objects.all())[0].kind.options.values()
    Journey.objects.filter(pk=journey_of(bellevue).pk).update(held_to=1)
    offered_to = ACTIONS["journey.move"].asked_of(Journey.objects.all())[0].kind.options
    assert list(offered_to.values())[-1] == "Trial (not in every version)"
