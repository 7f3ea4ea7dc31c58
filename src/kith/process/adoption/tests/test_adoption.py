"""What is filled, used and passed over: figures that agree with the lists they open, and what could go is named."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kith.kernel.accounts import tokens
from kith.kernel.customfields.actions import define
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.process.adoption.fields import tables
from kith.process.adoption.passing import LEAST, SHOWN, passed_over
from kith.process.evidence import counting
from kith.process.tests.cast import company, in_force, journey_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """Two companies under a process, one of them with an industry and moved past a step with a reason."""
    in_force()
    ines = actor("ines")
    row = company(ines, industry="Hotels")
    company(actor("jonas"), "Atlas")
    perform(ACTIONS["journey.move"], journey_of(row), {"stage": "deal", "reason": "Met at the fair"}, by=ines)
    return row


def test_each_field_says_how_many_have_it_by_team_and_opens_them(two, client):
    [table] = [t for t in tables(actor("astrid")) if t.record == "company"]
    industry = next(f for f in table.fields if f.key == "industry")
    assert [name for name, _n in table.heads] == ["All", "North", "South"]
    assert [(c.n, c.of) for c in industry.cells] == [(1, 2), (0, 1), (1, 1)]
    assert "2 rules of the process" in industry.uses, "the need of a gate and the rule of a segment"
    client.force_login(user("astrid"))
    listed = client.get(industry.cells[0].href).content.decode()
    assert f'href="/companies/{two.pk}"' in listed and "Atlas" not in listed


def test_a_field_of_ones_own_that_nobody_uses_can_be_archived_from_there(two, client):
    define(record="company", label="Fax number", kind="text", by=actor("astrid"))
    client.force_login(user("astrid"))
    page = client.get("/settings/adoption/").content.decode()
    row = page[page.index("Fax number") :].split("</tr>")[0]
    assert "Nobody and nothing uses it." in row and 'href="/settings/fields/"' in row
    [table] = [t for t in tables(actor("astrid")) if t.record == "company"]
    assert not next(f for f in table.fields if f.key == "industry").idle


def test_programs_read_the_figures_of_the_page_where_they_may(two):
    def api(name):
        return Client(headers={"Authorization": "Bearer " + tokens.issue(user(name), "figures")[1]})

    told = api("astrid").get("/api/v1/reports/adoption").json()
    [table] = [one for one in told["records"] if one["record"] == "company"]
    industry = next(f for f in table["fields"] if f["key"] == "industry")
    assert (told["days"], table["made"], industry["filled"], industry["of"]) == (90, 2, 1, 2)
    assert industry["teams"] == {"North": {"filled": 0, "of": 1}, "South": {"filled": 1, "of": 1}}
    [qualify] = [one for one in told["passed_over"] if one["name"] == "Qualify"]
    assert (qualify["kind"], qualify["times"], qualify["teams"]) == ("stage", 1, {"South": 1})
    assert qualify["cases"][0]["journey"] == journey_of(two).pk and qualify["could_go_from"] is None
    assert api("ines").get("/api/v1/reports/adoption").status_code == 403
    named = {who: {r["name"] for r in api(who).get("/api/v1/reports").json()["data"]} for who in ("astrid", "ines")}
    assert "adoption" in named["astrid"] and "adoption" not in named["ines"]


def test_what_was_passed_over_is_counted_by_team_with_the_reasons(two):
    told = {one.name: one for one in passed_over(actor("astrid"))}
    assert told["Qualify"].kind == "stage" and dict(told["Qualify"].teams) == {"South": 1}
    [(pk, name, _at, reason)] = told["Qualify"].cases
    assert (pk, name, reason) == (journey_of(two).pk, "Hotel Bellevue", "Met at the fair")
    assert registry["journey"].rows(actor("astrid")).filter(pk=pk).exists()


def test_a_step_that_more_pass_over_than_go_through_could_go(client):
    in_force()
    ines = actor("ines")
    for n in range(LEAST):
        row = company(ines, f"Hotel {n}", industry="Hotels")
        perform(ACTIONS["journey.move"], journey_of(row), {"stage": "deal", "reason": "Met at the fair"}, by=ines)
        if n == LEAST - 2:
            counting.refresh()
            assert not any(one.process for one in passed_over(actor("astrid"))), "so few say nothing"
    counting.refresh()
    told = {one.name: one for one in passed_over(actor("astrid"))}
    assert (told["Qualify"].n, told["Qualify"].came, told["Qualify"].process) == (LEAST, 0, "small")
    client.force_login(user("astrid"))
    page = client.get("/settings/adoption/").content.decode()
    assert "More pass it over than go through it" in page
    address = re.search(r'href="(/settings/process/[^"]+/qualify/)"', page)[1]
    assert client.get(address).status_code == 200


def test_cases_are_the_latest_and_all_are_counted():
    in_force()
    ines = actor("ines")
    for n in range(SHOWN + 3):
        perform(
            ACTIONS["journey.move"],
            journey_of(company(ines, f"Hotel {n}")),
            {"stage": "deal", "reason": f"r{n}"},
            by=ines,
        )
    told = {one.name: one for one in passed_over(actor("astrid"))}["Qualify"]
    assert (told.n, told.by_hand, len(told.cases)) == (SHOWN + 3, SHOWN + 3, SHOWN)
    assert [reason for *_more, reason in told.cases] == [f"r{n}" for n in range(SHOWN + 2, 2, -1)]


def test_it_is_for_those_who_manage_settings(two, client):
    client.force_login(user("ines"))
    assert client.get("/settings/adoption/").status_code == 403
