"""A form speaks one language throughout: its own words, ours around them, what is wrong, and the mail that it came."""

import pytest
from django.core import mail
from django.test import Client

from kith.capture.asking import known_link
from kith.capture.tests.forms import LANGUAGES, checklist, purpose, send
from kith.contacts.models import Person, entries
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry

pytestmark = pytest.mark.django_db


def text(answer):
    return answer.content.decode()


def test_a_swedish_form_has_swedish_words_around_its_own(client):
    purpose("Newsletter", double_opt_in=True)
    checklist(**LANGUAGES, consents=["newsletter"])
    answer = client.get("/f/leak-risk-checklist?lang=sv")
    assert '<html class="kf-root" lang="sv"' in text(answer) and answer["Content-Language"] == "sv"
    for words in ("Skicka", "frivilligt", "Vad får vi använda din adress till?", "Gäller när du har använt länken"):
        assert words in text(answer)
    assert "if you like" not in text(answer)


def test_what_is_wrong_with_a_field_is_said_in_german():
    checklist(**LANGUAGES)
    shown = text(send(name="", email="elin at fjordheim.no", _lang="de"))
    assert "Bitte füllen Sie dieses Feld aus." in shown
    assert "„elin at fjordheim.no“ ist keine E-Mail-Adresse" in shown


def test_the_script_of_a_page_elsewhere_gets_its_words_from_here():
    checklist(**LANGUAGES)
    data = Client().get("/f/leak-risk-checklist.json?lang=de").json()
    assert data["lang"] == "de" and "Das konnte nicht gesendet werden." in data["html"]


def test_a_form_that_is_not_there_is_missed_in_the_language_of_the_browser():
    answer = Client().get("/f/nothing", headers={"Accept-Language": "sv-SE,sv;q=0.9,en;q=0.8"})
    assert answer.status_code == 404 and "Formuläret finns inte" in text(answer)
    assert 'lang="sv"' in text(answer)


def test_who_comes_by_their_own_link_reads_their_language_before_that_of_the_browser():
    checklist(**LANGUAGES)
    elin = known("sv")
    german = {"Accept-Language": "de"}
    assert 'lang="sv"' in text(Client().get(known_link("leak-risk-checklist", elin.pk, elin.email), headers=german))
    assert 'lang="de"' in text(Client().get("/f/leak-risk-checklist", headers=german))


def known(language):
    values = {"given_name": "Elin", "family_name": "Sørensen", "emails": entries(["elin@fjordheim.example"])}
    return records.create(registry["person"], {**values, "language": language}, by=system("cli"))


def test_a_swedish_persons_acknowledgement_is_swedish_whatever_the_form_speaks():
    known("sv")
    checklist(ack={"on": True})
    send()
    run_waiting_jobs()
    [message] = mail.outbox
    assert message.subject == "Vi har fått ditt meddelande"
    assert message.body.startswith("Hej Elin!") and "Vad vi får skriva till dig om" in message.body
    assert '<html lang="sv">' in message.alternatives[0].content


def test_words_that_the_form_has_in_its_own_language_alone_keep_the_mail_in_it():
    known("sv")
    checklist(ack={"on": True, "text": {"en": "Hello, it came."}})
    send()
    run_waiting_jobs()
    [message] = mail.outbox
    assert message.subject == "We have your message" and "What we may write to you about" in message.body


def test_the_acknowledgement_of_somebody_new_is_in_the_language_they_read_the_form_in():
    checklist(**LANGUAGES, ack={"on": True})
    send(_lang="de")
    run_waiting_jobs()
    assert mail.outbox[0].subject == "Ihre Nachricht ist angekommen" and "Hallo Elin," in mail.outbox[0].body
    assert Person.objects.get().language == "de"
