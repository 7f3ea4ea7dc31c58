"""Looking at a page as it stands in the middle of a story: axe in both themes, and nothing that scrolls sideways."""

from __future__ import annotations

from kith.ui.tests.browser import violations


class Eyes:
    """`look("columns")`: axe finds nothing on the page as it stands, in light and in dark, and nothing scrolls sideways."""

    def __init__(self, page):
        self.page = page

    def __call__(self, what: str) -> None:
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme)
            told = violations(self.page, resultTypes=["violations"])
            assert not told, f"{what}, {theme}: {told}"
        for width in (390, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 1, f"{what} scrolls sideways by {wide} px at {width}"
