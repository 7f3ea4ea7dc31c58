"""From the booking page to the invitation and to another time: a stranger without a script, and one with, over real mail."""

from __future__ import annotations

import email
import email.policy
import re

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from tests.journeys.conftest import served
from tests.journeys.eyes import Eyes
from tests.mailcast import smtp_running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-with-servers")]
ELIN, JAN = "elin@fjordheim.example", "jan@nowak.example"


@pytest.fixture
def mailing():
    with smtp_running() as postbox:
        url = f"smtp://127.0.0.1:{postbox.port}?from=hello@tidewell.example"
        with served(fill=True, KITH_EMAIL_URL=url) as site:
            yield site, postbox


def invitations(postbox, to):
    """(plain words, method, event) of the mails to an address, in order."""
    found = []
    for one in postbox.kept:
        letter = email.message_from_bytes(one.as_bytes(), policy=email.policy.default)
        if to in letter["To"]:
            part = next(p for p in letter.walk() if p.get_content_type() == "text/calendar")
            read = Calendar.from_ical(part.get_payload(decode=True))
            found.append((letter.get_body(("plain",)).get_content(), str(read["method"]), read.walk("VEVENT")[0]))
    return sorted(found, key=lambda one: one[2]["sequence"])


def book(page, name, address):
    """Choose the third time that is free and fill in the form."""
    page.locator(".book-times a").nth(2).click()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your e-mail address").fill(address)
    page.get_by_label("What would you like to talk about?").fill("Two floods last winter")
    page.wait_for_timeout(2300)  # nobody reads faster
    page.get_by_role("button", name="Book it").click()
    expect(page.locator("h1")).to_have_text("Your meeting is booked")


def test_a_stranger_books_gets_the_invitation_moves_it_and_stands_in_the_calendar(mailing, visit, chromium):
    site, postbox = mailing
    helena = visit(site, "helena")
    helena.goto("/booking-pages/new")
    helena.get_by_label("Title", exact=True).fill("Roof talk")
    helena.get_by_label("Minutes to choose from").fill("30, 60")
    helena.get_by_label("Questions", exact=True).fill("What would you like to talk about? *")
    helena.locator("form.record-form button[type=submit]:not([aria-hidden=true])").first.click()
    expect(helena.locator("main")).to_contain_text("/book/roof-talk")
    expect(helena.locator("main")).to_contain_text("Next free")

    context = chromium.new_context(base_url=site.address, java_script_enabled=False)
    stranger = context.new_page()
    stranger.goto("/book/roof-talk")
    stranger.get_by_label("Your time zone").select_option("Asia/Tokyo")
    stranger.get_by_role("button", name="Show times").click()
    assert "zone=Asia%2FTokyo" in stranger.url
    book(stranger, "Elin Sørensen", ELIN)
    expect(stranger.locator("main")).to_contain_text("Asia/Tokyo, UTC+9")

    postbox.sent_to(ELIN)
    words, method, event = invitations(postbox, ELIN)[0]
    assert (method, event["sequence"]) == ("REQUEST", 0) and "Asia/Tokyo" in words
    first = event["dtstart"].dt

    own = re.search(r"/book/own/\S+", words)[0]
    stranger.goto(own)
    stranger.get_by_role("link", name="Move it").click()
    stranger.locator(".book-times a").nth(5).click()
    expect(stranger.locator("h1")).to_have_text("Move the meeting?")
    stranger.get_by_role("button", name="Move it").click()
    expect(stranger.locator("h1")).to_have_text("Your meeting is moved")
    postbox.sent_to(ELIN, 2)
    _words, method, moved = invitations(postbox, ELIN)[-1]
    assert (method, moved["sequence"], moved["uid"]) == ("REQUEST", 1, event["uid"]) and moved["dtstart"].dt != first
    context.close()

    helena.goto("/bookings/")
    helena.get_by_role("link", name="Elin Sørensen").first.click()
    expect(helena.locator("main")).to_contain_text("Two floods last winter")
    expect(helena.locator("main")).to_contain_text("The invitation left")
    helena.get_by_role("link", name="Elin Sørensen").last.click()
    expect(helena.locator(".timeline")).to_contain_text("booked a meeting: Roof talk")
    expect(helena.locator(".timeline")).to_contain_text("moved the meeting from")
    look = Eyes(helena)
    for path in (
        "/booking-pages/1",
        "/bookings/",
        "/bookings/1",
        "/settings/other-calendar/",
        "/settings/contact-budget/",
    ):
        assert helena.goto(path).status == 200, path
        helena.wait_for_load_state("networkidle")
        look(path)


def test_with_a_script_the_page_begins_on_the_readers_clocks_and_cancelling_reaches_the_calendar(mailing, chromium):
    site, postbox = mailing
    site.run(
        "from kith.kernel.access.actor import system\nfrom kith.kernel.accounts.models import User\n"
        "from kith.kernel.records import actions\nfrom kith.kernel.records.registry import registry\n"
        "owner = User.objects.get(email='helena@tidewell.example')\n"
        "values = {'name': 'Roof talk', 'owner': owner, 'questions': 'What would you like to talk about?'}\n"
        "actions.create(registry['booking_page'], values, by=system('cli'))"
    )
    context = chromium.new_context(base_url=site.address, timezone_id="America/New_York")
    stranger = context.new_page()
    look = Eyes(stranger)
    stranger.goto("/book/roof-talk")
    expect(stranger.get_by_label("Your time zone")).to_have_value("America/New_York")
    look("/book/roof-talk")
    book(stranger, "Jan Nowak", JAN)
    look("/book/own")
    postbox.sent_to(JAN)
    stranger.get_by_role("link", name="Cancel it").click()
    stranger.get_by_label("A word to us").fill("The train does not go")
    stranger.get_by_role("button", name="Cancel it").click()
    expect(stranger.locator("h1")).to_have_text("This meeting is cancelled")
    postbox.sent_to(JAN, 2)
    words, method, event = invitations(postbox, JAN)[-1]
    assert (method, str(event["status"])) == ("CANCEL", "CANCELLED") and "The train does not go" in words
    context.close()
