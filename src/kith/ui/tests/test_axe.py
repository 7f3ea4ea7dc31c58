"""axe finds nothing on the gallery, in both themes, wide and in the hand; and it works without a script."""

import pytest
from playwright.sync_api import expect

from kith.ui.tests.browser import opened, until, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("kith.ui.tests.urls")]


@pytest.fixture
def address(live_server, settings):
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["*"]
    return f"{live_server.url}/ui/"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 768, 390])
def test_axe_finds_nothing_on_the_gallery(chromium, address, theme, width):
    with opened(chromium, address, viewport={"width": width, "height": 900}, color_scheme=theme) as page:
        until(page, "document.fonts.status === 'loaded'")
        assert violations(page) == []


@pytest.mark.parametrize("width", [360, 390, 768, 1280, 1920])
def test_gallery_never_scrolls_sideways(chromium, address, width):
    with opened(chromium, address, viewport={"width": width, "height": 900}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_page_works_before_its_scripts_have_loaded(chromium, address):
    with opened(chromium, address, java_script_enabled=False) as page:
        expect(page.locator(".side")).to_be_visible()
        page.get_by_role("button", name="More", exact=True).first.click()
        expect(page.locator("#gallery-menu")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_label("Pick Yusuf Demir").check()
        expect(page.locator(".bulkbar")).to_be_visible()
