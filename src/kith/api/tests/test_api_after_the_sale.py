"""What panels tell of customers after the sale, programs read as rows: what they did for us, health line by line, effort,
care, ideas with their revenue, doubts about a referral, and what there is to hand over."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.advocacy import ideas
from kith.advocacy.models import Referral
from kith.advocacy.tests.making import company, person, programme, sent, won
from kith.api.tests.programs import Program, told
from kith.kernel.access.actor import system
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.process.tests.cast import HANDED, in_force, journey_of
from kith.retention.health.computing import keep
from kith.retention.models import Care
from kith.retention.tests.cast import batch, firm, ticket
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return actor("ines")


def new(record, by=None, **values):
    return create(registry[record], values, by=by or system("cli"))


# --- advocacy ---------------------------------------------------------------------------------------------------------


def test_what_somebody_did_for_us_is_read_with_its_rows_the_last_first(ines):
    programme()
    marta = person()
    friend = sent(marta)
    board = ideas.propose(marta, "Alarm by text message")
    ACTIONS["idea.show"].run(board, by=ines)
    word = new("reference", ines, name="A word of Marta", kind="call", person=marta, owner=user("ines"))
    for verb, inputs in (
        ("ask", {}), ("agree", {"words": "Call us", "who": "Marta"}), ("publish", {}),
        ("hold_call", {"asked_by": "Lysefjord", "on": dt.date(2026, 1, 10)}),
    ):  # fmt: skip
        ACTIONS[f"reference.{verb}"].run(word, by=ines, **inputs)
    found = told(f"people/{marta.pk}/did")
    today = timezone.localdate().isoformat()
    assert sorted((one["what"], one["record"], one["id"], one["name"], one["on"]) for one in found) == [
        ("calls", "reference", word.pk, "A word of Marta", "2026-01-10"),
        ("ideas", "idea", board.pk, "Alarm by text message", today),
        ("references", "reference", word.pk, "A word of Marta", today),
        ("referrals", "referral", friend.pk, "Piotr Nowak", today),
    ]  # fmt: skip
    assert found[-1]["what"] == "calls", "the oldest comes last"
    assert told(f"references/{word.pk}/calls") == [{"on": "2026-01-10", "asked_by": "Lysefjord"}]


def test_what_is_out_of_reach_is_not_among_what_somebody_did(ines):
    programme()
    marta = person()
    sent(marta)
    ideas.propose(marta, "Alarm by text message")
    policy("member", "referral", see="none")
    assert told(f"people/{marta.pk}/did") == [], "the referral is not theirs to see, and the idea is not on the board"


def test_an_idea_says_who_wants_it_and_what_their_companies_bring(ines):
    hotel = company()
    marta = person(company=hotel)
    idea = ideas.propose(marta, "Alarm by text message")
    values = {"name": "Care plan", "company": hotel, "total": 1200, "yearly": 1200, "currency": "EUR"}
    new("order", **values, placed_on=dt.date(2026, 3, 1), owner=user("ines"))
    (vote,) = told(f"ideas/{idea.pk}/votes")
    assert vote["person"] == {"id": marta.pk, "name": "Marta Kowalska"}
    assert told(f"ideas/{idea.pk}/revenue") == [{"currency": "EUR", "yearly": 1200, "open": 0}]
    policy("member", "order", see="none")
    policy("member", "person", see="none")
    assert (told(f"ideas/{idea.pk}/votes"), told(f"ideas/{idea.pk}/revenue")) == ([], [])


def test_a_referral_says_what_speaks_against_it_and_a_programme_how_it_fares(ines):
    made = programme()
    marta = person()
    plain, own = sent(marta), sent(marta, "marta@bellevue.example", name="Marta K.")
    assert told(f"referrals/{plain.pk}/doubts") == []
    assert [one["key"] for one in told(f"referrals/{own.pk}/doubts")][:1] == ["mail"]
    rewards = told(f"referral-programmes/{made.pk}/rewards")
    assert [(one["reward"], one["n"], one["currency"]) for one in rewards] == [
        ("agreed", 1, "EUR"),
        ("refused", 1, "EUR"),
    ]
    assert Referral.objects.get(pk=own.pk).reward == "refused"


# --- retention --------------------------------------------------------------------------------------------------------


def test_health_is_read_line_by_line_with_what_is_not_known_and_what_moved_it(ines):
    new("health_part", name="Tickets", source="tickets", weight=10, poor=4, good=0)
    new("health_part", name="Use", source="usage", weight=30, poor=50, good=100)
    hafen = firm(owner=user("ines"))
    ticket(hafen, 5)
    keep(batch(hafen))
    tickets, use = told(f"companies/{hafen.pk}/health_parts")
    assert (tickets["name"], tickets["points"], tickets["weight"], tickets["words"]) == ("Tickets", 75, 10, "1 ticket")
    assert (use["name"], use["points"], use["words"]) == ("Use", None, "")
    (moved,) = told(f"companies/{hafen.pk}/health_history")
    assert (moved["before"], moved["after"], moved["confidence"], moved["why"]) == (None, 75, 25, "Tickets: 1 ticket")
    row = Program("ines")("get", f"companies/{hafen.pk}").data
    assert (row["health"], row["health_confidence"]) == (75, 25)


def test_care_before_and_after_payment_and_the_reasons_for_leaving_are_read(ines):
    hafen = firm(owner=user("ines"))
    keep(batch(hafen))
    Care.objects.filter(company=hafen).update(
        before={"answer": [1.0, 48.0], "contacts": [6, 2], "effort": [0, 3], "fell": ["answers took 1.0 hours"]},
        reasons=[{"label": "Contact", "value": "70 days", "effect": 0.4}],
    )
    care = {one["what"]: (one["before"], one["after"], one["fell"]) for one in told(f"companies/{hafen.pk}/care")}
    fell = "answers took 1.0 hours"
    assert care == {"answer": (1, 48, fell), "contacts": (6, 2, fell), "effort": (0, 3, fell)}
    (reason,) = told(f"companies/{hafen.pk}/churn_reasons")
    assert (reason["label"], reason["value"]) == ("Contact", "70 days")


def test_what_a_customer_could_use_is_read_with_its_reason_and_nothing_of_whoever_is_not_well(ines):
    hafen = firm(owner=user("ines"))
    for counter, amount in (("seats", 12), ("seats_limit", 10)):
        values = {"counter": counter, "amount": amount}
        sent_ = Program("ines")("post", f"companies/{hafen.pk}/actions/count", values)
        assert sent_.status_code == 200, sent_.data
    (one,) = told(f"companies/{hafen.pk}/suggestions")
    assert (one["product"], one["words"], one["need"]) == ("More seats", "12 of 10 seats are used", True)
    ticket(hafen, 1, kind="complaint")
    assert told(f"companies/{hafen.pk}/suggestions") == []


def test_of_nobody_s_customer_there_is_nothing_to_tell(ines):
    plain = company()
    for key in ("health_parts", "health_history", "churn_reasons", "care"):
        assert told(f"companies/{plain.pk}/{key}") == []


# --- joined -----------------------------------------------------------------------------------------------------------


def test_effort_is_read_by_step_and_only_from_tickets_within_reach(ines):
    in_force()
    hotel = company()
    edit(registry["company"], hotel, {"next_step": "Call", "next_step_at": timezone.now()}, by=ines)
    row = new("ticket", subject="Sensor 14", company=hotel, owner=user("ines"))
    type(row).objects.filter(pk=row.pk).update(reopened=2)
    steps = told(f"companies/{hotel.pk}/effort_by_step")
    assert sum(one["total"] for one in steps) == 2 and sum(one["tickets"] for one in steps) == 1
    assert told(f"journeys/{journey_of(hotel).pk}/effort_by_step") == steps
    policy("member", "ticket", see="none")
    assert told(f"companies/{hotel.pk}/effort_by_step") == []


def test_what_there_is_to_hand_over_is_read_before_anybody_wrote_a_word(ines):
    in_force(HANDED)
    hotel = company()
    perform(ACTIONS["company.become_customer"], hotel, {}, by=ines)
    new("promise", wording="A Polish manual", company=hotel, due_on=dt.date(2020, 1, 31), owner=user("ines"))
    (dossier,) = told(f"journeys/{journey_of(hotel).pk}/dossier")
    assert dossier["promises"] == "A Polish manual" and "A Polish manual" in dossier["risks"]
    policy("member", "promise", see="none")
    (dossier,) = told(f"journeys/{journey_of(hotel).pk}/dossier")
    assert (dossier["promises"], dossier["risks"]) == ("", "")


def test_a_ticket_names_solved_ones_like_it_and_articles_that_may_answer_it(ines):
    helped = new("ticket", subject="Sensor shows no water alarm", resolution="A new battery.", cause="battery")
    perform(ACTIONS["ticket.solve"], helped, {}, by=ines)
    made = new("article", title="Sensor shows no water alarm", body="Change the battery.")
    perform(ACTIONS["article.publish"], made, {}, by=actor("astrid"))
    row = new("ticket", subject="Sensor shows no water alarm again")
    (like,) = told(f"tickets/{row.pk}/similar")
    assert (like["id"], like["resolution"], like["cause"]) == (helped.pk, "A new battery.", "battery")
    (found,) = told(f"tickets/{row.pk}/articles")
    assert (found["id"], found["title"], found["used"]) == (made.pk, "Sensor shows no water alarm", False)
    (version,) = told(f"articles/{made.pk}/versions")
    assert (version["number"], version["body"], version["by"]["name"]) == (1, "Change the battery.", "Astrid Moe")
    assert told(f"articles/{made.pk}/feedback") == []
    policy("member", "article", see="none")
    assert told(f"tickets/{row.pk}/articles") == []


def test_articles_of_colleagues_out_of_reach_are_not_named_beside_a_ticket(ines):
    made = new("article", title="Sensor shows no water alarm", body="Change the battery.", owner=user("astrid"))
    perform(ACTIONS["article.publish"], made, {}, by=actor("astrid"))
    row = new("ticket", subject="Sensor shows no water alarm again")
    assert len(told(f"tickets/{row.pk}/articles")) == 1
    policy("member", "article", see="own", edit="own")
    assert told(f"tickets/{row.pk}/articles") == []


def test_a_program_says_what_use_is_a_first_result_and_reports_it():
    astrid, hotel = Program("astrid"), company()
    rule = astrid("post", "first-values", {"name": "Ten sessions", "counter": "sessions", "reaches": 10})
    assert rule.status_code == 201, rule.data
    plan = astrid("post", "onboarding-plans", {"company": hotel.pk})
    assert plan.status_code == 201 and plan.data["first_value"]["name"] == "Ten sessions", plan.data
    for amount, reached in ((9, None), (10, timezone.localdate().isoformat())):
        astrid("post", f"companies/{hotel.pk}/actions/count", {"counter": "sessions", "amount": amount})
        assert astrid("get", f"onboarding-plans/{plan.data['id']}").data["first_value_on"] == reached
    refused = astrid("post", "first-values", {"name": "Use", "counter": "sessions", "reaches": 0})
    assert refused.status_code == 422 and "A counter reaches a number above 0." in str(refused.data)


def test_no_program_pays_a_reward_before_what_was_agreed_came_about():
    programme()
    marta = person()
    friend = sent(marta)
    ines = Program("ines")
    for method, path, values in (
        ("patch", f"referrals/{friend.pk}", {"reward": "paid"}),
        ("patch", f"referrals/{friend.pk}", {"outcome_at": "2026-01-10T10:00:00Z"}),
        ("post", f"referrals/{friend.pk}/actions/pay", {"how": "Transfer"}),
    ):
        refused = ines(method, path, values)
        assert refused.status_code in (409, 422), refused.data
    friend.refresh_from_db()
    assert (friend.reward, friend.paid_at, friend.outcome_at) == ("agreed", None, None)
    deal = won(friend.person)
    assert ines("get", f"referrals/{friend.pk}").data["reward"] == "due", deal
    assert ines("post", f"referrals/{friend.pk}/actions/pay", {"how": "Transfer"}).status_code == 200
    again = ines("post", f"referrals/{friend.pk}/actions/pay", {"how": "Transfer"})
    assert again.status_code in (409, 422), "once"


def test_a_program_asks_no_customer_beyond_the_limits():
    hotel, ines = company(), Program("ines")
    rows = [
        new("reference", name=name, kind=kind, company=hotel, owner=user("ines"))
        for name, kind in (("Story", "story"), ("Logo", "logo"))
    ]
    assert ines("post", f"references/{rows[0].pk}/actions/ask", {}).status_code == 200
    refused = ines("post", f"references/{rows[1].pk}/actions/ask", {})
    assert refused.status_code == 422 and "left alone for 90 days" in refused.data["detail"]


def test_a_deal_says_how_long_it_stood_in_each_stage(ines):
    from kith.deals.tests.cast import deal, stage

    row = deal(ines, "Main building")
    (here,) = told(f"deals/{row.pk}/stages")
    assert (here["stage"]["id"], here["left"]) == (row.stage_id, None)
    perform(ACTIONS["deal.move_to_stage"], row, {"stage": str(stage("Proposal").pk)}, by=ines)
    first, second = told(f"deals/{row.pk}/stages")
    assert first["left"] == second["entered"] and second["left"] is None


def test_figures_of_a_customer_and_the_risk_of_a_renewal_are_columns_that_programs_read():
    hotel, ines = company(), Program("ines")
    row = ines("get", f"companies/{hotel.pk}").data
    assert {
        "health", "health_band", "health_confidence", "churn_chance", "tier", "spoke_at", "speak_by", "lifetime_spent",
        "lifetime_expected", "lifetime_low", "lifetime_high", "buys_again",
    } <= set(row)  # fmt: skip
    order = new(
        "order",
        name="Service",
        company=hotel,
        total=1200,
        yearly=1200,
        owner=user("ines"),
        placed_on=dt.date(2026, 1, 1),
    )
    made = new("renewal", name="Service", order=order, company=hotel, renews_on=dt.date(2027, 1, 1), owner=user("ines"))
    assert {"risk", "risk_words", "idea", "expected", "yearly", "decide_by"} <= set(
        ines("get", f"renewals/{made.pk}").data
    )
