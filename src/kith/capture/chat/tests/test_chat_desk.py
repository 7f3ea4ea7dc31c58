"""The desk where chats are answered, the builder, and the pages of both."""

import pytest

from kith.capture.chat import actions
from kith.capture.chat.models import Presence, Widget
from kith.capture.chat.tests.chats import BOT, Visitor, widget
from kith.kernel.access.actor import system
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ines(client):
    """Ines at a browser, at the desk."""
    found = actor("ines")
    client.force_login(user("ines"))
    actions.be_there(True, by=found)
    return found


def test_the_desk_shows_who_waits_first_and_what_was_said(client, ines):
    widget()
    elin, marta = Visitor(), Visitor()
    elin.say("Do your sensors work in a cold attic?")
    marta.say("Hello")
    client.post(f"/conversations/{elin.row.pk}/chat", {"text": "Down to minus twenty."})
    page = client.get("/chats/").content.decode()
    assert page.index("Hello") < page.index("Down to minus twenty.")
    talk = client.get(f"/conversations/{elin.row.pk}/chat").content.decode()
    assert "cold attic" in talk and "Down to minus twenty." in talk and "Ines Okafor" in talk
    part = client.get(f"/conversations/{elin.row.pk}/chat?part=thread", headers=HTMX).content.decode()
    assert "<html" not in part and "cold attic" in part and "<textarea" not in part
    assert "Hello" in client.get("/chats/?part=list", headers=HTMX).content.decode()


def test_an_empty_answer_is_refused_beside_what_was_written(client, ines):
    widget()
    elin = Visitor()
    elin.say("Hello")
    refused = client.post(f"/conversations/{elin.row.pk}/chat", {"text": " "}, headers=HTMX)
    assert refused.status_code == 422 and "composer-error" in refused.content.decode()
    assert len(elin.lines) == 2


def test_who_answers_chats_is_said_on_the_page(client, ines):
    assert "There: Ines Okafor" in client.get("/chats/").content.decode()
    client.post("/chats/here", {"there": "0"})
    assert not Presence.objects.get().there and "Nobody is there" in client.get("/chats/").content.decode()
    assert client.post("/chats/here").status_code == 204
    assert not Presence.objects.get().there  # a page that stands open does not make somebody answer


def test_who_only_looks_at_the_desk_is_given_no_chat(client):
    client.force_login(user("jonas"))
    actor("jonas")
    client.get("/chats/")
    assert not Presence.objects.get().there and "Nobody is there" in client.get("/chats/").content.decode()


def test_snippets_stand_ready_and_those_with_placeholders_do_not(client, ines):
    for name, body in (("Hours", "We are here from 9 to 5."), ("Hello", 'Hello {{ person.given_name | "there" }}')):
        records.create(registry["template"], {"name": name, "kind": "snippet", "body": body}, by=system("cli"))
    widget()
    elin = Visitor()
    elin.say("Hi")
    page = client.get(f"/conversations/{elin.row.pk}/chat").content.decode()
    assert "We are here from 9 to 5." in page and "given_name" not in page


def test_the_desk_costs_the_same_however_much_was_said(client, ines, django_assert_max_num_queries):
    widget()
    elin = Visitor()
    for n in range(12):
        elin.say(f"Line {n}")
    client.get(f"/conversations/{elin.row.pk}/chat")
    with django_assert_max_num_queries(24):
        client.get(f"/conversations/{elin.row.pk}/chat")


def test_a_chat_is_built_in_the_browser(client):
    client.force_login(user("helena"))
    made = widget(bot={"on": False})
    page = f"/chat-widgets/{made.pk}/build"
    assert "Talk to Tidewell" in client.get(page).content.decode()
    words = {
        "title": "Ask us",
        "greeting": "Hello.",
        "away": "Away.",
        "languages": "en, de",
        "accent": "plum",
        "mode": "dark",
    }
    client.post(page, words | {"do": "add", "new": "own:choice"})
    client.post(page, words | {"do": "add", "new": "person.email", "step": "0"})
    kept = client.post(page, words | {
        "do": "save", "step": ["0", "1"], "bot_on": "on", "bot_name": "Bot",
        "s-0-key": "topic", "s-0-say": "What is it about?", "s-0-options": "leak | A leak | human\noffer | An offer",
        "s-1-key": "email", "s-1-say": "Your e-mail?", "s-1-goto": "human",
    })  # fmt: skip
    assert kept.status_code == 303
    said = Widget.objects.get().document
    assert said["title"]["en"] == "Ask us" and said["title"]["de"] == "Tidewell fragen"
    first, second = said["bot"]["steps"]
    assert first["options"][0] == {"value": "leak", "label": {"en": "A leak"}, "goto": "human"}
    assert (second["column"], second["goto"]) == ("person.email", "human")
    client.post(page, words | {"do": "up:1", "step": ["0", "1"], "bot_on": "on"})
    assert [one["key"] for one in Widget.objects.get().document["bot"]["steps"]][0] == "email"


def test_a_bot_that_leads_nowhere_is_not_kept(client):
    client.force_login(user("helena"))
    made = widget(bot=BOT)
    wrong = client.post(f"/chat-widgets/{made.pk}/build", {
        "do": "save", "title": "Ask", "languages": "en", "step": ["0"], "s-0-key": "topic", "s-0-say": "What?",
        "s-0-options": "a | A | nowhere",
    })  # fmt: skip
    assert wrong.status_code == 422 and "nowhere" in wrong.content.decode()
    assert Widget.objects.get().document["bot"] == BOT


def test_pages_of_chats_and_conversations_show_where_and_what(client, ines):
    made = widget()
    elin = Visitor()
    elin.say("Do your sensors work in a cold attic?")
    assert "/c/site.js" in client.get(f"/chat-widgets/{made.pk}").content.decode()
    assert "cold attic" in client.get(f"/conversations/{elin.row.pk}").content.decode()
