"""Visitors talk, colleagues answer: nothing is lost, nothing is written twice, nobody reads what is not theirs."""

import json
import secrets

import pytest
from django.core import signing
from django.test import Client

from kith.activities.models import Message, Notice
from kith.capture.chat import actions, queries, tokens
from kith.capture.chat.models import Conversation, Line, Presence
from kith.capture.chat.tests.chats import Visitor, widget
from kith.capture.models import Submission
from kith.contacts.models import Person, entries
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    """Ines, who is at the desk."""
    found = actor("ines")
    actions.be_there(True, by=found)
    return found


def answer(visitor, text, by):
    return perform(actions.answer, visitor.row, {"text": text}, by=by).result


def test_a_visitor_writes_and_a_colleague_answers(ines):
    widget()
    elin = Visitor()
    begun = elin.say("Do your sensors work in a cold attic?").json()
    assert begun["state"] == "waiting" and begun["lines"][0]["text"] == "Do your sensors work in a cold attic?"
    assert elin.row.owner == user("ines")
    assert "Ines was told" in begun["lines"][1]["text"]
    answer(elin, "Down to minus twenty.", ines)
    heard = elin.post("lines", after=2).json()
    assert heard["state"] == "open"
    assert [(one["side"], one["name"], one["text"]) for one in heard["lines"]] == [
        ("colleague", "Ines", "Down to minus twenty.")
    ]
    assert elin.row.answered_at is not None and elin.row.waiting_since is None


def test_the_same_message_sent_again_is_written_once(ines):
    widget()
    elin, key = Visitor(), secrets.token_hex(16)
    first = elin.say("Hello", key)
    elin.token = ""  # the answer never arrived
    again = elin.say("Hello", key)
    assert first.status_code == again.status_code == 200
    assert Conversation.objects.count() == 1
    assert Line.objects.filter(side="visitor").count() == 1
    elin.say("Hello", key)
    assert elin.said.count("Hello") == 1


def test_a_message_is_kept_even_when_what_follows_fails(ines, monkeypatch):
    from kith.capture.chat import turns

    def broken(row):
        raise Invalid("The calendar is gone.")

    widget()
    monkeypatch.setattr(turns, "receive", broken)
    elin = Visitor()
    assert elin.say("Is anybody there?").status_code == 200
    assert Line.objects.get(side="visitor").text == "Is anybody there?"


def test_whoever_answers_is_told_and_the_next_one_is_somebody_elses_turn(ines):
    widget()
    jonas = actor("jonas")
    actions.be_there(True, by=jonas)
    owners = []
    for _n in range(4):
        visitor = Visitor()
        visitor.say("Hello")
        owners.append(visitor.row.owner.email.partition("@")[0])
    assert sorted(owners[:2]) == ["ines", "jonas"] and owners[:2] == owners[2:]
    assert Notice.objects.filter(kind="chat").count() == 4
    assert Event.objects.filter(verb="conversation.routed").count() == 4


def test_nobody_is_given_a_chat_who_said_that_they_are_away(ines):
    widget()
    actions.be_there(False, by=ines)
    elin = Visitor()
    elin.say("Hello")
    assert elin.row.owner is None
    Presence.objects.update(there=True, seen_at="2026-01-01T00:00Z")  # and whose page was closed long ago
    assert queries.those_there() == []


def test_who_looks_after_the_person_gets_the_chat_before_others(ines):
    widget()
    jonas = actor("jonas")
    actions.be_there(True, by=jonas)
    for _n in range(2):  # both have had one
        Visitor().say("Hello")
    values = {"given_name": "Elin", "emails": entries(["elin@fjordheim.example"]), "owner": user("jonas")}
    records.create(registry["person"], values, by=system("cli"))
    elin = Visitor()
    elin.say("It is me again")
    elin.who()
    run_waiting_jobs()
    assert elin.row.person == Person.objects.get() and elin.row.owner == user("jonas")


def test_a_colleague_takes_over_hands_on_and_ends(ines):
    widget()
    elin = Visitor()
    elin.say("Hello")
    jonas = actor("jonas")
    perform(actions.take, elin.row, {}, by=jonas)
    assert (elin.row.owner, elin.row.state) == (user("jonas"), "open")
    perform(actions.hand, elin.row, {"colleague": str(ines.user_id)}, by=jonas)
    assert elin.row.owner == user("ines")
    assert Notice.objects.filter(user=user("ines"), text__contains="hands you the chat").exists()
    perform(actions.close, elin.row, {}, by=ines)
    assert elin.row.state == "closed"
    with pytest.raises(Invalid, match="is over"):
        answer(elin, "One more thing", ines)
    elin.say("Another question")  # and they write again
    assert elin.row.state == "waiting"
    verbs = Event.objects.filter(record="conversation", record_id=elin.row.pk).values_list("verb", flat=True)
    assert {"conversation.taken", "conversation.handed", "conversation.closed", "conversation.came_back"} <= set(verbs)


