"""Answers: the page behind the link, who may answer, when it is closed, and what follows a low one."""

import re
from html import unescape

import pytest
from django.test import Client

from kith.kernel.errors import Invalid
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, EventLink
from kith.surveys import answering
from kith.surveys.links import path_of
from kith.surveys.models import Loop, Response, ResponseState
from kith.surveys.tests.making import asked, later, marta, survey, won
from tests.cast import actor, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


@pytest.fixture
def stranger():
    return Client(enforce_csrf_checks=True)


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def send(stranger, row, **given):
    path = path_of(row.pk)
    shown = stranger.get(path)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.content.decode())[1]
    return stranger.post(path, {"csrfmiddlewaretoken": token, **given}, follow=True)


def test_an_answer_stands_on_the_story_of_the_person_their_company_and_what_it_was_about(stranger):
    company = registry["company"].model.objects.create(name="Bellevue Group")
    who = marta(company=company)
    deal = won(who)
    row = asked(survey(rest_days=0), who, about=("deal", deal.pk))
    there = send(stranger, row, score="5", comment="Quick and kind")
    assert "You answered with 5 of 5" in words(there)
    row.refresh_from_db()
    assert (row.score, row.band, row.comment, row.state) == (5, "high", "Quick and kind", "answered")
    event = Event.objects.get(verb="survey.answered")
    assert event.payload["about"] == ["deal", deal.pk] and event.payload["top"] == 5 and event.payload["band"] == "high"
    links = set(EventLink.objects.filter(event=event).values_list("record", "record_id"))
    assert links == {("person", who.pk), ("company", company.pk), ("deal", deal.pk)}
    assert event.actor_name == "Marta Kowalska"


def test_a_low_answer_makes_a_task_with_a_clock_for_whoever_looks_after_them(stranger):
    row = asked(survey(follow_within="1 business day"), marta("ines"))
    send(stranger, row, score="2", comment="Nobody called back")
    row.refresh_from_db()
    task = row.task
    assert (row.loop, task.owner, task.priority) == (Loop.OPEN, user("ines"), "high")
    assert task.subject == "Follow up 2 of 5 from Marta Kowalska" and task.body == "Nobody called back"
    assert task.due_at == row.loop_due_at and f"{task.due_at:%a}" == "Tue"


def test_the_loop_closes_with_the_task_and_says_what_came_of_it_and_whether_it_was_late(stranger):
    row = asked(survey(), marta())
    send(stranger, row, score="1")
    row.refresh_from_db()
    with later(days=3):
        ACTIONS["activity.finish"].run(row.task, outcome="We replaced the sensor", by=actor("ines"))
    row.refresh_from_db()
    assert (row.loop, row.outcome) == (Loop.CLOSED, "We replaced the sensor")
    assert Event.objects.get(verb="survey.followed_up").payload["late"] is True


def test_closing_the_loop_finishes_its_task():
    row = asked(survey(), marta())
    answering.answer(row, 1)
    row.refresh_from_db()
    ACTIONS["response.follow_up"].run(row, outcome="Called her", by=actor("ines"))
    row.refresh_from_db()
    assert row.loop == Loop.CLOSED and row.task.done_at is not None and row.task.outcome == "Called her"
    assert Event.objects.filter(verb="survey.followed_up").count() == 1


def test_an_answer_can_be_changed_for_a_day_and_counts_once(stranger):
    row = asked(survey(), marta())
    send(stranger, row, score="2")
    with later(hours=3):
        send(stranger, row, score="4", comment="It works now")
    row.refresh_from_db()
    assert (row.score, row.loop) == (4, Loop.CLOSED) and "changed their answer" in row.outcome
    assert Response.objects.filter(state=ResponseState.ANSWERED).count() == 1
    with later(hours=25):
        closed = stranger.get(path_of(row.pk))
        assert closed.status_code == 410 and "It cannot be changed any more" in words(closed)
        with pytest.raises(Invalid):
            answering.answer(row, 1)
    row.refresh_from_db()
    assert row.score == 4


def test_who_is_dissatisfied_after_all_is_followed_up_after_all(stranger):
    row = asked(survey(), marta())
    for score in ("2", "5", "1"):
        send(stranger, row, score=score)
    row.refresh_from_db()
    tasks = registry["activity"].model.objects.filter(person=row.person, kind="task")
    assert (row.loop, row.outcome, row.loop_closed_at) == (Loop.OPEN, "", None)
    assert tasks.get(archived_at=None) == row.task and row.task.subject.startswith("Follow up 1 of 5")
    ACTIONS["response.follow_up"].run(row, outcome="Called her", by=actor("ines"))
    send(stranger, row, score="2")
    row.refresh_from_db()
    assert row.loop == Loop.CLOSED and not tasks.filter(archived_at=None, done_at=None).exists(), "she was called"


