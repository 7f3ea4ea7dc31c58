"""Whom a survey asks, when, and that a mail which leaves is one question for one person."""

import re

import pytest
from django.test import Client

from kith.engagement.budget.spending import set_limits
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Membership
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from kith.surveys import answering, asking, sampling
from kith.surveys.models import Response, ResponseState
from kith.surveys.tests.making import asked, later, many, marta, survey, won
from tests.cast import actor, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def test_a_deal_that_is_won_puts_its_contact_down_to_be_asked_an_hour_later():
    made, who = survey(), marta()
    deal = won(who)
    row = Response.objects.get()
    assert (row.survey, row.person, row.record, row.record_id, row.state) == (made, who, "deal", deal.pk, "waiting")
    assert f"{row.due_at:%H:%M}" == "11:00" and row.owner == who.owner


def test_a_survey_that_does_not_ask_asks_nobody():
    survey(start=False)
    won(marta())
    assert not Response.objects.exists()


def test_taking_the_win_back_takes_back_that_they_are_asked():
    survey()
    won(marta())
    event = Event.objects.get(verb="deal.won")
    undo(Operation.objects.get(pk=event.operation), by=actor("ines")) if event.operation else None
    if event.operation is None:
        from kith.surveys.listening import unhear

        unhear([event], system())
    assert Response.objects.get().state == ResponseState.UNASKED


def test_the_mail_has_a_link_for_each_number_and_opening_one_counts_nothing(postbox):
    survey()
    won(marta())
    with later(hours=1):
        assert asking.send_due() == 1
        assert asking.send_due() == 0
        mail = postbox.wait(1)[0]
        text = mail.get_body(("plain",)).get_content()
        links = re.findall(r"http\S+/s/\S+\?score=(\d)", text)
        assert links == ["1", "2", "3", "4", "5"] and "Sensors" not in mail["Subject"]
        path = re.search(r"http://[^/]+(/s/\S+\?score=4)", text)[1]
        shown = Client().get(path)
    row = Response.objects.get()
    assert shown.status_code == 200 and 'value="4" checked' in shown.content.decode()
    assert row.state == ResponseState.ASKED and row.score is None
    assert Event.objects.filter(verb="survey.asked", record="person", record_id=row.person_id).count() == 1
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("kind", "scores", "low"), [("csat", "12345", 2), ("ces", "1234567", 3)])
def test_whoever_asked_is_asked_how_it_was_once_their_ticket_is_solved(postbox, kind, scores, low):
    survey(kind=kind, asks_after="ticket.solved", follow_within="1 business day")
    given = {"subject": "Sensor reads 0 %", "person": marta("ines"), "owner": user("jonas")}
    ticket = actions.create(registry["ticket"], given, by=actor("ines"))
    assert not Response.objects.exists()
    perform(ACTIONS["ticket.solve"], ticket, {}, by=actor("jonas"))
    with later(hours=1):
        assert asking.send_due() == 1
        text = postbox.wait(1)[0].get_body(("plain",)).get_content()
    assert re.findall(r"http\S+/s/\S+\?score=(\d)", text) == list(scores)
    row = Response.objects.select_related("survey", "person").get()
    assert (row.record, row.record_id) == ("ticket", ticket.pk)
    answering.answer(row, low, "Two calls until somebody knew")
    row.refresh_from_db()
    assert row.task.owner == user("jonas") and row.loop == "open" and row.loop_due_at is not None


def test_whom_the_server_refuses_is_left_out_or_put_off_and_keeps_nobody_waiting(postbox):
    made = survey()
    gone, full, last = (asked_later(made, person) for person in many(3))
    postbox.refused = {gone.address: "550 No such user here", full.address: "452 Mailbox full"}
    assert asking.send_due() == 1
    assert [mail["To"] for mail in postbox.wait(1)] == [last.address]
    gone.refresh_from_db(), full.refresh_from_db()
    assert (gone.state, gone.why) == (ResponseState.UNASKED, "The mail server refused it: No such user here")
    assert full.state == ResponseState.WAITING and asking.send_due() == 0
    postbox.refused = {}
    with later(hours=1):
        assert asking.send_due() == 1


