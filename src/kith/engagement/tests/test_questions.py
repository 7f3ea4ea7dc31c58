"""Questions they ask: noted in one press, answered once for everybody, counted against what became of the deals."""

import pytest

from kith.deals.actions import install_defaults
from kith.engagement import asking
from kith.engagement.asked import before, best_of, outcomes
from kith.engagement.models import Answer, Objection, Occurrence
from kith.engagement.tests.making import add
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from kith.ui.pages.tests.helpers import HTMX, text_of
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
DEAR = "What does it cost in the second year?"


@pytest.fixture
def deal(ines, marta):
    install_defaults(by=system("cli"))
    return add(ines, "deal", name="Cold-chain sensors", contact=marta.pk)


def asked(row, words=DEAR, by=None, **more):
    return perform(asking.raise_question, row, {"body": words, **more}, by=by or actor("ines")).result


def test_the_same_words_are_the_same_question_and_stand_in_the_story(ines, marta, deal):
    first = asked(marta)
    assert asked(deal, DEAR.upper()) == first and asked(marta, "Dear, is it not?", objection=str(first.pk)) == first
    assert Objection.objects.count() == 1 and Occurrence.objects.count() == 3
    entry = next(e for e in timeline(ines, "person", marta.pk)[0] if e.event.verb == "objection.raised")
    assert entry.sentence == f"was asked: {DEAR}" and entry.body.text == "Dear, is it not?"


def test_a_question_of_a_person_concerns_their_only_open_deal(ines, marta, deal):
    asked(marta)
    assert Occurrence.objects.get().deal == deal
    add(ines, "deal", name="Second house", contact=marta.pk)
    asked(marta, "Who else uses it?")
    assert Occurrence.objects.get(objection__question="Who else uses it?").deal is None


def test_deals_are_counted_once_by_what_became_of_them(ines, marta, deal):
    question = asked(deal)
    asked(deal)
    lost = add(ines, "deal", name="Lost one")
    asked(lost)
    perform(ACTIONS["deal.lose"], lost, {"reason": "Price"}, by=ines)
    assert outcomes(ines, question) == {"won": 0, "lost": 1, "open": 1}
    policy("member", "deal", see="own")
    assert outcomes(actor("jonas"), question) == {"won": 0, "lost": 0, "open": 0}


def test_the_best_answer_is_offered_where_it_comes_up_again_else_the_newest(ines, marta, deal):
    question = asked(marta)
    for words in ("The same.", "Ten percent less.", "It depends."):
        perform(asking.answer, question, {"text": words}, by=ines)
    assert best_of([question.pk])[question.pk].text == "It depends."
    chosen = Answer.objects.get(text="Ten percent less.")
    perform(asking.choose_answer, question, {"answer": str(chosen.pk)}, by=ines)
    told = before(ines, marta)
    assert [(r["one"].objection, r["best"].text, r["times"]) for r in told["rows"]] == [
        (question, "Ten percent less.", 1)
    ]
    perform(asking.answer, question, {"text": "Better still.", "best": True}, by=ines)
    assert Answer.objects.get(best=True).text == "Better still."


def test_noting_answering_choosing_and_taking_out_are_taken_back(ines, marta):
    question = asked(marta)
    again = perform(asking.raise_question, marta, {"body": DEAR}, by=ines)
    undo(again.operation, by=ines)
    assert Occurrence.objects.count() == 1
    told = perform(asking.answer, question, {"text": "The same.", "best": True}, by=ines)
    dropped = perform(asking.drop_answer, question, {"answer": str(Answer.objects.get().pk)}, by=ines)
    assert not Answer.objects.exists()
    undo(dropped.operation, by=ines)
    assert Answer.objects.get().best
    undo(told.operation, by=ines)
    assert not Answer.objects.exists()


def test_an_answer_that_is_not_there_is_refused(ines, marta):
    with pytest.raises(Invalid, match="no answer 99"):
        perform(asking.choose_answer, asked(marta), {"answer": "99"}, by=ines)


def test_the_pages_show_answers_who_asked_and_what_was_asked_before(client, ines, marta, deal):
    client.force_login(user("ines"))
    client.post(f"/people/{marta.pk}/compose/question", {"body": DEAR}, headers=HTMX)
    question = Objection.objects.get()
    perform(asking.answer, question, {"text": "The same."}, by=ines)
    page = text_of(client.get(f"/objections/{question.pk}"))
    assert "The same." in page and "Deals open 1" in page and "Marta Kowalska" in page
    assert "They asked before" in text_of(client.get(f"/people/{marta.pk}"))
    assert "Newest answer" in text_of(client.get(f"/deals/{deal.pk}/panel/asked", headers=HTMX))
