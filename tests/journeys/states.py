"""States that pages can be brought into: what opens over them, what is refused, what was picked. By name, with the way
there; each takes a page of somebody signed in and leaves it in that state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kith.ui.tests.browser import until

Way = Callable[[Any], None]


def over(page: str, question: str, then: Way | None = None) -> Way:
    """A question that opens over a page, as htmx brings it."""

    def go(at: Any) -> None:
        at.goto(page)
        until(at, "Boolean(window.htmx && customElements.get('kith-dialog'))")
        at.evaluate("url => htmx.ajax('GET', url, {target: '#dialog-host', swap: 'innerHTML'})", question)
        at.wait_for_selector("dialog:modal")
        if then:
            then(at)

    return go


def of_a_lead(verb: str, then: Way | None = None) -> Way:
    """What is asked of the first person who waits for a verdict."""

    def go(at: Any) -> None:
        at.goto("/people/?filter=waiting_since.filled")
        person = at.locator("tbody a[href^='/people/']").first.get_attribute("href")
        over(person, f"{person}/do/{verb}", then)(at)

    return go


def clicked(page: str, what: str, shows: str) -> Way:
    def go(at: Any) -> None:
        at.goto(page)
        at.locator(what).first.click()
        at.wait_for_selector(shows)

    return go


def pressed(page: str, keys: str, shows: str) -> Way:
    def go(at: Any) -> None:
        at.goto(page)
        until(at, "Boolean(customElements.get('kith-hotkeys'))")
        at.keyboard.press(keys)
        at.wait_for_selector(shows)

    return go


def sent(at: Any) -> None:
    """The question is answered with nothing, and comes back."""
    with at.expect_response(lambda answer: answer.request.method == "POST"):
        at.locator("dialog:modal [data-submit]").click()
    at.wait_for_selector("dialog:modal [aria-invalid=true]")


def with_group(at: Any) -> None:
    at.locator("dialog:modal [value^='group:']").first.click()
    at.wait_for_selector(".filter-box[data-inner]")


def picked(at: Any) -> None:
    at.goto("/people/")
    at.locator("tbody .pick input").first.check()
    at.locator("tbody .pick input").nth(1).check()
    at.wait_for_selector(".bulkbar:visible")


def archiving(at: Any) -> None:
    picked(at)
    at.locator(".bulkbar [formaction$='bulk/archive']").click()
    at.wait_for_selector("dialog:modal")


def finding(words: str, shows: str) -> Way:
    def go(at: Any) -> None:
        at.goto("/people/")
        until(at, "Boolean(customElements.get('kith-palette'))")
        at.keyboard.press("Control+k")
        at.keyboard.type(words)
        at.wait_for_selector(shows)

    return go


def writing(at: Any) -> None:
    """An amount that cannot be one, in the place where it stands."""
    at.goto("/deals/1")
    at.locator("#record-facts .editable[aria-label^='Amount']").click()
    at.locator(".editing input[name=amount]").fill("lots")
    at.keyboard.press("Enter")
    at.wait_for_selector(".editing .error")


def asking(at: Any) -> None:
    """A question is written down, and those that are known already stand under it."""
    at.goto("/people/1?kind=question")
    until(at, "Boolean(window.htmx)")
    at.locator(".composer textarea[name=body]").press_sequentially("Who is called when it leaks at night")
    at.wait_for_selector(".questions-alike section")


def offline(at: Any) -> None:
    at.goto("/people/")
    until(at, "Boolean(window.htmx)")
    at.context.set_offline(True)
    at.locator(".filters .button[data-hotkey='/']").click()
    at.wait_for_selector(".toast[data-tone=late]")
    at.context.set_offline(False)


STATES: dict[str, Way] = {
    "quick add": over("/people/", "/people/new"),
    "quick add, refused": over("/companies/", "/companies/new", sent),
    "quick add of a deal": over("/deals/", "/deals/new"),
    "a filter with a group": over("/deals/", "/deals/filter/?filter=amount.over:1000", with_group),
    "columns": over("/people/", "/people/columns/"),
    "views": over("/people/", "/people/views/"),
    "a view without a name": over("/people/?filter=name.has:a", "/people/views/new?filter=name.has:a", sent),
    "export": over("/people/", "/people/export"),
    "two picked": picked,
    "archiving two": archiving,
    "menu of views": clicked("/people/", "[popovertarget=views-menu]", "#views-menu:popover-open"),
    "a row put off": clicked("/?of=team", "#today .open [data-hotkey=h]", "dialog:modal [name=due]"),
    "a row finished": clicked("/?of=team", "#due .tick, #late .tick", "dialog:modal [name=next_subject]"),
    "a call logged over the day, refused": over("/", "/people/1/say/call", sent),
    "a date set over the day": over("/", "/people/1/say/task"),
    "palette": finding("ma", ".palette mark"),
    "palette, nothing found": finding("qqqzzz", ".palette .palette-hint"),
    "all keys": pressed("/people/", "?", ".keys-dialog"),
    "moving a card": clicked("/deals/?face=board&view=stalled", ".card-move", "dialog:modal"),
    "an amount in place, refused": writing,
    "a meeting, refused": clicked("/people/1?kind=meeting", ".composer [data-submit]", ".composer [aria-invalid=true]"),
    "a question that is known already": asking,
    "no connection": offline,
    "a verdict": of_a_lead("not_a_fit"),
    "a lead put to sleep": of_a_lead("nurture"),
    "a verdict, refused": of_a_lead("not_a_fit", sent),
    "a scorecard that is tried": clicked("/settings/scores/", ".form-foot button[value=simulate]", ".chart"),
}