def test_words_after_the_press_are_no_second_answer_and_reach_the_task(stranger):
    row = asked(survey(), marta())
    send(stranger, row, score="2")
    send(stranger, row, score="2", comment="Nobody called back")
    row.refresh_from_db()
    assert Event.objects.filter(verb="survey.answered").count() == 1
    assert Event.objects.get(verb="survey.commented").payload["words"] == "Nobody called back"
    assert row.task.body == "Nobody called back"


def test_the_same_answer_twice_is_told_once(stranger):
    row = asked(survey(), marta())
    send(stranger, row, score="5")
    send(stranger, row, score="5")
    assert Event.objects.filter(verb="survey.answered").count() == 1


def test_somebody_to_whom_the_link_was_forwarded_leaves_words_and_no_score(stranger):
    row = asked(survey(), marta())
    assert "m…@bellevue.example" in words(stranger.get(path_of(row.pk)))
    there = send(stranger, row, score="1", comment="I am her colleague; the attic is still wet", forwarded="on")
    assert "They count as no answer" in words(there)
    row.refresh_from_db()
    assert (row.state, row.score, row.loop) == (ResponseState.ASKED, None, "")
    assert "still wet" in Event.objects.get(verb="survey.forwarded").payload["words"]
    send(stranger, row, score="5")
    row.refresh_from_db()
    assert row.score == 5


@pytest.mark.parametrize(
    "spoil", [lambda p: p[:-3], lambda p: p + "x", lambda p: "/s/12:abc", lambda p: "/s/" + "x" * 900]
)
def test_a_link_that_was_tampered_with_tells_nothing_of_anybody(stranger, spoil):
    row = asked(survey(), marta())
    there = stranger.get(spoil(path_of(row.pk)))
    assert there.status_code == 404 and "This link does not work" in words(there) and "bellevue" not in words(there)


def test_a_link_is_closed_after_the_days_it_is_valid(stranger):
    row = asked(survey(valid_days=14), marta())
    with later(days=15):
        there = stranger.get(path_of(row.pk))
    assert there.status_code == 410 and "This question is closed" in words(there)


@pytest.mark.parametrize("score", ["", "0", "6", "99999", "-1", "²", "five"])
def test_a_score_that_is_not_on_the_scale_is_refused_beside_what_was_typed(stranger, score):
    row = asked(survey(), marta())
    there = send(stranger, row, score=score, comment="Do not lose this")
    assert there.status_code == 422 and "Choose a number" in words(there) and "Do not lose this" in words(there)
    row.refresh_from_db()
    assert row.score is None


def test_who_speaks_german_is_asked_in_german(stranger):
    made = survey(question="How was it?", questions={"de": "Wie war es?"})
    row = asked(made, marta(language="de"))
    shown = stranger.get(path_of(row.pk), headers={"accept-language": "en"})
    assert "Wie war es?" in words(shown) and 'lang="de"' in shown.content.decode()


def test_a_comment_is_shown_as_words_and_never_as_markup(stranger):
    row = asked(survey(), marta())
    there = send(stranger, row, score="5", comment="<script>alert(1)</script>")
    assert "<script>alert" not in there.content.decode()


def test_a_colleague_keeps_what_was_answered_on_the_phone():
    row = asked(survey(kind="nps", asks_after="deal.won"), marta())
    ACTIONS["response.answer"].run(row, score=9, comment="Told me on the phone", by=actor("ines"))
    row.refresh_from_db()
    assert (row.score, row.band) == (9, "high")
    assert Event.objects.get(verb="survey.answered").actor_name == "Ines Okafor"


def test_an_answer_counts_for_whoever_somebody_was_merged_into():
    from kith.kernel.records.merge import merge

    who, twin = marta(), marta(given_name="M.", emails=[{"value": "m.kowalska@bellevue.example", "label": ""}])
    row = asked(survey(), twin)
    merge(registry["person"], who, [twin], by=actor("ines"))
    row.refresh_from_db()
    assert row.person_id == who.pk
    answering.answer(Response.objects.select_related("survey", "person").get(pk=row.pk), 5)
    assert Event.objects.get(verb="survey.answered").record_id == who.pk


def test_a_ticket_shows_how_it_was_rated():
    from kith.kernel.records import actions
    from kith.surveys.panels import about_ticket
    from kith.surveys.queries import rated

    ticket = actions.create(registry["ticket"], {"subject": "Sensor reads 0 %"}, by=actor("ines"))
    assert about_ticket(actor("ines"), ticket) is None
    row = asked(survey(), marta(), about=("ticket", ticket.pk))
    answering.answer(row, 5)
    assert rated(actor("ines"), "ticket", [ticket.pk])[ticket.pk].said == "5 of 5"
    assert about_ticket(actor("ines"), ticket)["rows"] == [row]
