"""Figures of taking over, onboarding, surveys and tickets for programs: those of their pages, within reach."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.api.tests.programs import Program
from kith.kernel.access.actor import system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.onboarding.tests.cast import hotel, plan_of
from kith.support.tests.cast import ticket
from kith.surveys.models import Response
from kith.surveys.tests.making import marta, survey
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
NAMES = ("handovers", "onboarding", "surveys", "tickets")


def test_they_stand_beside_the_reports_for_those_who_may_see_them():
    listed = {one["name"]: one["url"] for one in Program("ines")("get", "reports").data["data"]}
    for name in NAMES:
        assert listed[name] == f"/api/v1/reports/{name}"
        assert Program("ines")("get", f"reports/{name}").status_code == 200
    policy("member", "onboarding_plan", see="none")
    assert Program("ines")("get", "reports/onboarding").status_code == 403
    assert "onboarding" not in {one["name"] for one in Program("ines")("get", "reports").data["data"]}


def test_days_until_the_first_result_and_who_carries_how_much():
    plan_of(*hotel())
    told = Program("ines")("get", "reports/onboarding").data
    assert told["segments"][0] | {"name": ""} == {"name": "", "plans": 1, "reached": 0, "median_days": None, "late": 0}
    assert told["carried"] == [{"owner": "Ines Okafor", "plans": 1, "late": 0}]


def test_nothing_was_handed_over_yet():
    told = Program("ines")("get", "reports/handovers").data
    assert (told["all"]["offered"], told["all"]["median_seconds"], told["givers"], told["teams"]) == (0, None, [], [])


def test_who_answers_surveys_less_than_others_is_said_with_the_score():
    made, now = survey(kind="csat"), timezone.now()
    for who, address, answered in (("ines", "m1", 30), ("jonas", "m2", 8)):
        person = marta(who, emails=[{"value": f"{address}@bellevue.example", "label": ""}])
        given = {"survey": made, "person": person, "owner": person.owner, "asked_at": now, "due_at": now}
        said = {"state": "answered", "score": 5, "answered_at": now, "band": made.scale.band(5)}
        for n in range(50):
            Response.objects.create(**given, **(said if n < answered else {"state": "asked"}))
    told = Program("helena")(
        "get", f"reports/surveys?kind=csat&since={timezone.localdate() - dt.timedelta(days=1)}"
    ).data
    assert (told["asked"], told["answered"], told["rate"]["value"]) == (100, 38, 0.38)
    lines = {one["name"]: one["answers"] for group in told["groups"] for one in group["lines"]}
    assert (lines["Ines Okafor"], lines["Jonas Lindqvist"]) == ("more", "less")
    assert Program("helena")("get", "reports/surveys?kind=csat&until=2020-01-01").data["asked"] == 0
    for wrong in ("kind=smile", "since=yesterday"):
        assert Program("helena")("get", f"reports/surveys?{wrong}").status_code == 422


def test_what_agents_hold_and_what_comes_again():
    create(registry["agent"], {"user": user("jonas"), "capacity": 10}, by=system("cli"))
    for subject in ("One", "Two"):
        row = ticket(system("mail"), subject=subject)
        perform(ACTIONS["ticket.solve"], row, {"cause": "An old app"}, by=actor("jonas"))
    ticket(system("mail"), subject="Three", priority="urgent")
    told = Program("ines")("get", "reports/tickets").data
    [one] = told["agents"]
    assert (one["name"], one["capacity"], one["held"], one["turn"], one["dealt"]) == ("Jonas Lindqvist", 10, 5, 3, 9)
    assert told["causes"] == [{"cause": "An old app", "tickets": 2, "companies": 0, "people": 0, "yearly": {}}]
