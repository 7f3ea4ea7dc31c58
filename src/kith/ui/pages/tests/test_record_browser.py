"""The record face in a browser: accessible in both themes, usable by keyboard alone, live, and checked while typing."""

import json

import pytest
from playwright.sync_api import expect

from kith.ui.tests.browser import opened, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def marta(settings):
    from kith.kernel.records.registry import registry
    from kith.ui.pages.tests.helpers import add
    from tests.cast import actor

    settings.ALLOWED_HOSTS = ["*"]
    return add(registry["person"], actor("ines"), given_name="Marta", family_name="Kowalczyk", job_title="Director")


@pytest.fixture
def at(chromium, live_server, client, marta):
    """`with at("/people/1", width=390) as page:` as Ines."""
    from tests.cast import user

    client.force_login(user("ines"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}

    def page_at(path, width=1280, **options):
        viewport = {"width": width, "height": 900}
        return opened(chromium, live_server.url + path, [cookie], viewport=viewport, **options)

    return page_at


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.parametrize("tail", ["", "/edit", "/history", "/do/archive"])
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(at, marta, tail, theme, width):
    with at(f"/people/{marta.pk}{tail}", width=width, color_scheme=theme) as page:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_an_edit_by_keyboard_alone_is_saved_and_taken_back(at, marta):
    with at(f"/people/{marta.pk}") as page:
        page.keyboard.press("e")
        page.wait_for_url("**/edit")
        page.focus("input[name=job_title]")
        page.keyboard.press("Control+A")
        page.keyboard.type("Owner")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".toast [data-undo]")
        page.keyboard.press("u")
        expect(page.locator("#record-facts")).to_contain_text("Director")
        page.wait_for_load_state("networkidle")


def test_quick_add_starts_in_its_first_field_and_warns_of_somebody_alike(at, marta):
    with at(f"/people/{marta.pk}") as page:
        page.evaluate("htmx.ajax('GET', '/people/new', {target: '#dialog-host', swap: 'innerHTML'})")
        page.wait_for_selector("dialog[open]")
        assert page.evaluate("document.activeElement.name") == "given_name"
        page.keyboard.type("Marta")
        page.fill("dialog input[name=family_name]", "Kowalczyk")
        page.wait_for_selector("dialog .form-alike .notice")


def test_leaving_a_field_says_what_is_wrong_with_that_field_alone(at):
    with at("/people/new") as page:
        page.fill("input[name='emails-0-value']", "nope")
        page.focus("input[name=job_title]")
        page.wait_for_selector(".error")
        assert ["not an e-mail address" in words for words in page.locator(".error").all_inner_texts()] == [True]
        page.fill("input[name='emails-0-value']", "m@bellevue.example")
        page.focus("input[name=source]")
        page.wait_for_selector(".error", state="detached")


def test_a_written_note_appears_while_other_half_typed_words_stay(at, marta):
    with at(f"/people/{marta.pk}") as page:
        page.fill("#composer textarea", "Likes tea.")
        page.click("#composer button[data-submit]")
        expect(page.locator("#story-now")).to_contain_text("Likes tea.")
        page.fill("#composer textarea", "half typed")
        topics = json.dumps([f"person:{marta.pk}"])
        page.evaluate(f"document.dispatchEvent(new CustomEvent('record-changed', {{detail: {{types: {topics}}}}}))")
        page.wait_for_load_state("networkidle")
        assert page.input_value("#composer textarea") == "half typed"


def test_what_waits_in_a_fold_comes_when_the_fold_is_opened_and_not_before(at, marta, monkeypatch):
    from kith.ui import panels

    drawn = []
    spent = panels.Panel(
        "spent",
        "Spent",
        "pages/panel_why.html",
        lambda by, row: drawn.append(row.pk) or {"reasons": ["They bought twice."], "may_edit": True},
        phase=panels.SINCE,
    )
    monkeypatch.setitem(panels._panels_on.setdefault("person", {}), "spent", spent)
    monkeypatch.setattr(
        panels, "_strips", [lambda by, record, row: [{"step": 3, "name": "Qualify", "state": "current"}]]
    )
    with at(f"/people/{marta.pk}") as page:
        page.wait_for_load_state("networkidle")
        assert drawn == []
        page.locator(".fold > summary").click()
        expect(page.locator("#panel-spent")).to_contain_text("They bought twice.")
        assert drawn == [marta.pk]
