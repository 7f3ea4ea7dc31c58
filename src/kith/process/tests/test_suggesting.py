"""The one thing to do next with a relationship: what it is, in which order, and that one press does it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.activities.models import Activity
from kith.api.tests.programs import Program
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.process.models import Tick
from kith.process.relationship import relationship_of
from kith.process.suggesting import suggestion
from kith.process.tests.cast import HANDED, call, company, in_force, journey_of, made
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
BOOK = HANDED.replace(
    "    forward: [qualify]\n", "    forward: [qualify]\n    playbook: |-\n      Be short.\n      1. Thank them.\n      2. Ask one question.\n"
)  # fmt: skip


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel("2026-03-12T09:00:00Z", tick=False):  # a Thursday
        yield


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def bellevue(ines):
    in_force(BOOK)
    return company(ines)


def suggested(row, by):
    fresh = type(row).objects.get(pk=row.pk)  # a page reads it afresh
    record = registry.by_model(type(row))
    return suggestion(by, relationship_of(by, record, fresh), fresh)


def press(client, one):
    """As the button does."""
    answer = client.post(one.post, dict(one.inputs), headers={"HX-Request": "true"})
    assert answer.status_code in (200, 204), answer.content[:400]


def test_the_moves_of_the_playbook_are_planned_and_done_one_by_one_and_then_it_is_the_way_forward(
    client, ines, bellevue
):
    client.force_login(user("ines"))
    one = suggested(bellevue, ines)
    assert (one.kind, one.says, one.press) == ("move", "Thank them.", "Plan it")
    press(client, one)
    task = Activity.objects.get(subject="Thank them.")
    assert (task.company, task.owner_id) == (bellevue, ines.user_id)
    assert timezone.localtime(task.due_at).date() == dt.date(2026, 3, 13)
    one = suggested(bellevue, ines)
    assert (one.kind, one.press, one.pk) == ("planned", "Done", task.pk)
    press(client, one)
    task.refresh_from_db()
    assert task.done_at is not None
    one = suggested(bellevue, ines)
    assert (one.kind, one.says) == ("move", "Ask one question.")
    press(client, one)
    press(client, suggested(bellevue, ines))
    one = suggested(bellevue, ines)
    assert (one.kind, one.says) == ("way", "Move to Qualify")
    press(client, one)
    assert journey_of(bellevue).stage == "qualify"


def test_what_the_gate_misses_comes_first_in_its_order(client, ines, bellevue):
    client.force_login(user("ines"))
    call(ines, company=bellevue)
    one = suggested(bellevue, ines)
    assert (one.kind, one.says, one.edit) == (
        "missing",
        "Their industry is known",
        f"/companies/{bellevue.pk}/cell/industry?at=facts",
    )
    registry["company"].model.objects.filter(pk=bellevue.pk).update(industry=["hotels"])
    one = suggested(bellevue, ines)
    assert (one.says, one.press) == ("Fit was judged", "Tick")
    press(client, one)
    assert Tick.objects.get().need == "fit"
    assert suggested(bellevue, ines).says == "Move to Deal"


def test_a_promise_over_its_day_comes_before_the_playbook(client, ines, bellevue):
    client.force_login(user("ines"))
    promise = made("promise", ines, wording="A second sensor", company=bellevue, due_on=dt.date(2026, 3, 10))
    made("promise", ines, wording="Later", company=bellevue, due_on=dt.date(2026, 3, 20))
    one = suggested(bellevue, ines)
    assert (one.kind, one.says, one.press) == ("promise", "Keep the promise: A second sensor", "Kept")
    press(client, one)
    promise.refresh_from_db()
    assert promise.state == "kept" and suggested(bellevue, ines).kind == "move"


def test_a_step_of_another_team_is_handed_over_and_the_receiver_is_asked_to_accept(client, ines, bellevue):
    made("deal", ines, name="Sensors", company=bellevue)
    perform(ACTIONS["journey.move"], journey_of(bellevue), {"stage": "deal", "reason": "So"}, by=ines)
    one = suggested(bellevue, ines)
    assert (one.kind, one.press, one.href) == ("way", "Hand over…", f"/journeys/{journey_of(bellevue).pk}/handover")
    perform(ACTIONS["journey.hand_over"], journey_of(bellevue), {"to": user("priya").pk, "says": "All well."}, by=ines)
    assert suggested(bellevue, ines) is None, "it waits for somebody else"
    client.force_login(user("priya"))
    one = suggested(bellevue, actor("priya"))
    assert (one.kind, one.press) == ("handover", "Accept the handover")
    press(client, one)
    assert not relationship_of(ines, registry["company"], type(bellevue).objects.get(pk=bellevue.pk)).handover


def test_it_stands_beside_the_record_and_is_the_same_for_programs(client, ines, bellevue):
    client.force_login(user("ines"))
    page = client.get(f"/companies/{bellevue.pk}").text
    assert "Suggested next step" in page
    panel = client.get(f"/companies/{bellevue.pk}/panel/suggestion", headers={"HX-Request": "true"}).text
    assert "Thank them." in panel and "Plan it" in panel
    program = Program("ines")
    [told] = program("get", f"journeys/{journey_of(bellevue).pk}/suggestion").data["data"]
    assert (told["kind"], told["says"], told["do"]) == ("move", "Thank them.", "journey.plan_move")
    done = program("post", told["path"].removeprefix("/api/v1/"), told["inputs"])
    assert done.status_code in (200, 201), done.data
    assert Activity.objects.get().subject == "Thank them."


def test_who_may_do_nothing_of_it_is_told_nothing(ines, bellevue):
    assert suggested(bellevue, actor("rolf")) is None
    policy("member", "activity", see="all", edit="own", rights=[])
    one = suggested(bellevue, actor("ines"))
    assert one.kind in ("move", "way")


def test_a_relationship_that_ended_has_no_next_step(ines, bellevue):
    perform(ACTIONS["journey.close"], journey_of(bellevue), {"outcome": "lost", "reason": "Closed down"}, by=ines)
    assert suggested(bellevue, ines) is None
