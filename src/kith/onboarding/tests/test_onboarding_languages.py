"""The customer's page of an onboarding, and the mail about its dates, speak the customer's language."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kith.kernel.access.actor import system
from kith.kernel.records.actions import edit
from kith.kernel.records.registry import registry
from kith.onboarding import telling
from kith.onboarding.links import page_path
from kith.onboarding.tests.cast import hotel, plan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    company, person = hotel()
    return plan_of(company, edit(registry["person"], person, {"language": "de"}, by=system("cli")))


def test_the_page_is_german_for_a_german_speaker(plan, client):
    page = client.get(page_path(plan), headers={"Accept-Language": "en"}).text
    assert '<html lang="de"' in page and "Ihre ersten Wochen mit" in page and "0 von 6 Schritten sind erledigt." in page
    refused = client.post(page_path(plan), {"do": "files", "files": SimpleUploadedFile("run.exe", b"MZ\x90")}).text
    assert "„run.exe“ wird nicht angenommen" in refused
    assert (
        "Ihre Frage ist bei uns." in client.post(page_path(plan), {"do": "ask", "question": "Wann?"}, follow=True).text
    )


def test_a_link_that_does_not_work_says_so_in_the_language_of_the_browser(client):
    page = client.get(page_path(plan_of(*hotel())) + "x", headers={"Accept-Language": "sv"})
    assert page.status_code == 404 and "Länken fungerar inte" in page.text


def test_the_mail_about_new_dates_is_theirs(plan):
    mail = telling.message(plan)
    assert mail.subject == "Neue Termine in unserem Plan" and mail.body.startswith("Guten Tag Marta,")
