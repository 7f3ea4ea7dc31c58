"""A survey without words of its own asks in the language of whoever is asked."""

import pytest
from django.test import Client

from kith.surveys.letters import letter_to
from kith.surveys.links import path_of
from kith.surveys.tests.making import asked, marta, survey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def test_the_mail_and_the_page_are_swedish_for_a_swede():
    row = asked(survey(kind="nps"), marta(language="sv"))
    mail = letter_to(row)
    assert mail.subject.startswith("Hur troligt är det att du rekommenderar ")
    assert "0: inte alls, 10: mycket troligt" in mail.body and "Vad vi får skriva till dig om" in mail.body
    assert '<html lang="sv">' in mail.alternatives[0][0]
    page = Client().get(path_of(row.pk), headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert '<html lang="sv"' in text and "Skicka mitt svar" in text and "Vad är orsaken?" in text


def test_a_survey_with_words_of_its_own_is_asked_in_one_of_their_languages():
    made = survey(question="How was it?", questions={"de": "Wie war es?"})
    row = asked(made, marta(language="sv"))
    assert "Wie war es?" in Client().get(path_of(row.pk), headers={"Accept-Language": "de"}).content.decode()
    assert "Meine Antwort senden" in Client().get(path_of(row.pk) + "?lang=de").content.decode()


def test_a_link_that_does_not_work_says_so_in_the_language_of_the_browser():
    answer = Client().get("/s/x", headers={"Accept-Language": "de"})
    assert answer.status_code == 404 and "Nicht hier" in answer.content.decode()
