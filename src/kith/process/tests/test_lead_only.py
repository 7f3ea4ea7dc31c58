"""A soft gate that only a team lead passes with a reason."""

from __future__ import annotations

import pytest

from kith.kernel.accounts.models import Team
from kith.kernel.errors import NeedsInput, NotAllowed
from kith.kernel.records.action import ACTIONS, perform
from kith.process.models import Journey
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
            NotAllowed,
            match="Missing: Their industry is known, Fit was judged. Only a lead of South passes Qualify without",
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


def lead_of(team, who):
    found = Team.objects.get_or_create(name=team)[0]
    found.lead = user(who)
    found.save()


def owned(stage, team):
    """The stage belongs to this team; published, so that those in flight are held to it."""
    text = SMALL.replace("    only: []\n", "    lead_only: true\n")
    in_force(text.replace(f"    name: {stage}\n", f"    name: {stage}\n    team: {team}\n"))
    row = company(actor("ines"), "Hotel Astoria")
    call(actor("ines"), company=row)
    return row


def test_the_lead_of_a_team_that_it_does_not_concern_passes_no_more_than_anybody(bellevue):
    user("jonas")
    lead_of("North", "jonas")
    with pytest.raises(NotAllowed, match="Only a lead of South passes Qualify without, or somebody who manages"):
        move(bellevue, "jonas", reason="They are in a hurry")
    card = gate(actor("jonas"), bellevue)
    assert not card["passes"] and card["leads"] == "a lead of South"


@pytest.mark.parametrize("stage", ["Qualify", "Deal"])
def test_the_lead_of_the_team_that_owns_the_step_they_leave_or_enter_passes(stage):
    user("jonas")
    lead_of("North", "jonas")
    row = owned(stage, "North")
    with pytest.raises(NotAllowed, match="Only a lead of North or South passes"):
        move(row, "ines", reason="They are in a hurry")
    assert move(row, "jonas", reason="They are in a hurry").stage == "deal"


def test_where_no_such_team_was_made_the_lead_of_any_team_passes():
    user("jonas")
    lead_of("North", "jonas")
    row = owned("Deal", "Nobody made it")
    Journey.objects.filter(pk=journey_of(row).pk).update(owner=None, team=None)
    with pytest.raises(NotAllowed, match="Only a team lead passes Qualify without"):
        move(row, "ines", reason="They are in a hurry")
    assert move(row, "jonas", reason="They are in a hurry").stage == "deal"


def test_once_all_is_met_everybody_passes(bellevue):
    from kith.kernel.records.actions import edit
    from kith.kernel.records.registry import registry

    edit(registry["company"], bellevue, {"industry": "Hotels"}, by=actor("ines"))
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=actor("ines"))
    assert gate(actor("ines"), bellevue)["passes"] and move(bellevue, "ines").stage == "deal"
