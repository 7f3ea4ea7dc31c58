"""The script of one's own site, in a browser and on a page of another origin: silent until its visitor says yes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kith.ui.tests.browser import WAIT
from tests.journeys.formed import built, came

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
WORDS = "You may remember what I read here."
ASKS_NOT = "Object.defineProperty(navigator, %r, {get: () => %s})"


def page_of(site, form=""):
    """What the organisation's own site has: the script, a banner, and a form where one is named."""
    embed = f'<script src="{site.address}/f/{form}.js" async></script>' if form else ""
    return (
        f'<h1>Pumps</h1><script src="{site.address}/t.js" defer></script>'
        f"<button onclick=\"kith.consent(true, '{WORDS}')\">Yes</button>"
        f'<button onclick="kith.consent(false)">No</button>{embed}'
    )


@pytest.fixture
def stranger(chromium):
    """`stranger(script="")`: a new browser's page, whose reports to Kith are in `told`."""
    contexts = []

    def open_page(script=""):
        context = chromium.new_context()
        context.set_default_timeout(WAIT)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.told = []
        page.on("request", lambda asked: page.told.append(asked.url) if asked.url.endswith("/t") else None)
        return page

    yield open_page
    for context in contexts:
        context.close()


def stored(page):
    return page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")


def visits(site, source, *, within=20):
    """How many visits of nobody known came from there, once there are any or so many seconds have passed."""
    return int(site.run(
        "import time\n"
        "from kith.awareness.models import Visit\n"
        f"for _n in range({within * 10}):\n"
        f"    n = Visit.objects.filter(source={source!r}).count()\n"
        "    if n:\n"
        "        break\n"
        "    time.sleep(0.1)\n"
        "print(n)"
    ))  # fmt: skip


def settled(page):
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


def test_nothing_is_stored_or_sent_before_a_yes_and_a_no_forgets(tidewell, elsewhere, stranger):
    address = elsewhere(page_of(tidewell)).replace("fair", "silent")
    page = stranger()
    page.goto(address)
    settled(page)
    assert page.told == [] and stored(page) == []
    page.get_by_role("button", name="No").click()
    settled(page)
    assert page.told == [] and stored(page) == [] and visits(tidewell, "silent", within=1) == 0
    page.get_by_role("button", name="Yes").click()
    settled(page)
    assert len(page.told) == 1 and visits(tidewell, "silent") == 1
    page.get_by_role("button", name="No").click()
    assert stored(page) == []
    page.reload()
    settled(page)
    assert len(page.told) == 1 and stored(page) == []


@pytest.mark.parametrize(("name", "value"), [("doNotTrack", "'1'"), ("globalPrivacyControl", "true")])
def test_whose_browser_asks_not_to_be_tracked_is_not_whatever_the_banner_says(
    tidewell, elsewhere, stranger, name, value
):
    address = elsewhere(page_of(tidewell)).replace("fair", f"no-{name.lower()}")
    page = stranger(ASKS_NOT % (name, value))
    page.goto(address)
    page.get_by_role("button", name="Yes").click()
    settled(page)
    page.reload()
    settled(page)
    assert page.told == [] and stored(page) == [] and visits(tidewell, f"no-{name.lower()}", within=1) == 0


def test_after_a_yes_a_visit_counts_once_and_is_theirs_when_they_send_a_form(tidewell, visit, elsewhere, stranger):
    built(tidewell, visit, "Visits in the browser")
    address = elsewhere(page_of(tidewell, "visits-in-the-browser")).replace("fair", "spring-letter")
    page = stranger()
    page.goto(address)
    page.get_by_role("button", name="Yes").click()
    settled(page)
    page.reload()
    settled(page)
    assert len(page.told) == 1 and visits(tidewell, "spring-letter") == 1
    page.get_by_label("Your name").fill("Elin Sørensen")
    page.get_by_label("E-mail").fill("elin@visits-browser.example")
    page.wait_for_timeout(2100)  # nobody fills in a form in less
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you")
    state, person, _source, _where = came(tidewell, "elin@visits-browser.example")
    assert state == "done"
    touches = tidewell.run(
        "import time\n"
        "from kith.awareness.models import Touch\n"
        "for _n in range(600):\n"
        f"    rows = list(Touch.objects.filter(person={person}).order_by('at').values_list('through', 'source'))\n"
        "    if len(rows) > 1:\n"
        "        break\n"
        "    time.sleep(0.1)\n"
        "print(rows)"
    )
    assert "('visit', 'spring-letter')" in touches and "('form', " in touches
    said = tidewell.run(
        "from kith.contacts.consent.models import Consent\n"
        f"print(*Consent.objects.filter(person={person}, purpose__key='tracking').values_list('wording', flat=True))"
    )
    assert said == WORDS
    ours = visit(tidewell, "helena")
    ours.goto(f"/people/{person}")
    expect(ours.locator("main")).to_contain_text("spring-letter")
