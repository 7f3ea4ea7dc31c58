"""A booking page, its mails and what calendars get speak the language of who books; a colleague's side stays theirs."""

import re
from html import unescape

import pytest
from django.core import mail
from django.test import Client

from kith.activities.models import Activity
from kith.engagement.meetings import booking
from kith.engagement.meetings.links import known_token, own_path
from kith.engagement.meetings.tests.making import book, moment, page, tell
from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
SWEDISH = {"sv": "Första samtalet"}


def words(answer):
    return unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_page_that_speaks_swedish_has_its_days_and_words_in_it():
    page(names=SWEDISH)
    answer = Client().get("/book/first-talk", headers={"Accept-Language": "sv-SE,sv;q=0.9"})
    assert '<html lang="sv"' in answer.content.decode() and answer["Content-Language"] == "sv"
    assert re.search(r"tisdag\s+24 november", words(answer)) and "Din tidszon" in words(answer)
    asked = words(Client().get("/book/first-talk?lang=sv&at=2026-11-24T09:00:00%2B00:00&zone=Europe/Stockholm"))
    assert "tisdag 24 november 2026, 10:00–10:30" in asked and "Boka" in asked and "Första samtalet" in asked


def test_who_comes_by_their_own_link_reads_their_language_before_that_of_the_browser():
    made = page(names={"de": "Erstes Gespräch", **SWEDISH})
    values = {"given_name": "Elin", "language": "sv", "emails": [{"value": "elin@fjordheim.example", "label": ""}]}
    elin = actions.create(registry["person"], values, by=system("cli"))
    path = f"/book/{made.key}?k={known_token(elin.pk, elin.email)}"
    assert "Visa tider" in words(Client().get(path, headers={"Accept-Language": "de"}))
    assert "Zeiten zeigen" in words(Client().get(f"/book/{made.key}", headers={"Accept-Language": "de"}))


def test_a_page_that_is_not_there_is_missed_in_the_language_of_the_browser():
    answer = Client().get("/book/nothing", headers={"Accept-Language": "de"})
    assert answer.status_code == 404 and "Hier lässt sich kein Termin buchen" in words(answer)
    assert "Accept-Language" in answer["Vary"]


def test_the_mails_and_the_invitation_are_german_for_who_booked_in_german():
    row = book(page(names={"de": "Erstes Gespräch"}), language="de")
    tell()
    letter = next(one for one in mail.outbox if one.to == ["marta@bellevue.example"])
    assert letter.subject.startswith("Termin: Erstes Gespräch, Dienstag, 24. November 2026, 10:00 bis 10:30")
    assert "Ihr Termin ist gebucht." in letter.body and own_path(row.pk) in letter.body
    assert '<html lang="de">' in letter.alternatives[0][0]
    invitation = letter.alternatives[1][0].replace("\r\n ", "")
    assert "SUMMARY:Erstes Gespräch" in invitation and "DESCRIPTION:Verschieben oder absagen" in invitation
    theirs = next(one for one in mail.outbox if one.to != ["marta@bellevue.example"])
    assert theirs.subject.startswith("Meeting: ")


def test_ones_own_meeting_is_moved_and_cancelled_in_the_language_it_was_booked_in():
    row = book(page(), language="sv")
    path = own_path(row.pk)
    assert "Ditt möte" in words(Client().get(path)) and "Avboka mötet?" in words(Client().get(f"{path}/cancel"))
    booking.cancel(row, "", by=system("web"))
    tell()
    assert any(one.subject.startswith("Avbokat: ") for one in mail.outbox)
    assert "Mötet är avbokat" in words(Client().get(path))
    assert moment("2026-11-24 09:00") == row.starts_at


def test_what_a_colleague_reads_of_it_stays_in_theirs():
    from kith.kernel.languages import speaking

    with speaking("de"):
        row = book(page(way="phone", place=""), language="de", phone="+48585550142")
    assert Activity.objects.get(pk=row.activity_id).location == "We call +48585550142"
