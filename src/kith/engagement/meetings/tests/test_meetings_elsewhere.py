"""Meetings over the API, on the person, in the calendar view and on the command line."""

import json

import pytest
from django.test import Client

from kith.cli import meetings as command
from kith.cli import parser
from kith.engagement.meetings.tests.making import book, host, hours, page
from tests.cast import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


@pytest.fixture
def ines():
    client = Client()
    client.force_login(user("ines"))
    return client


@pytest.fixture
def kith(capsys):
    """Run a verb on the tests' own database; its code and what it printed."""

    def run(*words):
        args = parser({"meetings": command}).parse_args(["meetings", *words])
        code = getattr(command, args.verb)(args)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def test_the_command_lists_pages_what_is_free_and_what_is_booked(kith):
    made = page(calendar=hours("Mornings", {"tue": "09:00-10:00"}))
    host(made, "ines")
    assert kith("pages") == (0, "first-talk  First talk  30  open\n")
    code, out = kith("free", "first-talk", "--days", "2", "--zone", "Asia/Tokyo")
    assert (code, out.splitlines()[0]) == (0, "2026-11-24 18:00 +0900  Ines Okafor")
    book(made)
    code, out = kith("booked", "--json")
    assert json.loads(out)[0]["who"] == "Marta Kowalska"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(("free", "nothing"), "There is no booking page"), (("free", "first-talk", "--minutes", "45"), "offers 30 minutes"),
     (("free", "first-talk", "--zone", "Mars/Olympus"), "There is no time zone")],
)  # fmt: skip
def test_the_command_says_what_is_wrong(kith, words, sentence):
    page()
    code, out = kith(*words)
    assert code == 1 and sentence in out


def test_the_person_shows_their_meetings_and_a_link_that_knows_them(ines):
    row = book(page())
    shown = ines.get(f"/people/{row.person_id}/panel/bookings").content.decode()
    assert "First talk" in shown and "Booked" in shown and "/book/first-talk?k=" in shown


def test_the_page_of_a_booking_says_when_and_what_was_answered(ines):
    row = book(page(), answers=[{"question": "What about?", "answer": "Two floods"}])
    shown = ines.get(f"/bookings/{row.pk}").content.decode()
    assert "Tuesday, 24 November 2026, 09:00 to 09:30" in shown and "Two floods" in shown


def test_bookings_stand_in_a_calendar(ines):
    book(page())
    assert "Marta Kowalska" in ines.get("/bookings/?face=calendar&month=2026-11").content.decode()


def test_the_page_of_a_booking_page_says_what_is_free_next_and_with_whom(ines):
    made = page(calendar=hours("Mornings", {"tue": "09:00-10:00"}))
    shown = ines.get(f"/booking-pages/{made.pk}/panel/times").content.decode()
    assert "Tue 24 Nov, 09:00" in shown and "Ines Okafor" in shown and "/book/first-talk" in shown
    assert "Add a host" not in shown, "hosts are configuration"
