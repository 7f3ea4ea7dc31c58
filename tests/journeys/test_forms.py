"""From a form to a person: built in the browser, sent from a page on another origin and without a script, looked at by key."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.formed import built, came

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def test_a_form_is_built_sent_from_a_page_elsewhere_and_somebody_is_there(tidewell, visit, elsewhere):
    page = built(tidewell, visit, "Checklist in the browser")
    address = elsewhere(f'<p>Before</p><script src="{tidewell.address}/f/checklist-in-the-browser.js" async></script>')
    stranger = page.context.browser.new_context().new_page()
    stranger.goto(address)
    stranger.get_by_label("Your name").fill("Elin Sørensen")
    stranger.get_by_label("E-mail").fill("elin@fjordheim")
    stranger.wait_for_timeout(2100)  # nobody fills in a form in less
    stranger.get_by_role("button", name="Send").click()
    expect(stranger.locator("#kf-email-error")).to_contain_text("elin@fjordheim")
    stranger.get_by_label("E-mail").fill("elin@fjordheim-browser.example")
    stranger.get_by_label("What brings you here?").fill("Our insurer asks for sensors by summer.")
    stranger.get_by_role("button", name="Send").click()
    expect(stranger.get_by_role("status")).to_contain_text("Thank you")
    stranger.context.close()
    state, person, source, where = came(tidewell, "elin@fjordheim-browser.example")
    assert (state, source) == ("done", "fair") and where == address
    page.goto(f"/people/{person}")
    expect(page.locator(".timeline")).to_contain_text("Our insurer asks for sensors by summer.")


def test_a_form_is_sent_without_a_script(tidewell, visit):
    page = built(tidewell, visit, "Checklist without a script")
    context = page.context.browser.new_context(java_script_enabled=False, base_url=tidewell.address)
    stranger = context.new_page()
    stranger.goto("/f/checklist-without-a-script")
    stranger.get_by_label("Your name").fill("Rolf Berg")
    stranger.get_by_role("button", name="Send").click()
    expect(stranger.locator("#kf-email-error")).to_contain_text("fill this in")
    stranger.get_by_label("E-mail").fill("rolf@berg-browser.example")
    stranger.wait_for_timeout(2100)
    stranger.get_by_role("button", name="Send").click()
    expect(stranger.locator("main")).to_contain_text("Thank you")
    context.close()
    assert came(tidewell, "rolf@berg-browser.example")[0] == "done"


def test_browsers_prove_their_work_on_the_forms_page_and_in_a_page_elsewhere(tidewell, visit, elsewhere):
    page = built(tidewell, visit, "Checklist with proof")
    tidewell.run(
        "from kith.kernel.access.actor import system\n"
        "from kith.kernel.records import actions as records\n"
        "from kith.kernel.records.registry import registry\n"
        "form = registry['form'].model.objects.get(key='checklist-with-proof')\n"
        "records.edit(registry['form'], form, {'proof': True}, by=system('cli'))"
    )
    address = elsewhere(f'<script src="{tidewell.address}/f/checklist-with-proof.js" async></script>')
    for at, email in (
        (address, "away@berg-proof.example"),
        (f"{tidewell.address}/f/checklist-with-proof", "at@proof-home.example"),
    ):
        stranger = page.context.browser.new_context().new_page()
        stranger.goto(at)
        stranger.get_by_label("Your name").fill("Rolf Berg")
        stranger.get_by_label("E-mail").fill(email)
        stranger.wait_for_timeout(2100)
        stranger.get_by_role("button", name="Send").click()
        expect(stranger.get_by_role("status")).to_contain_text("Thank you")
        expect(stranger.get_by_role("status")).not_to_contain_text("looks at it first")
        stranger.context.close()
        assert came(tidewell, email)[0] == "done"


def test_what_waits_is_settled_by_keys(tidewell, visit):
    tidewell.run(
        "from kith.capture.incoming import hold\n"
        "for n in (901, 902):\n"
        "    hold(through='chat', sender=f'key{n}@berg-keys.example', name=f'Key Berg{n}', subject='Hello', text='At the fair.', ref=n)"
    )
    page = visit(tidewell, "helena")
    page.goto("/incoming/")
    rows = page.locator("tr.came-row").filter(has_text="berg-keys.example")
    expect(rows).to_have_count(2)
    for _n in range(20):  # others wait, too
        page.keyboard.press("j")
        if page.locator("tr.came-row:focus-within").filter(has_text="berg-keys.example").count():
            break
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_contain_text("is taken in")
    expect(rows).to_have_count(1)
    page.keyboard.press("u")
    expect(rows).to_have_count(2)
