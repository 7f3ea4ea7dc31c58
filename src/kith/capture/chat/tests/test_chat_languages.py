"""A chat that is offered in a language speaks it: the words of its script, its bot, its mail."""

import pytest
from django.core import mail
from django.test import Client

from kith.capture.chat.tests.chats import BOT, Visitor, closed, widget
from kith.kernel.jobs.inline import run_waiting_jobs

pytestmark = pytest.mark.django_db


def test_the_script_gets_its_words_in_the_language_of_the_visitor():
    widget(languages=["en", "de", "sv"])
    told = Client().get("/c/site.json", headers={"Accept-Language": "sv,en;q=0.5"}).json()
    assert told["lang"] == "sv" and told["words"]["send"] == "Skicka" and told["words"]["typing"] == "skriver …"
    assert Client().get("/c/site.json?lang=de").json()["words"]["human"] == "Mit einem Menschen sprechen"


def test_the_bot_says_in_german_that_it_is_one():
    widget(bot={**BOT, "on": True})
    elin = Visitor(lang="de")
    elin.say("Bei uns tropft es")
    assert any("Ich bin ein Bot" in words for words in elin.said)


def test_what_cannot_be_taken_is_said_in_german():
    widget()
    elin = Visitor(lang="de")
    assert elin.say("").json()["problem"] == "Schreiben Sie zuerst etwas."


def test_the_mail_with_what_was_said_is_german():
    widget(hours=closed(), away={})
    elin = Visitor(lang="de")
    elin.say("Bei uns tropft es")
    assert any("Gerade hat niemand Zeit." in words for words in elin.said)
    elin.who()
    run_waiting_jobs()
    assert any("Vielen Dank für das Gespräch." in one.body for one in mail.outbox)


def test_the_page_without_a_script_is_swedish_where_the_chat_is():
    widget(languages=["en", "sv"])
    page = Client().get("/c/site", headers={"Accept-Language": "sv"}).content.decode()
    assert "Ditt meddelande" in page and 'lang="sv"' in page
