"""Reviews are asked for by lot and never by score; references go their way with consent; ideas reach whoever voted."""

import datetime as dt
import re
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from kith.advocacy import ambassadors, ideas, limits, references, reviews
from kith.advocacy.models import AskLimit, Idea, Reference, Review, Vote
from kith.advocacy.tests.making import company, person, programme, sent, won
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.surveys import answering, asking
from kith.surveys.links import path_of
from kith.surveys.models import Response
from tests.cast import actor, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def site(**values):
    given = {
        "name": "Guide of plumbers",
        "url": "https://reviews.example/tidewell",
        "asks_after": "deal.won",
        "delay": 60,
    } | values
    return actions.create(registry["review_site"], given, by=system("cli"))


def answered(who, score, kind="nps"):
    n = registry["survey"].model.objects.count()
    made = actions.create(
        registry["survey"],
        {"name": f"Recommend {n}", "kind": kind, "asks_after": "deal.won", "rest_days": 0},
        by=system("cli"),
    )
    row = asking.put_down(made, who, by=system())
    asking.asked(row, timezone.now())
    return answering.answer(Response.objects.select_related("survey", "person").get(pk=row.pk), score)


# --- reviews


def test_whoever_answered_low_is_asked_for_a_review_like_whoever_answered_high(postbox):
    site()
    low, high = person("low@bellevue.example"), person("high@bellevue.example", given_name="Eva")
    answered(low, 0)
    answered(high, 10)
    for one in (low, high):
        won(one)
    assert set(Review.objects.values_list("person_id", "state")) == {(low.pk, "waiting"), (high.pk, "waiting")}
    with time_machine.travel(timezone.now() + dt.timedelta(hours=2), tick=False):
        assert reviews.send_due() == 2
    assert "https://reviews.example/tidewell" in postbox.wait(2)[0].get_body(("plain",)).get_content()


def test_whom_the_server_refuses_is_asked_for_no_review_and_the_next_one_is(postbox):
    where = site()
    first, second = (
        reviews.put_down(where, person(address), due=timezone.now())
        for address in ("gone@bellevue.example", "jan@harbour.example")
    )
    postbox.refused = {"gone@bellevue.example": "550 No such user here"}
    assert reviews.send_due() == 1
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.state, second.state) == ("unasked", "asked") and "No such user here" in first.why


def test_voters_behind_one_whom_the_server_refuses_hear_what_became_of_their_idea(postbox):
    idea = on_board(who=person("gone@bellevue.example"))
    ideas.vote(person("full@harbour.example"), idea)
    ideas.vote(person("jan@harbour.example"), idea)
    ACTIONS["idea.move"].run(idea, to="planned", answer="In spring", by=actor("ines"))
    idea.refresh_from_db()
    tell = (idea.pk, idea.version, "planned")
    postbox.refused = {"gone@bellevue.example": "550 No such user here", "full@harbour.example": "452 Mailbox full"}
    with pytest.raises(OSError, match="Mailbox full"):
        ideas.tell_voters(*tell)
    assert [mail["To"] for mail in postbox.wait(1)] == ["jan@harbour.example"]
    postbox.refused = {}
    assert ideas.tell_voters(*tell) == 1 and len(postbox.wait(2)) == 2


def test_nobody_is_asked_about_the_end_of_a_deal_that_is_open_again():
    site()
    values = {"name": "After the work", "kind": "csat", "asks_after": "deal.won"}
    ACTIONS["survey.start"].run(actions.create(registry["survey"], values, by=system("cli")), by=system("cli"))
    deal = won(person())
    assert (Review.objects.get().state, Response.objects.get().state) == ("waiting", "waiting")
    ACTIONS["deal.reopen"].run(deal, by=actor("ines"))
    assert (Review.objects.get().state, Response.objects.get().state) == ("unasked", "unasked")
    assert Review.objects.get().why == Response.objects.get().why == "The deal it was about is open again."


def test_who_is_asked_for_a_review_is_drawn_by_lot_alone():
    import inspect

    assert "score" not in inspect.signature(reviews.drawn).parameters
    made = site(share=40)
    drawn = [pk for pk in range(2_000) if reviews.drawn(made, pk, "x")]
    assert 700 < len(drawn) < 900


