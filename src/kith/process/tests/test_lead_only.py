"""A soft gate that only a team lead passes with a reason."""

from __future__ import annotations

import pytest

from kith.kernel.accounts.models import Team
from kith.kernel.errors import NeedsInput, NotAllowed
from kith.kernel.records.action import ACTIONS, perform
from kith.process.panels import gate
from kith.process.tests.cast import SMALL, call, company, in_force, journey_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def bellevue():
    in_force(SMALL.replace("    only: []\n", "    lead_only: true\n"))
    row = company(actor("ines"))
    call(actor("ines"), company=row)
    assert journey_of(row).stage == "qualify"
    return row


def move(row, who, **raw):
    return perform(ACTIONS["journey.move"], journey_of(row), {"stage": "deal", **raw}, by=actor(who)).result


def test_a_colleague_is_told_who_may_and_does_not_pass_with_any_reason(bellevue):
    for raw in ({}, {"reason": "They are in a hurry"}):
        with pytest.raises(
            NotAllowed, match="Missing: Their industry is known, Fit was judged. Only a team lead passes"
        ):
            move(bellevue, "ines", **raw)
    assert not gate(actor("ines"), bellevue)["passes"]


def test_a_team_lead_and_those_who_manage_pass_with_a_reason(bellevue):
    team = Team.objects.get(name="South")
    team.lead = user("ines")
    team.save()
    assert gate(actor("ines"), bellevue)["passes"]
    with pytest.raises(NeedsInput, match="say why"):
        move(bellevue, "ines")
    assert move(bellevue, "ines", reason="They are in a hurry").stage == "deal"
    move(bellevue, "helena", stage="qualify", reason="Back")
    assert move(bellevue, "helena", reason="All agreed").stage == "deal"


def test_once_all_is_met_everybody_passes(bellevue):
    from kith.kernel.records.actions import edit
    from kith.kernel.records.registry import registry

    edit(registry["company"], bellevue, {"industry": "Hotels"}, by=actor("ines"))
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=actor("ines"))
    assert gate(actor("ines"), bellevue)["passes"] and move(bellevue, "ines").stage == "deal"
