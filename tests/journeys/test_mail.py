"""Mail in and out through a browser, with real servers on both sides: a mailbox is set up, a mail leaves, its answer stands on
the story and is answered from there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import served
from tests.journeys.eyes import Eyes
from tests.mailcast import imap_server, letter, smtp_running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-with-servers")]


@pytest.fixture
def mailing():
    with smtp_running() as postbox, imap_server() as imap:
        url = f"smtp://127.0.0.1:{postbox.port}?from=hello@tidewell.example"
        with served(fill=True, KITH_EMAIL_URL=url) as site:
            yield site, postbox, imap


def press(page, words):
    """A verb at the head of the page, or in its menu."""
    button = page.get_by_role("link", name=words, exact=True).or_(page.get_by_role("button", name=words, exact=True))
    if not button.first.is_visible():
        page.locator("header").get_by_role("button", name="More").first.click()
    button.first.click()


def say_yes(page, words):
    page.get_by_role("dialog").get_by_role("button", name=words).click()


def test_a_mailbox_is_set_up_and_a_conversation_goes_on_from_the_story(mailing, visit):
    site, postbox, imap = mailing
    page = visit(site, "helena")
    page.goto("/settings/")
    page.get_by_role("link", name="Mailboxes").first.click()
    page.goto("/mailboxes/new")
    for label, words in (("Name", "Hello"), ("Its address", "hello@tidewell.example"), ("IMAP server", "127.0.0.1"),
                         ("Port", str(imap.port)), ("User name", imap.user)):  # fmt: skip
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_label("Security").select_option("none")
    page.locator("form.record-form button[type=submit]:not([aria-hidden=true])").first.click()
    expect(page.locator("h1")).to_have_text("Hello")
    press(page, "Give the password")
    page.get_by_label("Password, or app password").fill(imap.password)
    say_yes(page, "Give the password")
    press(page, "Check")
    expect(page.locator("body")).to_contain_text("Signed in.")
    expect(page.locator("main")).not_to_contain_text("Nobody gave its password")

    pk, name, address = site.run(
        "from kith.kernel.records.registry import registry\n"
        "p = registry['person'].model.objects.exclude(email='').filter(archived_at=None).order_by('pk').first()\n"
        "print(p.pk, p.name, p.email, sep='|')"
    ).split("|")
    page.goto(f"/people/{pk}")
    page.locator(".composer, main").get_by_role("link", name="E-mail", exact=True).first.click()
    page.get_by_label("Subject").fill("Pumps")
    page.get_by_placeholder("Write in your own words").fill("Would Tuesday do?")
    page.get_by_role("button", name="Send").first.click()
    sent = postbox.sent_to(address)[0]
    assert (sent["To"], sent["Reply-To"]) == (address, "hello@tidewell.example")

    answer = letter("Tuesday suits us.\n\nOn Mon, Tidewell wrote:\n> Would Tuesday do?\n> a\n> b", Subject="Re: Pumps",
                    From=f"{name} <{address}>", In_Reply_To=sent["Message-ID"])  # fmt: skip
    imap.put(answer.as_bytes())
    page.goto("/mailboxes/1/do/fetch_now")
    page.locator("main button[type=submit]").first.click()
    page.goto(f"/people/{pk}")
    said = page.locator(".timeline").get_by_text("Tuesday suits us.")
    expect(said).to_be_visible(timeout=30_000)  # the page hears of it by itself
    expect(page.locator(".timeline").first).to_contain_text("wrote to us: Re: Pumps")

    page.locator(".timeline").get_by_role("link", name="Answer").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Subject")).to_have_value("Re: Pumps")
    dialog.get_by_placeholder("Write in your own words").fill("At ten, then.")
    dialog.get_by_role("button", name="Send").click()
    again = postbox.sent_to(address, 2)[1]
    assert (again["To"], again["In-Reply-To"]) == (address, answer["Message-ID"])
    expect(page.locator(".timeline").first).to_contain_text("At ten, then.")

    imap.put(letter("What does a pump cost?", From="Piotr <piotr@nowhere.example>", Subject="A pump").as_bytes())
    site.run(
        "from kith.kernel.mail.comparing import compare\nfrom kith.kernel.mail.fetching import fetch\nfetch(1)\ncompare(1)"
    )
    look = Eyes(page)
    page.goto("/mailboxes/1")
    expect(page.locator("main")).to_contain_text("Compared with the server")
    for path in (
        "/mailboxes/1",
        "/mailboxes/new",
        "/arrived-mail/",
        "/arrived-mail/1",
        "/suppressed-addresses/",
        "/mail/2",
    ):
        assert page.goto(path).status == 200, path
        look(path)
