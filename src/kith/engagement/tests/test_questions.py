"""Questions they ask: noted in one press, answered once for everybody, counted against what became of the deals."""

import pytest

from kith.api.tests.programs import Program
from kith.deals.actions import install_defaults
from kith.engagement import asking
from kith.engagement.asked import before, best_of, outcomes
from kith.engagement.models import Answer, Objection, Occurrence
from kith.engagement.tests.making import add
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
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


def test_the_list_counts_how_often_each_was_asked_and_what_became_of_its_deals(client, ines, marta, deal):
    question = asked(deal)
    asked(deal)
    for n in range(2):
        lost = add(ines, "deal", name=f"Lost {n}")
        asked(lost)
        perform(ACTIONS["deal.lose"], lost, {"reason": "Price"}, by=ines)
    add(ines, "objection", question="Who else uses it?")
    record = registry["objection"]
    columns = [record.columns(ines)[key] for key in ("asked", "won", "lost")]
    told = {row.question: [c.get(row) for c in columns] for row in record.listing(record.rows(ines), columns)}
    assert told == {DEAR: [4, 0, 2], "Who else uses it?": [0, 0, 0]}
    client.force_login(user("ines"))
    page = text_of(client.get("/objections/?sort=-asked"))
    assert page.index(DEAR) < page.index("Who else uses it?") and "Deals lost" in page
    program = Program("ines")
    assert [row["id"] for row in program("get", "objections?filter=lost.over:1").data["data"]] == [question.pk]
    shown = program("get", f"objections/{question.pk}").data
    assert (shown["asked"], shown["won"], shown["lost"]) == (4, 0, 2)


def test_questions_alike_are_proposed_with_their_best_answer_before_a_twin_is_made(client, ines, marta, deal):
    question = asked(deal)
    for words in ("What does the warranty hold?", "Who else uses it?"):
        asked(deal, words)
    perform(asking.answer, question, {"text": "Ten percent less.", "best": True}, by=ines)
    client.force_login(user("ines"))
    assert "/objections/alike" in client.get(f"/people/{marta.pk}/compose/question", headers=HTMX).content.decode()
    assert "/objections/alike" in client.get(f"/people/{marta.pk}/say/question", headers=HTMX).content.decode()
    typed = {"body": "And how much would the costs be in year two, or the second"}
    page = text_of(client.post("/objections/alike", typed, headers=HTMX))
    assert DEAR in page and "Ten percent less." in page and "It is this one" in page and "warranty" not in page
    chosen = client.post("/objections/alike", {**typed, "objection": question.pk}, headers=HTMX)
    assert text_of(chosen) == "", "one that is chosen already is not asked about"
    assert text_of(client.post("/objections/alike", {"body": "Is it"}, headers=HTMX)) == ""
    client.post(f"/people/{marta.pk}/compose/question", {**typed, "objection": question.pk}, headers=HTMX)
    assert Objection.objects.count() == 3
    assert Occurrence.objects.filter(objection=question, words=typed["body"], person=marta).exists()


def test_nobody_is_proposed_questions_out_of_their_reach(client, ines, deal):
    asked(deal)
    policy("member", "objection", see="own")
    client.force_login(user("jonas"))
    assert text_of(client.post("/objections/alike", {"body": DEAR}, headers=HTMX)) == ""
    assert text_of(client.post("/objections/alike", {"body": "\x00" + "cost " * 9000}, headers=HTMX)) == ""


def test_a_program_finds_a_question_by_words_and_says_that_it_was_asked_again(marta, deal):
    program = Program("ines")
    program("post", f"deals/{deal.pk}/actions/raise", {"body": DEAR})
    found = program("get", "objections?q=second+year&fields=question,asked").data["data"]
    assert [(row["question"], row["asked"]) for row in found] == [(DEAR, 1)]
    again = program("post", f"people/{marta.pk}/actions/raise", {"body": "And next year?", "objection": found[0]["id"]})
    assert again.status_code == 200, again.data
    assert program("get", f"objections/{found[0]['id']}").data["asked"] == 2


def test_themes_count_each_deal_once_whatever_was_asked_in_it(ines, marta, deal):
    astrid = actor("astrid")
    price = add(astrid, "question_theme", name="Price")
    for words in (DEAR, "Is there a discount?"):
        edit(registry["objection"], asked(deal, words), {"theme": price}, by=ines)
    asked(deal, "Is it safe?")
    perform(ACTIONS["deal.lose"], deal, {"reason": "Price"}, by=ines)
    record = registry["question_theme"]
    columns = [record.columns()[key] for key in ("asked", "won", "lost")]
    [row] = record.listing(record.rows(ines), columns)
    assert [column.get(row) for column in columns] == [2, 0, 1]
    unthemed = next(view for view in registry["objection"].views if view.key == "unthemed")
    assert unthemed.filter == "theme.empty"


def test_themes_are_the_organisations_to_name_and_one_in_use_is_kept(ines, marta):
    astrid = actor("astrid")
    price = add(astrid, "question_theme", name="Price")
    with pytest.raises(Invalid, match="already a theme"):
        add(astrid, "question_theme", name="Price")
    with pytest.raises(NotAllowed):
        add(ines, "question_theme", name="Safety")
    assert str(edit(registry["objection"], asked(marta), {"theme": price}, by=ines).theme) == "Price"
