"""Stages and segments of several processes stand in one list: by key, under every name that they have."""

from __future__ import annotations

import pytest

from kith.kernel.errors import Invalid
from kith.kernel.records.action import ACTIONS, perform
from kith.process.kinds import SegmentKey, StageKey, StageKeys, segments, stages
from kith.process.tests.cast import SMALL, company, in_force, journey_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
OTHER = (
    SMALL.replace("key: small\nname: Small", "key: other\nname: Another")
    .replace("name: Qualify", "name: Triage")
    .replace("name: Retail", "name: Shops")
)


@pytest.fixture
def both():
    """The standard process, and a copy of it that calls a stage and a segment otherwise."""
    in_force(SMALL)
    in_force(OTHER.replace("segments:", 'for: {of: company, where: "employees.over:100"}\nsegments:'))


def test_a_stage_that_two_processes_call_differently_is_shown_under_both_names(client, both):
    assert list(stages().items())[:3] == [("capture", "Capture"), ("qualify", "Qualify / Triage"), ("deal", "Deal")]
    assert segments() == {"retail": "Retail / Shops"}
    row = company(actor("ines"))
    perform(ACTIONS["journey.move"], journey_of(row), {"stage": "qualify"}, by=actor("ines"))
    client.force_login(user("ines"))
    assert "Qualify / Triage" in client.get("/journeys/").text


@pytest.mark.parametrize("word", ["qualify", "Qualify", "triage", "Qualify / Triage"])
def test_it_is_found_by_its_key_and_by_each_of_its_names(both, word):
    assert StageKey().clean(word) == "qualify" and StageKeys().clean([word]) == ["qualify"]


def test_what_is_no_stage_is_refused_by_name(both):
    assert SegmentKey().clean("Shops") == "retail" and StageKey().clean("") == ""
    with pytest.raises(Invalid, match="“Sold out” is not one of the choices: Capture"):
        StageKey().clean("Sold out")
