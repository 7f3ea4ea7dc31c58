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
from kith.retention.models import Care
from kith.support.tests.cast import ticket
from kith.surveys.models import Response
from kith.surveys.tests.making import marta, survey
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
NAMES = (
    "handovers", "onboarding", "surveys", "tickets", "promises", "coverage", "order-mismatches", "order-export",
)  # fmt: skip


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


def test_how_promises_are_kept_by_whom_and_of_what():
    row = create(registry["promise"], {"wording": "Ready by March"}, by=actor("ines"))
    perform(
        ACTIONS["promise.break"],
        row,
        {"reason": "Snow"},
        by=actor("ines"),
    )
    told = Program("ines")("get", "reports/promises?by=owner").data
    assert [(one["name"], one["broken"], one["broken_rate"], one["few"]) for one in told["data"]] == [
        ("Ines Okafor", 1, 1.0, True)
    ]
    assert told["all"]["broken"] == 1
    assert Program("ines")("get", "reports/promises?by=moon").status_code == 422
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert Program("ines")("get", f"reports/promises?since={tomorrow}").data["data"] == []


def test_customers_whom_nobody_has_spoken_with_and_what_invoicing_sees_differently():
    firm = create(registry["company"], {"name": "Hafen Logistik", "owner": user("ines")}, by=actor("ines"))
    order = create(registry["order"], {"name": "Watch", "company": firm, "total": 900}, by=actor("ines"))
    Care.objects.create(company=firm, owner=user("ines"), due_on=dt.date(2026, 1, 31))
    told = Program("ines")("get", "reports/coverage").data
    [one] = told["data"]
    assert (one["name"], one["silent"], one["without_next_step"], one["url"]) == (
        "Hafen Logistik", True, True, f"/api/v1/companies/{firm.pk}")  # fmt: skip
    assert (told["tiers"][0]["customers"], told["tiers"][0]["silent"], told["more"]) == (1, 1, False)
    perform(ACTIONS["order.report_status"], order, {"state": "refused", "note": "No VAT number"}, by=actor("ines"))
    [one] = Program("ines")("get", "reports/order-mismatches").data["data"]
    assert (one["record"], one["id"], one["why"]) == ("order", order.pk, "refused: No VAT number")


def test_whether_plays_help_is_for_those_who_set_them_up():
    create(registry["play"], {"name": "Talk", "steps": "0: Call them"}, by=system("cli"))
    told = Program("astrid")("get", "reports/plays").data
    assert [(one["name"], one["effect"]) for one in told["data"]] == [("Talk", None)] and told["all"]["silent"]
    assert Program("ines")("get", "reports/plays").status_code == 403


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
