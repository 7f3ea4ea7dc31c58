"""The customers' door speaks the language of the browser until it is known who came, and theirs from then on."""

import pytest
from django.test import Client

from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.portal.tests.making import inside, link_for, made
from tests.cast import actor

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de-CH,de;q=0.9"}


@pytest.fixture
def swede(marta):
    return edit(registry["person"], marta, {"language": "sv"}, by=actor("ines"))


def test_the_question_for_an_address_is_in_the_language_of_the_browser(swede):
    answer = Client().get("/portal/", headers=GERMAN)
    assert '<html lang="de"' in answer.text and "Wir senden Ihnen einen Link." in answer.text
    assert "Accept-Language" in answer["Vary"] and "Ihre E-Mail-Adresse" in answer.text
    wrong = Client().post("/portal/", {"email": "x"}, headers=GERMAN)
    assert "Schreiben Sie eine Adresse wie" in wrong.text


def test_the_link_and_what_it_opens_are_in_the_customers(swede, mailoutbox):
    link = link_for("marta@bellevue.example", mailoutbox)
    assert mailoutbox[-1].subject.startswith("Din länk till ")
    assert "Hej Marta!" in mailoutbox[-1].body and "i 20 minuter" in mailoutbox[-1].body
    client = Client(headers=GERMAN)
    client.post(link)
    home = client.get("/portal/").text
    assert '<html lang="sv"' in home and "Hej Marta" in home and "Dina frågor" in home and "Logga ut" in home
    assert "Finns inte här" in client.get("/portal/tickets/999").text


def test_a_ticket_is_read_in_their_language_with_its_day(swede, mailoutbox):
    ticket = made("ticket", subject="Sensor", person=swede, company=swede.company)
    page = inside("marta@bellevue.example", mailoutbox).get(f"/portal/tickets/{ticket.pk}").text
    assert f"Nr {ticket.pk}" in page and "frågat " in page and "Ditt svar" in page
