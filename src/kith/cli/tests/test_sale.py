"""Hand-overs and onboardings from the command line."""

import datetime as dt
import json

import pytest
import time_machine
from django.utils import timezone

from kith.cli import commands, parser
from kith.kernel.records.action import ACTIONS, perform
from kith.onboarding.tests.cast import hotel, plan_of
from kith.process.tests.cast import HANDED, company, in_force, journey_of, made
from kith.qualification.tests.cast import captured, person, rule
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kith(capsys):
    """Run a command as the shell would: its exit code, and what it printed."""

    def run(*words):
        args = parser(commands()).parse_args(list(words))
        code = args.module.run(args)
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def bellevue(db):
    in_force(HANDED)
    ines = actor("ines")
    row = company(ines)
    deal = made("deal", ines, name="Sensors", company=row)
    reason = type(deal)._meta.get_field("reason").related_model.objects.filter(outcome="won").first()
    perform(ACTIONS["deal.win"], deal, {"reason": reason.pk, "words": "Dry by May."}, by=ines)
    made("promise", ines, wording="A Polish manual", company=row)
    return row


def test_who_is_won_and_not_taken_over_is_listed_and_late_ones_end_with_one(bellevue, kith):
    journey = journey_of(bellevue)
    code, said = kith("handover", "list")
    assert code == 0 and "Hotel Bellevue" in said and "not offered" in said
    assert kith("handover", "list", "--late") == (0, "Everybody who is won is in somebody's hands.\n")
    with time_machine.travel(journey.due_at + dt.timedelta(hours=1), tick=False):
        code, said = kith("handover", "list", "--late", "--json")
    [one] = json.loads(said)
    assert (code, one["journey"], one["late"], one["offered_to"]) == (1, journey.pk, True, "")


def test_what_is_handed_over_and_how_long_it_took(bellevue, kith):
    journey = journey_of(bellevue)
    assert "not offered" in kith("handover", "show", str(journey.pk))[1]
    perform(
        ACTIONS["journey.hand_over"], journey, {"to": user("priya").pk, "says": "Mind the boiler."}, by=actor("ines")
    )
    said = kith("handover", "show", str(journey.pk))[1]
    assert (
        "offered, Ines Okafor to Priya Nair" in said and "Mind the boiler." in said and "A Polish manual (open)" in said
    )
    told = json.loads(kith("handover", "show", str(journey.pk), "--json")[1])
    assert (told["state"], told["promises"][0]["wording"], told["accepted_at"]) == ("offered", "A Polish manual", None)
    perform(ACTIONS["journey.accept_handover"], journey, {}, by=actor("priya"))
    told = json.loads(kith("handover", "times", "--json")[1])
    assert (told["all"]["offered"], told["all"]["accepted"], told["givers"][0]["name"]) == (1, 1, "Ines Okafor")
    assert "Ines Okafor" in kith("handover", "times")[1]


def test_plans_on_their_way_are_listed_and_shown_and_late_ones_end_with_one(db, kith):
    plan = plan_of(*hotel())
    assert kith("onboarding", "list", "--late")[0] == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=90), tick=False):
        code, said = kith("onboarding", "list", "--late", "--json")
        theirs = json.loads(kith("onboarding", "list", "--theirs", "--json")[1])
    [one] = json.loads(said)
    assert (code, one["id"], one["late"], one["owner"]) == (1, plan.pk, True, "Ines Okafor")
    assert [row["id"] for row in theirs] == [plan.pk]
    said = kith("onboarding", "show", str(plan.pk))[1]
    assert "Send us what we need to begin (theirs)" in said and "/o/" in said
    assert len(json.loads(kith("onboarding", "show", str(plan.pk), "--json")[1])["steps"]) == 7
    told = json.loads(kith("onboarding", "times", "--json")[1])
    assert told["segments"][0]["plans"] == 1 and told["carried"] == [{"owner": "Ines Okafor", "plans": 1, "late": 0}]
    assert "Ines Okafor" in kith("onboarding", "times")[1]


def test_a_colleague_sees_only_their_own(bellevue, kith):
    said = kith("handover", "list", "--as", user("ines").email)[1]
    assert "Hotel Bellevue" in said


def test_leads_that_nobody_was_found_for_are_given_out_from_the_command_line(kith):
    marta = captured(person("Marta Kowalczyk"))
    assert kith("assignment", "deal-out", "--json") == (1, '{"given": 0, "waiting": 1}\n')
    rule(user=user("ines"))
    assert kith("assignment", "deal-out")[0] == 0
    marta.refresh_from_db()
    assert marta.owner == user("ines")