def test_a_server_that_takes_nothing_now_leaves_everybody_waiting(postbox):
    made = survey()
    for person in many(2):
        asked_later(made, person)
    postbox.refuse = 1
    with pytest.raises(OSError, match="come back later"):
        asking.send_due()
    assert asking.send_due() == 2


def asked_later(made, person):
    return asking.put_down(made, person, by=system())


def test_nobody_is_asked_twice_within_the_days_of_rest(postbox):
    made, who = survey(rest_days=30), marta()
    asked(made, who)
    won(who)
    assert Response.objects.count() == 1
    with later(days=31):
        won(who)
        assert Response.objects.count() == 2


def test_the_contact_budget_puts_a_question_off_and_does_not_drop_it(postbox):
    set_limits("0", "")
    survey()
    won(marta())
    with later(hours=1):
        assert asking.send_due() == 0
    row = Response.objects.get()
    assert row.state == ResponseState.WAITING and row.due_at.day == 30 and not postbox.kept


def test_who_did_not_agree_to_the_purpose_is_not_asked_and_it_says_why(postbox):
    purpose = actions.create(registry["purpose"], {"name": "Surveys", "wording": "Ask me"}, by=system("cli"))
    survey(purpose=purpose.key)
    won(marta())
    with later(hours=2):
        asking.send_due()
    row = Response.objects.get()
    assert row.state == ResponseState.UNASKED and "did not agree to “Surveys”" in row.why and not postbox.kept


def test_of_a_hundred_as_many_are_asked_as_was_said_whatever_they_answered_before():
    made = survey(share=30)
    drawn = [pk for pk in range(1, 4001) if sampling.drawn(made, pk, "1")]
    assert 1100 < len(drawn) < 1300
    assert drawn == [pk for pk in range(1, 4001) if sampling.drawn(made, pk, "1")]


def test_a_survey_by_the_calendar_asks_everybody_of_its_segment_once_a_round():
    audience = actions.create(
        registry["segment"], {"name": "Customers", "how": "static", "subject": "person"}, by=system("cli")
    )
    people = many(20)
    Membership.objects.bulk_create([Membership(segment=audience, row_id=p.pk) for p in people[:15]])
    made = survey(asks_after="", every_days=10, rest_days=5, segment=audience, kind="nps", name="Recommend")
    sizes = []
    for day in range(20):
        with later(days=day):
            sizes.append(asking.plan())
            assert asking.plan() == 0
            Response.objects.filter(state="waiting").update(state="asked", asked_at=made.created_at)
    assert sum(sizes[:10]) == 15 and sum(sizes) == 30 and max(sizes) <= 3
    assert set(Response.objects.values_list("person_id", flat=True)) == {p.pk for p in people[:15]}


def test_a_survey_says_what_it_lacks():
    with pytest.raises(InvalidMany) as refused:
        survey(asks_after="")
    assert "asks_after" in refused.value.errors
    with pytest.raises(InvalidMany) as refused:
        survey(start=False, asks_after="", every_days=90)
    assert "segment" in refused.value.errors
    with pytest.raises(InvalidMany) as refused:
        survey(start=False, follow_within="soon")
    assert "follow_within" in refused.value.errors


def test_a_colleague_asks_one_person_now_but_not_one_who_rests():
    made, who = survey(), marta()
    ACTIONS["person.ask"].run(who, survey=made, by=actor("ines"))
    assert Response.objects.get().person == who
    with pytest.raises(Invalid, match="within the last 30 days"):
        ACTIONS["person.ask"].run(who, survey=made, by=actor("ines"))


def test_a_story_that_is_told_later_asks_nobody():
    import time_machine

    survey()
    with time_machine.travel("2026-09-01 10:00:00+00:00", tick=False):
        who = marta()
    from kith.kernel.timeline.write import Entry
    from kith.surveys.listening import hear

    class Won:
        @staticmethod
        def verb_for(record):
            return "deal.won"

    deal = won(who)
    Response.objects.all().delete()
    long_ago = Event.objects.get(verb="deal.won").at.replace(month=9)
    hear([Entry("deal", deal.pk, Won(), at=long_ago)], system())
    assert not Response.objects.exists()
