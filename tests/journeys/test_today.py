"""A morning worked through from one page, by keys alone, and the same without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kith.ui.tests.browser import until
from tests.journeys.eyes import Eyes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
LATE = """
import datetime as dt
from django.utils import timezone
from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.models import User
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
priya = User.objects.get(email="priya@tidewell.example")
by, activity = actor_for(priya), registry["activity"]
activity.model.objects.filter(owner=priya, done_at=None).update(due_at=timezone.now() + dt.timedelta(days=40))
person = actions.create(registry["person"], {"given_name": "Anders", "family_name": "Holm", "owner": priya}, by=by)
for days, subject in ((4, "%(first)s"), (3, "%(second)s")):
    due = timezone.now() - dt.timedelta(days=days)
    actions.create(activity, {"subject": subject, "due_at": due, "person": person, "owner": priya}, by=by)
print(person.pk)
"""


def test_the_day_is_worked_through_by_keys(tidewell, visit):
    tidewell.run(LATE % {"first": "Call back with the price", "second": "Send the data sheet"})
    page = visit(tidewell, "priya")
    page.goto("/")
    until(page, "Boolean(customElements.get('kith-day') && customElements.get('kith-hotkeys') && window.htmx)")
    late, done = page.locator("#late"), page.locator("#done")
    expect(late.locator("li").first).to_contain_text("Call back with the price")
    before = page.locator("main ul.work > li").evaluate_all("rows => rows.findIndex(row => row.closest('#late'))")
    for _row in range(before + 1):  # the sample may have promised something, which stands above
        page.keyboard.press("j")
    expect(late.locator("li").first.get_by_role("link", name="Anders Holm", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_label("Outcome").wait_for()
    page.get_by_label("Outcome").fill("Three buildings")
    page.keyboard.press("Control+Enter")
    struck = late.locator("li[data-done]")
    expect(struck).to_contain_text("Call back with the price")
    Eyes(page)("a row struck through")
    expect(done).to_contain_text("Call back with the price")
    expect(struck).to_have_count(0)
    expect(page.locator(".side a[href='/'] .n")).to_have_text("1")
    page.keyboard.press("u")
    expect(late).to_contain_text("Call back with the price")
    for _row in range(before + 2):
        page.keyboard.press("j")
    page.keyboard.press("h")
    page.get_by_role("button", name="Tomorrow").click()
    expect(late.get_by_text("Send the data sheet")).to_have_count(0)
    page.locator("#late li a").first.focus()
    page.keyboard.press("l")
    page.get_by_label("What was said").fill("Wants to begin in April.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").last).to_contain_text("Call logged")
    expect(late.locator(".open")).to_contain_text("Wants to begin in April.")


def test_without_a_script_a_row_is_finished_and_one_is_back_on_the_day(tidewell, visit):
    tidewell.run(LATE % {"first": "Measure the cellar", "second": "Write to the caretaker"})
    page = visit(tidewell, "priya", scripts=False)
    page.goto("/")
    page.get_by_role("button", name="Done: Measure the cellar").click()
    page.locator("main button[type=submit]:not([aria-hidden=true])").first.click()
    assert page.url.rstrip("/") == tidewell.address
    expect(page.locator("#done")).to_contain_text("Measure the cellar")
    page.get_by_role("link", name="Everyone in my team").click()
    expect(page.locator("#late")).to_contain_text("Write to the caretaker")


def test_a_colleagues_change_appears_on_the_day_at_once(tidewell, visit):
    page = visit(tidewell, "priya")
    page.goto("/")
    page.wait_for_timeout(700)  # the stream of live changes connects
    tidewell.run(LATE % {"first": "Bring the keys", "second": "Ask about parking"})
    expect(page.locator("#late")).to_contain_text("Bring the keys")
