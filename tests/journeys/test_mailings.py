"""A campaign's mail through a browser, with a real mail server: checked, tried on oneself, sent to a segment, and its result read."""

from __future__ import annotations

import urllib.request

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import served
from tests.journeys.eyes import Eyes
from tests.mailcast import smtp_running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-with-servers")]
# Four guests on a list: three who agreed to the newsletter, two of them with one address, and one who did not.
PEOPLE = """
from kith.contacts.consent.actions import Said, record_many
from kith.contacts.consent.models import Purpose, Through
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
by = system("cli")
purpose = actions.create(registry["purpose"], {"name": "Autumn letters", "wording": "Write to me in autumn."}, by=by)
segment = actions.create(registry["segment"], {"name": "Autumn guests", "how": "static", "subject": "person"}, by=by)
guests = [("Marta", "marta@autumn.example"), ("Marek", "marta@autumn.example"), ("Piotr", "piotr@autumn.example"), ("Elin", "elin@autumn.example")]
for name, address in guests:
    person = actions.create(registry["person"], {"given_name": name, "emails": [{"value": address, "label": ""}]}, by=by)
    ACTIONS["person.put_on_list"].run(person, segment=segment, by=by)
    if name != "Elin":
        record_many([Said(person.pk, purpose, True, Through.FORM, address=address)], by=by)
text = {"name": "Autumn letter", "subject": 'Sensors for {{ person.given_name | "you" }}', "body": 'Dear {{ person.given_name | "friend" }}, they are there.'}
actions.create(registry["template"], text, by=by)
actions.create(registry["campaign"], {"name": "Autumn of sensors"}, by=by)
"""


@pytest.fixture
def mailing():
    with smtp_running() as postbox:
        url = f"smtp://127.0.0.1:{postbox.port}?from=hello@tidewell.example"
        with served(fill=True, KITH_EMAIL_URL=url) as site:
            yield site, postbox


def choose(page, label, words):
    box = page.get_by_role("combobox", name=label, exact=True)
    box.click()
    box.press_sequentially(words)
    page.get_by_role("option", name=words).first.wait_for()
    box.press("Enter")


def guests(postbox):
    """What left to the guests; colleagues of the sample are told of their clocks besides."""
    return [mail for mail in postbox.kept if str(mail["To"]).endswith("@autumn.example")]


def told(postbox, address):
    """The subjects of what left to somebody, once a test is among them."""
    for many in range(1, 20):
        subjects = [str(mail["Subject"]) for mail in postbox.sent_to(address, many)]
        if any(subject.startswith("Test:") for subject in subjects):
            return subjects
    return subjects


def test_a_campaigns_mailing_is_checked_sent_to_a_segment_and_its_result_read(mailing, visit):
    site, postbox = mailing
    site.run(PEOPLE)
    page = visit(site, "helena")
    page.goto("/mailings/new")
    page.get_by_label("Name", exact=True).fill("Autumn sensors")
    choose(page, "Mail template", "Autumn letter")
    choose(page, "Purpose", "Autumn letters")
    choose(page, "Campaign", "Autumn of sensors")
    choose(page, "To", "Autumn guests")
    page.locator("form.record-form button[type=submit]:not([aria-hidden=true])").first.click()
    expect(page.locator("h1")).to_have_text("Autumn sensors")
    here = "/" + page.url.partition("?")[0].partition(site.address + "/")[2]

    page.get_by_role("link", name="Check", exact=True).click()
    main = page.locator("main")
    expect(main).to_contain_text("In the audience")
    expect(main).to_contain_text("Did not agree to the purpose")
    expect(main).to_contain_text("Somebody else with this address gets it")
    assert not guests(postbox)

    page.get_by_role("link", name="Send a test to myself").click()
    page.get_by_role("dialog").get_by_role("button", name="Send a test to myself").click()
    assert "Test: Sensors for Marta" in told(postbox, "helena@tidewell.example")

    page.get_by_role("link", name="Send…", exact=True).click()
    page.get_by_role("dialog").get_by_label("Write to everybody of the audience now").check()
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    postbox.sent_to("piotr@autumn.example")
    expect(main).to_contain_text("What became of it", timeout=30_000)
    got = guests(postbox)
    assert sorted(str(m["To"]) for m in got) == ["marta@autumn.example", "piotr@autumn.example"]

    link = got[0]["List-Unsubscribe"].strip("<>")
    post = urllib.request.Request(
        site.address + "/unsubscribe/" + link.partition("/unsubscribe/")[2], b"List-Unsubscribe=One-Click"
    )
    assert urllib.request.urlopen(post).status == 200
    page.goto(here)
    expect(main).to_contain_text("Sent")
    row = page.locator(".mailing-parts tr", has_text="Autumn guests")
    expect(row.locator("td").nth(1)).to_have_text("2")
    expect(row.locator("td").nth(2)).to_have_text("2")
    expect(row.locator("td").nth(5)).to_contain_text("1")
    look = Eyes(page)
    for path in (
        "/mailings/",
        "/mailings/1",
        "/mailings/1/recipients",
        "/mailings/1/recipients?state=held",
        "/mailings/new",
    ):
        assert page.goto(path).status == 200, path
        look(path)
    page.goto(f"{here}/recipients")
    expect(main).to_contain_text("Unsubscribed")
    page.get_by_role("link", name="Marta").first.click()
    expect(page.locator(".timeline")).to_contain_text("wrote to them in the mailing “Autumn sensors”")