def test_a_review_is_kept_with_its_link_and_nobody_is_asked_again_soon():
    made, marta = site(), person()
    won(marta)
    row = Review.objects.get()
    ACTIONS["public_review.record"].run(
        row, link="https://reviews.example/tidewell/7", stars=2, words="Late", by=actor("ines")
    )
    row.refresh_from_db()
    assert (row.state, row.stars, row.link) == ("left", 2, "https://reviews.example/tidewell/7")
    won(marta)
    assert Review.objects.count() == 1
    with pytest.raises(Invalid, match="lately"):
        ACTIONS["person.ask_review"].run(marta, site=made, by=actor("ines"))


# --- references


def test_whoever_would_recommend_us_is_proposed_for_a_word_and_gets_their_code(postbox):
    programme()
    marta = person()
    answered(marta, 10)
    row = Reference.objects.get()
    assert (row.person, row.state, row.kind) == (marta, "proposed", "quote") and "10 of 10" in row.why
    run_waiting_jobs(names=["advocacy.invite"])
    assert "/r/own/" in postbox.wait(1)[0].get_body(("plain",)).get_content()
    answered(marta, 9)
    run_waiting_jobs(names=["advocacy.invite"])
    assert Reference.objects.count() == 1 and len(postbox.kept) == 1


def test_nobody_is_proposed_who_would_not_recommend_us():
    answered(person(), 6)
    answered(person("eva@bellevue.example", given_name="Eva"), 5, kind="csat")
    assert not Reference.objects.exists()


def test_a_ten_of_somebody_to_whom_the_link_was_forwarded_makes_nobody_a_promoter(customer):
    programme()
    marta = person()
    made = actions.create(
        registry["survey"],
        {"name": "Recommend", "kind": "nps", "asks_after": "deal.won", "rest_days": 0},
        by=system("cli"),
    )
    row = asking.put_down(made, marta, by=system())
    asking.asked(row, timezone.now())
    there = post(customer, path_of(row.pk), score="10", comment="I am her colleague", forwarded="on")
    assert "They count as no answer" in words(there)
    row.refresh_from_db()
    assert (row.state, row.score) == ("asked", None)
    assert not Reference.objects.exists()
    assert not Event.objects.filter(verb="survey.answered").exists()
    assert Event.objects.filter(verb="survey.forwarded", record_id=marta.pk).exists()


def story(kind="story", **values):
    return actions.create(
        registry["reference"], {"name": "Dry attics at Bellevue", "kind": kind, **values}, by=actor("ines")
    )


def go(row, verb, **inputs):
    ACTIONS[f"reference.{verb}"].run(row, by=actor("ines"), **inputs)
    row.refresh_from_db()
    return row


def test_a_case_study_goes_from_asking_to_its_end_and_skips_nothing():
    row = story(company=company())
    with pytest.raises(Invalid):
        go(row, "publish", link="https://tidewell.example/bellevue")
    go(row, "ask")
    with pytest.raises(Invalid):
        go(row, "write", draft="Too soon")
    go(row, "agree", words="You may tell our story on your site", who="Marta Kowalska")
    assert row.consent_by == "Marta Kowalska" and row.expires_on.year == 2028
    go(row, "write", draft="It was wet, and is dry.")
    go(row, "approve", who="Marta Kowalska")
    go(row, "write", draft="It was very wet, and is dry.")
    assert row.approved_by == ""
    with pytest.raises(Invalid):
        go(row, "publish")
    go(row, "approve", who="Marta Kowalska")
    go(row, "publish", link="https://tidewell.example/bellevue")
    assert row.state == "published"
    assert references.expire(row.expires_on) == 0
    assert references.expire(row.expires_on + dt.timedelta(days=1)) == 1
    row.refresh_from_db()
    assert row.state == "expired"


def test_a_customer_is_not_asked_for_a_second_thing_within_ninety_days():
    hotel = company()
    go(story(company=hotel), "ask")
    with pytest.raises(Invalid, match="left alone for 90 days"):
        go(story(kind="logo", company=hotel), "ask")
    with time_machine.travel(timezone.now() + dt.timedelta(days=91), tick=False):
        assert go(story(kind="logo", company=hotel), "ask").state == "asked"


