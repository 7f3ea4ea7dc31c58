"""Every way into a stage of another team asks that team: what happens by itself, a day that comes, a workflow, a hand."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from kith.activities.models import Notice
from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.models import Team
from kith.kernel.errors import Invalid, NeedsInput, NotAllowed
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.models import Event
from kith.kernel.timeline.operations import operation, undo
from kith.onboarding.tests.cast import hotel, plan_of, template
from kith.process.handovers import waiting_of
from kith.process.handovers.late import open_ones
from kith.process.journeys.by_time import let_go_on
from kith.process.models import Handover
from kith.process.panels import gate
from kith.process.queries import handovers_waiting
from kith.process.tests.cast import SMALL, company, in_force, journey_of, made
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
GIVEN = SMALL.replace("enters_on: [deal.won]", "enters_on: [deal.won]\n    team: South\n    handover: true")
STRICT = GIVEN.replace("    back: [qualify]\n", "    back: [qualify]\n    gate: strict\n")


@pytest.fixture
def jonas():
    """Who sells; those of team South take over. They are there before anything happens."""
    for who in ("ines", "priya"):
        user(who)
    return actor("jonas")


def sold(by, text=GIVEN, **values):
    in_force(text)
    row = company(by, **values)
    made("deal", by, name="Sensors", company=row)
    return row


def win(row, by):
    from kith.kernel.records.registry import registry

    deal, reason = (registry[name].model.objects for name in ("deal", "reason"))
    inputs = {"reason": reason.filter(outcome="won").first().pk, "override_reason": "A small one"}
    return perform(ACTIONS["deal.win"], deal.get(company=row), inputs, by=by).operation


def do(verb, row, by, **raw):
    return perform(ACTIONS[f"journey.{verb}"], journey_of(row), raw, by=by)


def automation(who):
    return actor_for(user(who), "automation")


def test_an_event_asks_the_team_and_the_giver_s_clock_runs_until_somebody_accepts(jonas):
    bellevue = sold(jonas)
    due = journey_of(bellevue).due_at
    win(bellevue, jonas)
    journey = journey_of(bellevue)
    assert (journey.stage, journey.wanted, journey.due_at, journey.owner_id) == ("deal", "service", due, jonas.user_id)
    offer = waiting_of(journey)
    assert (offer.team.name, offer.giver_id, offer.receiver_id, offer.stage) == (
        "South",
        jonas.user_id,
        None,
        "service",
    )
    assert Event.objects.get(verb="journey.held").payload["missing"] == "The handover is accepted"
    assert set(Notice.objects.values_list("user__name", flat=True)) == {"Ines Okafor", "Priya Nair"}
    do("accept_handover", bellevue, actor("priya"))
    journey, _row = journey_of(bellevue), bellevue.refresh_from_db()
    assert (journey.stage, journey.wanted) == ("service", "")
    assert bellevue.owner_id == journey.owner_id == user("priya").pk == Handover.objects.get().receiver_id


def test_the_team_that_owns_the_step_for_their_segment_is_asked(jonas):
    retail = "    team: South\n    team_for: {retail: North}\n    handover: true"
    bellevue = sold(jonas, GIVEN.replace("    team: South\n    handover: true", retail), industry="retail")
    win(bellevue, jonas)
    journey = journey_of(bellevue)
    assert (journey.segment, waiting_of(journey).team.name) == ("retail", "North")
    assert Event.objects.get(verb="journey.handover_offered").payload["to"] == "the team North"


def test_it_is_the_team_s_to_answer_and_it_stands_on_their_day_and_among_the_won(jonas):
    bellevue = sold(jonas)
    win(bellevue, jonas)
    assert [one.stage for one in handovers_waiting(actor("priya"), (user("priya").pk,))] == ["service"]
    assert not handovers_waiting(jonas, (jonas.user_id,)) and len(open_ones(jonas)) == 1
    with pytest.raises(NotAllowed, match="offered to the team South"):
        do("accept_handover", bellevue, jonas)
    card = gate(jonas, bellevue)
    assert card["waits"] == "Held back from Service: The handover is accepted. Goes on by itself once that is met."
    assert not card["mine"] and gate(actor("priya"), bellevue)["mine"]


def test_the_giver_may_still_offer_it_to_one_of_them_with_what_must_be_known(client, jonas):
    bellevue = sold(jonas)
    win(bellevue, jonas)
    client.force_login(user("jonas"))
    page = client.get(f"/journeys/{journey_of(bellevue).pk}/handover").content.decode()
    assert "South is asked to take this over" in page and "Offer it" in page and "Accept the handover" not in page
    do("hand_over", bellevue, jonas, to=user("priya").pk, says="A Polish manual is promised.")
    assert (waiting_of(journey_of(bellevue)).receiver_id, Handover.objects.count()) == (user("priya").pk, 1)
    do("accept_handover", bellevue, actor("priya"))
    assert journey_of(bellevue).stage == "service"


def test_whoever_hands_over_sees_how_much_each_colleague_carries(client, jonas):
    bellevue = sold(jonas)
    plan_of(*hotel("Hotel 3"), owner=user("ines"))
    small = template((("Kick-off", "ours", "", "1 day"),), most_at_once=1)
    for n in range(2):
        plan_of(*hotel(f"Hotel {n}"), template=small, owner=user("priya"))
    win(bellevue, jonas)
    client.force_login(user("jonas"))
    page = client.get(f"/journeys/{journey_of(bellevue).pk}/handover").content.decode()
    assert "Priya" in page and "has 2 onboardings, as many as allowed" in page and "Ines Okafor: 1 onboarding<" in page


def test_the_team_asks_back_and_is_asked_again_by_the_giver(jonas):
    bellevue = sold(jonas)
    win(bellevue, jonas)
    do("return_handover", bellevue, actor("priya"), missing="Who pays?")
    assert Notice.objects.filter(user=jonas.user_id, text__contains="Who pays?").exists()
    do("hand_over", bellevue, jonas, to=user("priya").pk, says="Their parent company pays.")
    do("accept_handover", bellevue, actor("priya"))
    assert journey_of(bellevue).stage == "service"


def test_undoing_what_happened_takes_the_question_back(jonas):
    bellevue = sold(jonas)
    with operation("test.win", "Won", by=jonas, record="deal") as (op, by):
        win(bellevue, by)
    undo(op, by=jonas)
    assert waiting_of(journey_of(bellevue)) is None and journey_of(bellevue).wanted == ""


def test_a_workflow_waits_for_the_answer_whatever_reason_it_brings(jonas):
    for text in (GIVEN, STRICT):
        bellevue = sold(jonas, text)
        do("move", bellevue, automation("jonas"), stage="service", reason="The contract was signed")
        assert (journey_of(bellevue).stage, journey_of(bellevue).wanted) == ("deal", "service")
        do("move", bellevue, automation("jonas"), stage="service")
        assert Handover.objects.filter(journey=journey_of(bellevue)).count() == 1
        do("accept_handover", bellevue, actor("priya"))
        assert journey_of(bellevue).stage == "service"
        do("close", bellevue, jonas, outcome="lost", reason="They moved away")


def test_a_day_that_comes_asks_as_well(jonas):
    text = GIVEN.replace(
        "    team: South\n", '    team: South\n    entry: {of: deal, where: "closed_on.before:-10d"}\n'
    )
    bellevue = sold(jonas, text)
    win(bellevue, jonas)
    assert waiting_of(journey_of(bellevue)) is not None
    do("return_handover", bellevue, actor("priya"), missing="Too early")
    with time_machine.travel(timezone.now() + dt.timedelta(days=20), tick=False):
        let_go_on()
        assert journey_of(bellevue).stage == "deal", "nobody has accepted"


def test_by_hand_it_asks_as_before(jonas):
    bellevue = sold(jonas)
    with pytest.raises(NeedsInput, match="The handover is accepted"):
        do("move", bellevue, jonas, stage="service")
    assert do("move", bellevue, jonas, stage="service", reason="Same people").result.stage == "service"


def test_accepting_leads_on_though_the_stage_names_another_event(jonas):
    bellevue = sold(jonas)
    do("hand_over", bellevue, jonas, to=user("priya").pk, says="All well.")
    do("accept_handover", bellevue, actor("priya"))
    assert journey_of(bellevue).stage == "service"


def test_a_stage_whose_team_nobody_made_is_asked_of_everybody_who_may(jonas):
    bellevue = sold(jonas, GIVEN.replace("team: South", "team: Nobody yet"))
    helena = actor("helena")
    win(bellevue, jonas)
    assert waiting_of(journey_of(bellevue)).team is None
    assert list(Notice.objects.values_list("user", flat=True)) == [helena.user_id], "somebody has to know"
    assert len(handovers_waiting(helena, (helena.user_id,))) == 1
    assert not handovers_waiting(actor("ines"), (user("ines").pk,))
    do("accept_handover", bellevue, actor("ines"))
    assert journey_of(bellevue).stage == "service"


def test_who_is_moved_elsewhere_by_hand_is_asked_for_no_more_and_asked_for_anew_later(jonas):
    bellevue = sold(jonas)
    win(bellevue, jonas)
    do("move", bellevue, jonas, stage="qualify", reason="They changed their mind")
    assert waiting_of(journey_of(bellevue)) is None and not handovers_waiting(actor("priya"), (user("priya").pk,))
    do("move", bellevue, automation("jonas"), stage="service", reason="The contract was signed")
    assert waiting_of(journey_of(bellevue)).stage == "service"
    do("move", bellevue, jonas, stage="deal", reason="Once more")
    do("hand_over", bellevue, jonas, to=user("priya").pk, says="All well.")
    do("close", bellevue, jonas, outcome="lost", reason="They moved away")
    assert not Handover.objects.filter(receiver=None).exists()


def test_no_workflow_brings_anybody_there_by_way_of_another_process(jonas):
    short = "key: short\nname: Short\nstages:\n  - {key: hello, name: Hello}\n  - {key: served, name: Served, handover: true}\n"
    in_force(short)
    bellevue = sold(jonas)
    raw = {"process": "short", "stage": "served", "reason": "They buy as shops do"}
    with pytest.raises(Invalid, match="Served is taken over from another team"):
        do("change_process", bellevue, automation("jonas"), **raw)
    assert do("change_process", bellevue, jonas, **raw).result.stage == "served"


def test_settings_say_that_nobody_made_the_team_that_takes_over(client, jonas):
    in_force(GIVEN.replace("team: South", "team: Success\n    team_for: {retail: South}"))
    client.force_login(user("astrid"))
    for path in ("/settings/process/", "/settings/process/small/"):
        page = client.get(path).text
        assert "No team is called Success" in page and "asked of those who manage" in page, path
    Team.objects.create(name="Success")
    assert "No team is called" not in client.get("/settings/process/").text


def test_settings_say_in_one_quiet_line_which_teams_own_steps_that_nobody_made(client, jonas):
    text = GIVEN.replace("    name: Qualify\n", "    name: Qualify\n    team: Sales\n    team_for: {retail: Shops}\n")
    in_force(text)
    client.force_login(user("astrid"))
    for path in ("/settings/process/", "/settings/process/small/", "/settings/process/small/qualify/"):
        page = client.get(path).text
        assert "No teams are called Sales, Shops, which own steps of Small" in page, path
        assert "asked of those who manage" not in page, path
    Team.objects.create(name="Sales")
    assert "No team is called Shops, which owns steps of Small" in client.get("/settings/process/").text
    Team.objects.create(name="Shops")
    assert "which owns steps" not in client.get("/settings/process/").text
