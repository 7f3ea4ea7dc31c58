"""What a form hands over is handed over in the language the form was read in."""

import re

import pytest
from django.test import Client

from kith.capture.tests.forms import DOCUMENT, LANGUAGES, checklist, send
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def magnet():
    asset = records.create(
        registry["asset"], {"name": "Leak-risk checklist", "link": "https://tidewell.example/leaks"}, by=system("cli")
    )
    said = {"name": "Checklist", "form": checklist(**LANGUAGES, ack={"on": False}), "asset": asset, "most": 1}
    return records.create(registry["magnet"], said, by=system("cli"))


def test_the_page_that_thanks_in_swedish_offers_it_in_swedish(magnet):
    page = Client().get(send(_lang="sv").headers["Location"]).content.decode()
    assert "<h1>Tack</h1>" in page and "Öppna" in page and "1 nedladdning kvar, till " in page


def test_the_mail_and_the_page_of_its_link_are_german(magnet, mailoutbox):
    send(_lang="de")
    run_waiting_jobs()
    [letter] = mailoutbox
    assert letter.subject == "Hier ist es: Leak-risk checklist" and letter.body.startswith("Guten Tag Elin,")
    assert re.search(r"Der Link funktioniert bis \d+\. \w+ \d{4}, für einen Download\.", letter.body)
    path = re.search(r"/f/leak-risk-checklist/get/[\w:.?=-]+", letter.body)[0]
    page = Client().get(path, headers={"Accept-Language": "en"}).content.decode()
    assert "Es liegt für Sie bereit" in page and DOCUMENT["title"]["de"] not in page
    broken = Client().get("/f/leak-risk-checklist/get/x", headers={"Accept-Language": "de"})
    assert "Dieser Link funktioniert nicht" in broken.content.decode()