def test_a_token_opens_its_own_conversation_alone(ines):
    widget()
    elin, marta = Visitor(), Visitor()
    elin.say("My code is 4711")
    marta.say("Hello")
    assert "4711" not in json.dumps(marta.post("lines", after=0).json())
    for forged in ("x", signing.dumps({"c": elin.row.pk}), tokens.ticket_of(elin.row.pk), elin.token[:-1], "a" * 5000):
        assert Client().post("/c/site/lines", {"token": forged}).status_code == 410
    assert tokens.topics_of(tokens.ticket_of(7)) == {"chat:7"} and tokens.topics_of(elin.token) is None


def test_the_answer_may_be_read_by_any_page_and_sets_no_cookie(ines):
    widget()
    answer_ = Client(HTTP_ORIGIN="https://tidewell.example").get("/c/site.json?lang=de")
    assert answer_["Access-Control-Allow-Origin"] == "*" and not answer_.cookies
    said = answer_.json()
    assert said["title"] == "Tidewell fragen" and said["there"] is True and said["words"]["send"]
    assert not Visitor().say("Hello").cookies
    script = Client().get("/c/site.js")
    assert script["Content-Type"].startswith("text/javascript") and len(script.content) < 15_000


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 4001])
def test_what_cannot_be_taken_is_said_in_a_sentence(ines, text):
    widget()
    answer_ = Visitor().say(text)
    assert answer_.status_code == 422 and answer_.json()["problem"].endswith(".")
    assert not Conversation.objects.filter(said__gt=0).exists()


@pytest.mark.usefixtures("still")
def test_floods_are_turned_away_in_words_and_nothing_that_was_said_goes(ines):
    widget(per_network=3)
    for _n in range(3):
        assert Visitor().say("Hello").status_code == 200
    refused = Visitor().say("Hello")
    assert refused.status_code == 429 and "ten minutes" in refused.json()["problem"]
    assert Visitor(address="198.51.100.4").say("Hello").status_code == 200
    elin = Visitor(address="203.0.113.9")
    answers = [elin.say(f"Line {n}").status_code for n in range(25)]
    assert answers[:20] == [200] * 20 and set(answers[20:]) == {422}
    assert Client().post("/c/site/say", {"text": "x" * 70_000, "secret": "a" * 32, "key": "b" * 32}).status_code == 413


def test_words_of_strangers_are_shown_escaped_and_their_links_safely(client, ines):
    widget()
    elin = Visitor()
    elin.say('<script>alert(1)</script> see https://evil.example/"onclick=x and javascript:alert(2)')
    client.force_login(user("ines"))
    page = client.get(f"/conversations/{elin.row.pk}/chat").content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    assert '<a href="https://evil.example/" target="_blank" rel="noopener noreferrer nofollow">' in page
    assert 'href="javascript' not in page


def test_who_may_not_edit_conversations_reads_them_alone(ines):
    widget()
    elin = Visitor()
    elin.say("Hello")
    from kith.kernel.errors import NotAllowed

    with pytest.raises(NotAllowed):
        answer(elin, "Hello", actor("rolf"))
    policy("member", "conversation", see="own", edit="own")
    jonas = actor("jonas")
    assert not registry["conversation"].rows(jonas).filter(pk=elin.row.pk).exists()  # it is Ines's
    Conversation.objects.update(owner=None)
    assert registry["conversation"].rows(jonas).filter(pk=elin.row.pk).exists()  # what nobody has is everybody's


def test_an_answer_over_the_api_is_an_answer(client, ines):
    widget()
    elin = Visitor()
    elin.say("Hello")
    assert {"conversation.take", "conversation.answer", "conversation.hand", "conversation.close"} <= set(ACTIONS)
    from kith.kernel.accounts import tokens as keys

    head = {"Authorization": "Bearer " + keys.issue(user("ines"), "desk")[1]}
    done = client.post(
        f"/api/v1/conversations/{elin.row.pk}/actions/answer", {"text": "Good morning."}, content_type="application/json", headers=head
    )  # fmt: skip
    assert done.status_code == 200, done.content
    assert elin.said[-1] == "Good morning."
    lines = client.get(f"/api/v1/conversations/{elin.row.pk}/lines", headers=head).json()
    assert [one["side"] for one in lines["data"]][0] == "visitor"


def test_nobody_known_is_made_of_a_visitor_who_says_no_name(ines):
    widget()
    Visitor().say("Hello, who are you?")
    run_waiting_jobs()
    assert not Person.objects.exists() and not Submission.objects.exists() and not Message.objects.exists()
