"""axe finds nothing on the pages people live in, in both themes, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "/people/?q=a&limit=5", "/deals/?face=board&view=stalled", "/activities/?face=calendar", "/people/1", "/deals/1", "/people/new",
    "/people/import/", "/inbox/", "/history", "/search/?q=ma", "/settings/", "/settings/roles/", "/settings/fields/new",
    "/settings/jobs/", "/settings/organisation/", "/settings/sample/", "/reports/deals", "/people/1/edit", "/people/merge?ids=1,2",
)  # fmt: skip


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(tidewell, visit, theme, width):
    page = visit(tidewell, "helena", color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844 if width < 500 else 900})
    found = []
    for path in PAGES:
        answer = page.goto(path)
        assert answer.status == 200, path
        page.evaluate(AXE.read_text(encoding="utf-8"))  # a script tag would be refused by the page's own policy
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        for violation in result["violations"]:
            nodes = [n["html"][:120] for n in violation["nodes"][:3]]
            found.append(f"{path}: {violation['id']} {violation['help']} {nodes}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 1:
            found.append(f"{path}: scrolls sideways by {wide} px")
    assert not found, "\n".join(found)