def test_reference_calls_of_a_customer_are_rationed():
    row = story(kind="call", company=company())
    for verb, inputs in (("ask", {}), ("agree", {"words": "Call us", "who": "Marta"}), ("publish", {})):
        go(row, verb, **inputs)
    day = dt.date(2026, 1, 10)
    for n in range(4):
        go(row, "hold_call", asked_by="Lysefjord", on=day + dt.timedelta(days=40 * n))
    with pytest.raises(Invalid, match="within 30 days"):
        go(row, "hold_call", asked_by="Harbour", on=day + dt.timedelta(days=130))
    with pytest.raises(Invalid, match="4 reference calls within a year"):
        go(row, "hold_call", asked_by="Harbour", on=day + dt.timedelta(days=200))


def limit(what, **values):
    limits.bring(system("cli"))
    row = AskLimit.objects.get(what=what)
    return actions.edit(registry["ask_limit"], row, values, by=system("cli"))


def test_the_limits_that_hold_stand_under_settings_and_become_ones_own(client):
    client.force_login(user("astrid"))
    page = words(client.get("/settings/asks/"))
    assert "One customer, for a reference call 4 30" in page and "One person, for anything 6" in page
    assert "Limits of asks" in words(client.get("/settings/"))
    client.post("/settings/asks/")
    client.post("/settings/asks/")
    assert set(AskLimit.objects.values_list("what", "most", "rest_days")) == {
        ("anything", 6, 0), ("reference", None, 90), ("call", 4, 30), ("review", None, 0),
    }  # fmt: skip
    assert words(client.get("/settings/asks/")).count("Reference calls") == 1
    client.force_login(user("ines"))
    assert client.get("/settings/asks/").status_code == 403


def test_another_rest_holds_from_the_moment_it_is_kept():
    limit("reference", rest_days=10)
    hotel = company()
    go(story(company=hotel), "ask")
    with pytest.raises(Invalid, match="left alone for 10 days"):
        go(story(kind="logo", company=hotel), "ask")
    with time_machine.travel(timezone.now() + dt.timedelta(days=11), tick=False):
        assert go(story(kind="logo", company=hotel), "ask").state == "asked"


def test_one_person_is_asked_only_so_often_a_year_for_whatever_it_is(postbox):
    limit("anything", most=2)
    limit("reference", rest_days=0)
    marta = person()
    go(story(person=marta), "ask")
    ACTIONS["person.ask_review"].run(marta, site=site(rest_days=0), by=actor("ines"))
    assert reviews.send_due() == 1
    with pytest.raises(Invalid, match="asked 2 times within a year"):
        go(story(kind="logo", person=marta), "ask")
    with pytest.raises(Invalid, match="asked 2 times within a year"):
        ACTIONS["person.ask_review"].run(marta, site=site(name="Another guide", rest_days=0), by=actor("ines"))
    with time_machine.travel(timezone.now() + dt.timedelta(days=366), tick=False):
        assert go(story(kind="logo", person=marta), "ask").state == "asked"


def test_whoever_had_enough_when_their_turn_comes_is_left_out_with_the_reason(postbox):
    limit("anything", most=1)
    marta = person()
    ACTIONS["person.ask_review"].run(marta, site=site(), by=actor("ines"))
    go(story(person=marta), "ask")
    assert reviews.send_due() == 0
    row = Review.objects.get()
    assert (row.state, row.why) == ("unasked", "They were asked 1 time within a year, which is as often as we ask.")


def test_of_several_limits_the_strictest_holds_and_none_where_all_were_archived():
    limits.bring(system("cli"))
    actions.create(
        registry["ask_limit"], {"name": "Rare", "what": "call", "most": 9, "rest_days": 60}, by=system("cli")
    )
    assert limits.limit_of("call") == limits.Limit(4, 60)
    for row in AskLimit.objects.all():
        actions.archive(registry["ask_limit"], row, by=system("cli"))
    assert limits.limit_of("call") == limits.Limit()


def test_a_limit_of_ones_own_leaves_those_of_other_things_as_they_come():
    actions.create(registry["ask_limit"], {"name": "Rare", "what": "call", "most": 1}, by=system("cli"))
    assert (limits.limit_of("call"), limits.limit_of("reference")) == (limits.Limit(1), limits.Limit(rest=90))


