"""No way through another process and back leads round a strict gate, whichever face it is walked by."""

from __future__ import annotations

import pytest

from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.lookups.bulk import bulk_change
from kith.kernel.lookups.selection import picked
from kith.kernel.lookups.wishes import wish_of
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.process.tests.cast import SMALL, call, company, in_force, journey_of
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
STRICT = SMALL.replace("    only: []\n", "    gate: strict\n")
SHORT = """
key: short
name: Short cycle
stages:
  - {key: hello, name: Hello, step: 1}
  - {key: deal, name: Sale, step: 5}
"""


@pytest.fixture
def ines():
    in_force(SHORT)
    in_force(STRICT)
    return actor("ines")


def over(row, by, process, **inputs):
    raw = {"process": process, "reason": "They buy as shops do", **inputs}
    return perform(ACTIONS["journey.change_process"], journey_of(row), raw, by=by).result


def move(row, by, stage):
    return perform(ACTIONS["journey.move"], journey_of(row), {"stage": stage, "reason": "All agreed"}, by=by)


def of(row):
    return journey_of(row).process.key, journey_of(row).stage


def at_the_gate(by):
    row = company(by)
    call(by, company=row)
    assert of(row) == ("small", "qualify")
    return row


def test_who_comes_back_by_itself_lands_before_the_gate_that_is_closed(ines):
    bellevue = at_the_gate(ines)
    over(bellevue, ines, "short", stage="deal")
    with pytest.raises(NeedsInput, match="It goes on in Small, in Qualify"):
        over(bellevue, ines, "small", reason="")
    over(bellevue, ines, "small")
    assert of(bellevue) == ("small", "qualify")


def test_a_stage_beyond_the_gate_that_somebody_names_is_refused_with_what_is_missing(ines):
    bellevue = at_the_gate(ines)
    over(bellevue, ines, "short")
    move(bellevue, ines, "deal")
    for stage in ("deal", "service"):
        with pytest.raises(
            Invalid, match=r"Qualify is a strict gate. Missing: Their industry is known, Fit was judged."
        ):
            over(bellevue, ines, "small", stage=stage)
        with pytest.raises(Invalid, match="Qualify is a strict gate"):
            over(bellevue, ines, "small", stage=stage, reason="")
    assert of(bellevue) == ("short", "deal")


def test_who_never_was_in_it_does_not_come_in_beyond_its_strict_gate(ines):
    in_force(SHORT.replace("name: Hello", "name: Hallo"))  # where new customers begin from now on
    bellevue = company(ines)
    assert of(bellevue) == ("short", "hello")
    move(bellevue, ines, "deal")
    with pytest.raises(Invalid, match="Qualify is a strict gate"):
        over(bellevue, ines, "small", stage="deal")
    over(bellevue, ines, "small")
    assert of(bellevue) == ("small", "qualify")


def test_what_is_met_opens_the_way_back_and_what_was_ticked_there_counts(ines):
    bellevue = at_the_gate(ines)
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=ines)
    over(bellevue, ines, "short", stage="deal")
    edit(registry["company"], bellevue, {"industry": "Hotels"}, by=ines)
    over(bellevue, ines, "small", stage="deal")
    assert of(bellevue) == ("small", "deal")


def test_who_passed_the_gate_before_comes_back_where_they_stood(ines):
    bellevue = at_the_gate(ines)
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=ines)
    edit(registry["company"], bellevue, {"industry": "Hotels"}, by=ines)
    move(bellevue, ines, "deal")
    over(bellevue, ines, "short")
    edit(registry["company"], bellevue, {"industry": ""}, by=ines)
    over(bellevue, ines, "small")
    assert of(bellevue) == ("small", "deal")


def test_who_went_back_behind_the_gate_meets_it_again(ines):
    bellevue = at_the_gate(ines)
    perform(ACTIONS["journey.tick"], journey_of(bellevue), {"need": "fit"}, by=ines)
    edit(registry["company"], bellevue, {"industry": "Hotels"}, by=ines)
    move(bellevue, ines, "deal")
    move(bellevue, ines, "qualify")
    edit(registry["company"], bellevue, {"industry": ""}, by=ines)
    over(bellevue, ines, "short", stage="deal")
    with pytest.raises(Invalid, match="Missing: Their industry is known"):
        over(bellevue, ines, "small", stage="deal")


def test_a_named_way_leads_round_it_here_too(ines):
    in_force(STRICT.replace("    forward: [qualify]\n", "    forward: [qualify, deal]\n"))
    bellevue = company(ines)
    over(bellevue, ines, "short", stage="deal")
    over(bellevue, ines, "small", stage="deal")
    assert of(bellevue) == ("small", "deal")


def test_of_many_those_whom_the_gate_holds_are_named_and_stay(ines):
    bellevue = at_the_gate(ines)
    over(bellevue, ines, "short", stage="deal")
    inputs = {"process": "small", "stage": "deal", "reason": "All agreed"}
    wish = wish_of(registry["journey"], "do", 1, inputs, action=ACTIONS["journey.change_process"])
    chosen = picked([str(journey_of(bellevue).pk)], every=False, filter="", query="")
    done = bulk_change(registry["journey"], chosen, wish, by=ines)
    assert done.changed == 0 and "Qualify is a strict gate" in done.refused[0][2]


def test_by_the_dialog_it_is_said_at_once(ines, client):
    client.force_login(user("ines"))
    bellevue = at_the_gate(ines)
    over(bellevue, ines, "short", stage="deal")
    address = f"/journeys/{journey_of(bellevue).pk}/do/change_process"
    answer = client.post(address, {"process": "small", "stage": "deal", "reason": "x", "columns": ["stage", "reason"]})
    assert answer.status_code == 422 and "Qualify is a strict gate" in answer.content.decode()
    assert of(bellevue) == ("short", "deal")
