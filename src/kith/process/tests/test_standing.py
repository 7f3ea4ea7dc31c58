"""Where customers stand, beside them: in lists, filters, exports and for programs."""

from __future__ import annotations

import pytest

from kith.kernel.accounts import tokens
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.conditions import tree_of
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.process.tests.cast import company, in_force, journey_of, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    in_force()
    return actor("ines")


def standing(record, where, by):
    kind = registry[record]
    return sorted(str(row) for row in filtered(kind, tree_of(where), by, kind.rows(by)))


def test_companies_and_their_people_are_found_by_the_stage_they_stand_in(ines):
    bellevue, alone = company(ines), person(ines, "Tom")
    person(ines, "Marta", company=bellevue)
    perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "qualify"}, by=ines)
    assert standing("company", "stage.is:qualify", ines) == ["Hotel Bellevue"]
    assert standing("person", "stage.is:qualify", ines) == ["Marta"]
    assert standing("person", "stage.is:capture", ines) == [str(alone)]
    perform(ACTIONS["journey.close"], journey_of(alone), {"outcome": "dormant", "reason": "No word"}, by=ines)
    assert standing("person", "stage.empty", ines) == [str(alone)]


def test_programs_read_the_stage_and_since_when(ines, client):
    bellevue = company(ines)
    secret = tokens.issue(user("ines"), "Reports")[1]
    got = client.get(f"/api/v1/companies/{bellevue.pk}", headers={"authorization": f"Bearer {secret}"}).json()
    assert got["stage"] == "capture"
    assert got["stage_since"] is not None


def test_a_list_shows_and_sorts_by_the_stage(ines, client):
    company(ines)
    client.force_login(user("ines"))
    page = client.get("/companies/?columns=name,stage,stage_since&sort=-stage_since").content.decode()
    assert ">Capture<" in page
