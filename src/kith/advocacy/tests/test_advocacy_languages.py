"""Whoever recommends us, and whoever they send, read their own language."""

import pytest
from django.test import Client

from kith.advocacy import links, referring
from kith.advocacy.ideas import board_link
from kith.advocacy.tests.making import person, programme

pytestmark = pytest.mark.django_db


def path(link):
    return "/" + link.partition("//")[2].partition("/")[2]


def test_ones_own_page_and_the_board_of_ideas_are_swedish_for_a_swede():
    programme()
    marta = person(language="sv")
    own = Client().get(path(links.own_link(marta)), headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="sv"' in own and "Din egen länk" in own
    board = Client().get(path(board_link(marta))).content.decode()
    assert "Vad ska komma härnäst?" in board and "Föreslå" in board


def test_the_page_of_a_recommendation_speaks_a_language_that_the_programme_has_words_in():
    programme(about_text="Come along", abouts={"de": "Kommen Sie mit"})
    code = referring.code_of(person()).code
    german = Client().get(f"/r/{code}", headers={"Accept-Language": "de"}).content.decode()
    assert "Marta empfiehlt uns" in german and "Kommen Sie mit" in german and "Ihr Name" in german
    assert "Marta recommends us" in Client().get(f"/r/{code}", headers={"Accept-Language": "sv"}).content.decode()
    gone = Client().get("/r/nobody", headers={"Accept-Language": "sv"}).content.decode()
    assert "Här finns inget att öppna" in gone