def test_ambassadors_are_found_by_what_they_did_and_each_thing_is_said():
    programme()
    marta = person()
    sent(marta)
    sent(marta, "eva@lysefjord.example", name="Eva Lind")
    record = registry["person"]
    column = record.columns()["did_for_us"]
    row = record.listing(record.rows(system()), [column]).get(pk=marta.pk)
    assert column.get(row) == 2 and ambassadors.did(marta.pk) == ["recommended us 2 times"]


# --- ideas


@pytest.fixture
def customer():
    return Client(enforce_csrf_checks=True)


def post(customer, path, **given):
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', customer.get(path).content.decode())[1]
    return customer.post(path, {"csrfmiddlewaretoken": token, **given}, follow=True)


def on_board(title="Alarm by text message", who=None):
    made = ideas.propose(who or person("eva@lysefjord.example", given_name="Eva"), title)
    ACTIONS["idea.show"].run(made, by=actor("ines"))
    return Idea.objects.get(pk=made.pk)


def test_a_customer_proposes_and_it_waits_to_be_read(customer):
    marta = person()
    path = ideas.board_path(marta.pk, marta.email)
    there = post(customer, path, title="A lamp on the sensor", body="<b>So</b> we see it")
    assert "Yours, which we still read" in words(there) and "<b>So" not in there.content.decode()
    made = Idea.objects.get()
    assert (made.person, made.shown) == (marta, False) and Vote.objects.get().person == marta
    other = person("eva@lysefjord.example", given_name="Eva")
    assert "A lamp on" not in words(customer.get(ideas.board_path(other.pk, other.email)))


def test_a_vote_counts_once_and_can_be_taken_back(customer):
    idea, marta = on_board(), person()
    path = ideas.board_path(marta.pk, marta.email)
    post(customer, path, vote=idea.pk)
    post(customer, path, vote=idea.pk)
    assert Vote.objects.filter(idea=idea, person=marta).count() == 1
    assert Event.objects.filter(verb="idea.voted", record_id=marta.pk).count() == 1
    post(customer, path, unvote=idea.pk)
    assert not Vote.objects.filter(idea=idea, person=marta).exists()
    assert post(customer, path, vote="999999").status_code == 422


def test_votes_are_linked_to_what_the_companies_of_voters_bring():
    hotel = company()
    idea = on_board(who=person(company=hotel))
    values = {
        "name": "Care plan",
        "company": hotel,
        "total": 1200,
        "yearly": 1200,
        "currency": "EUR",
        "placed_on": dt.date(2026, 3, 1),
    }
    actions.create(registry["order"], values, by=system("cli"))
    found = ideas.revenue_behind(actor("ines"), idea)
    assert found["EUR"]["yearly"] == 1200


def test_everybody_who_voted_is_told_once_what_became_of_it(postbox):
    idea = on_board()
    ideas.vote(person(), idea)
    ACTIONS["idea.move"].run(idea, to="planned", answer="In spring", by=actor("ines"))
    run_waiting_jobs(names=["advocacy.tell_voters"])
    run_waiting_jobs(names=["advocacy.tell_voters"])
    mails = postbox.wait(2)
    assert {mail["To"] for mail in mails} == {"eva@lysefjord.example", "marta@bellevue.example"} and len(mails) == 2
    text = mails[0].get_body(("plain",)).get_content()
    assert "Now: Planned" in text and "In spring" in text
    with pytest.raises(Invalid):
        ACTIONS["idea.move"].run(idea, to="done", by=actor("ines"))
        ideas.vote(person("jan@harbour.example"), idea)


def test_who_took_their_vote_back_is_told_nothing_and_a_state_that_was_left_meanwhile_neither(postbox):
    idea, marta = on_board(), person()
    ideas.vote(marta, idea)
    ideas.vote(marta, idea, wants=False)
    for state, answer in (("planned", "In spring"), ("declined", "It does not fit")):
        ACTIONS["idea.move"].run(idea, to=state, answer=answer, by=actor("ines"))
    run_waiting_jobs(names=["advocacy.tell_voters"])
    (mail,) = postbox.wait(1)
    assert mail["To"] == "eva@lysefjord.example"
    assert "Now: Not now" in mail.get_body(("plain",)).get_content()
    assert len(postbox.wait(1)) == 1, "nobody hears of what is no longer so"
