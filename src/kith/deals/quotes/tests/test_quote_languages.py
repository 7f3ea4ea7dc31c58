"""A quote, its mail and the page that answers it are in the customer's language."""

import pytest

from kith.activities.models import Message
from kith.deals.quotes.links import path_of
from kith.deals.quotes.tests.cast import do, draft, offered
from kith.deals.quotes.words import WORDS, Words, spoken
from tests.cast import actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sv", ("Acceptera offerten", "Ditt namn", "Gäller till", '<html lang="sv"', "Vi sparar ditt namn")),
        ("de", ("Angebot annehmen", "Ihr Name", "Gültig bis", '<html lang="de"', "Mit Ihrer Antwort")),
    ],
)
def test_the_page_that_answers_it_speaks(client, language, words):
    ines = actor("ines")
    quote = draft(offered(ines, language=language), ines)
    do("send", quote, ines)
    page = client.get(path_of(quote)).content.decode()
    assert all(each in page for each in words)
    refused = client.post(path_of(quote), {"answer": "accept"}).content.decode()
    assert Words(language)("need_name") in refused
    letter = Message.objects.get()
    assert letter.subject.startswith(Words(language)("quote") + " ")


def test_a_link_that_does_not_work_says_so_in_the_language_of_the_browser(client):
    answer = client.get("/q/x", headers={"Accept-Language": "sv"})
    assert answer.status_code == 404 and "Länken fungerar inte" in answer.content.decode()


def test_it_speaks_what_kith_speaks_and_english_otherwise():
    assert spoken() == ["en", "de", "sv"]
    assert Words("de-AT").code == "de" and Words("pl").code == "en" and Words("").code == "en"
    assert all(
        Words("en")(
            key, **dict.fromkeys(("day", "n", "all", "name", "number", "total", "what", "who", "moment", "price"), "x")
        )
        for key in WORDS
    )
