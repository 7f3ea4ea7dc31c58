"""Everything is reached and done with the keyboard alone, and one always sees where one is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
PAGES = (
    "/", "/people/1", "/people/1/edit", "/people/new", "/people/merge?ids=1,2", "/deals/?face=board", "/activities/?face=calendar",
    "/people/import/", "/history", "/settings/pipelines/stage/1", "/settings/roles/", "/settings/jobs/", "/accounts/teams/",
)  # fmt: skip
MOST_STOPS = 400
HERE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const ring = (el) => { const s = getComputedStyle(el); return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"; };
  const around = at.closest("label, .tick, .composer");
  const box = at.getBoundingClientRect();
  at.reached = true; // no attribute: a part that is fetched anew meanwhile would lose it
  return {
    what: at.outerHTML.slice(0, 120),
    seen: ring(at) || Boolean(around && [around, ...around.querySelectorAll("*")].some(ring)),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
LEFT_OUT = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden], [type=radio]), select, textarea, summary")]
  .filter((el) => el.checkVisibility({ visibilityProperty: true }) && !el.disabled && !el.reached && el.tabIndex >= 0
    && el.getBoundingClientRect().width > 1)
  .map((el) => el.outerHTML.slice(0, 120))"""


def test_tab_reaches_everything_and_one_sees_where_one_is(tidewell, visit):
    page = visit(tidewell, "helena")
    wrong = []
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.activeElement.blur()")
        page.wait_for_load_state("networkidle")
        for _stop in range(MOST_STOPS):
            page.keyboard.press("Tab")
            here = page.evaluate(HERE)
            if here is None:
                break
            if not here["seen"] or not here["inside"]:
                wrong.append(f"{path}: no focus to be seen on {here['what']}")
        wrong += [f"{path}: Tab never comes to {what}" for what in page.evaluate(LEFT_OUT)]
    assert not wrong, "\n".join(wrong)


def test_a_list_is_worked_through_by_keys(tidewell, visit):
    page = visit(tidewell, "helena")
    page.goto("/people/?sort=name")
    rows = page.locator("tbody tr")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(rows.nth(1).get_by_role("checkbox")).to_be_checked()
    expect(page.locator(".bulkbar")).to_be_visible()
    page.keyboard.press("x")
    name = rows.nth(1).locator("a").first.inner_text().strip()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("#record-place")).to_contain_text("2 of ")
    page.keyboard.press("j")
    expect(page.locator("#record-place")).to_contain_text("3 of ")
    page.keyboard.press("k")
    expect(page.locator("h1")).to_have_text(name)


def test_a_card_is_moved_by_keys(tidewell, visit):
    page = visit(tidewell, "helena")
    page.goto("/deals/?face=board")
    card = page.locator(".lane").first.locator(".deal").first
    card.focus()
    name = card.locator("a").first.inner_text()
    page.keyboard.press("m")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    assert page.locator("dialog:modal").count() or name not in page.locator(".lane").first.inner_text()
    if page.locator("dialog:modal").count():  # its stage asks for something: Escape leaves the card where it was
        page.keyboard.press("Escape")
        expect(page.locator("dialog:modal")).to_have_count(0)
        expect(page.locator(".lane").first).to_contain_text(name)


def test_keys_that_follow_at_once_are_the_menu_s(tidewell, visit):
    page = visit(tidewell, "helena")
    page.goto("/deals/?face=board")
    page.locator(".lane").first.locator(".deal").first.focus()
    focused = page.evaluate(
        """() => ["m", "ArrowDown"].map((key) => {
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            return document.activeElement.textContent;
        })"""
    )
    choices = page.get_by_role("menuitem")
    expect(choices.nth(1)).to_be_focused()
    assert focused == [choices.nth(0).inner_text(), choices.nth(1).inner_text()]


def test_views_are_put_in_order_by_keys(tidewell, visit):
    page = visit(tidewell, "helena")
    page.goto("/people/?view=all")
    page.get_by_role("button", name="Views", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Arrange and pin").press("Enter")
    page.get_by_role("button", name="No next step: up").press("Enter")
    page.keyboard.press("Control+Enter")
    tabs = page.locator("#view-tabs a")
    expect(tabs.nth(1)).to_contain_text("No next step")


def test_a_colleague_is_named_with_at_and_a_few_letters(tidewell, visit):
    page = visit(tidewell, "helena")
    page.goto("/people/1")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("n")
    words = page.get_by_role("textbox", name="Note")
    expect(words).to_be_focused()
    page.keyboard.type("Ask @pri")
    expect(page.get_by_role("option", name="Priya Nair")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(words).to_have_value("Ask @Priya Nair ")
    page.keyboard.type("about the keys; write to keys@nobody")
    page.wait_for_timeout(300)
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.type(" or @")
    expect(page.get_by_role("option", name="Ines Okafor")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option", name="Ines Okafor")).to_be_hidden()
    expect(words).to_have_value("Ask @Priya Nair about the keys; write to keys@nobody or @")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".timeline").get_by_text("Ask @Priya Nair about the keys").first).to_be_visible()
