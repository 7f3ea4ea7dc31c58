"""The line of a relationship has a place under the name; it takes room only for a type or package that fills it."""

import html

import pytest

from kith.kernel.records.registry import registry
from kith.ui import panels
from kith.ui.pages.tests.helpers import HTMX, add
from tests.cast import actor

pytestmark = pytest.mark.django_db
people = registry["person"]
STOPS = [
    {"step": 1, "name": "Awareness", "meta": "Sep, webinar", "state": "done"},
    {"step": 7, "name": "Onboard", "meta": "day 10 of 14", "state": "current", "progress": 71},
]


@pytest.fixture
def marta():
    return add(people, actor("ines"), given_name="Marta", family_name="Kowalczyk")


def test_with_nothing_registered_the_line_takes_no_room(browser, marta):
    assert "lifecycle" not in browser("ines").get(f"/people/{marta.pk}").content.decode()


def test_a_package_that_registers_a_strip_fills_the_line_and_its_live_part(browser, marta, monkeypatch):
    monkeypatch.setattr(panels, "_strips", [])
    panels.register_strip(lambda by, record, row: STOPS if record.name == "person" else None)
    for page in (
        browser("ines").get(f"/people/{marta.pk}"),
        browser("ines").get(f"/people/{marta.pk}?part=head", headers=HTMX),
    ):
        text = page.content.decode()
        assert 'class="lifecycle"' in text and 'data-step="7" aria-current="step" data-w="71"' in text
        assert "day 10 of 14" in text


def test_a_types_own_strip_comes_before_what_others_register(browser, marta, monkeypatch):
    monkeypatch.setattr(panels, "_strips", [lambda by, record, row: STOPS])
    monkeypatch.setattr(people, "strip", lambda by, row: STOPS[:1], raising=False)
    text = browser("ines").get(f"/people/{marta.pk}").content.decode()
    assert "Sep, webinar" in text and "day 10 of 14" not in text


def folded_on(page):
    return page.partition('<details class="fold">')[2].partition("</details>")[0]


@pytest.mark.parametrize(
    ("step", "title", "waits"), [(3, "As a customer", "since"), (8, "Before they bought", "before")]
)
def test_what_belongs_to_the_other_part_of_the_relationship_waits_in_a_fold(
    browser, marta, monkeypatch, step, title, waits
):
    drawn = []
    for phase in ("before", "since"):
        panel = panels.Panel(
            f"of-{phase}",
            phase,
            "pages/panel_why.html",
            lambda by, row: drawn.append(row) or {"reasons": []},
            phase=phase,
        )
        monkeypatch.setitem(panels._panels_on.setdefault("person", {}), panel.key, panel)
    monkeypatch.setattr(panels, "_strips", [lambda by, record, row: [{**STOPS[1], "step": step}]])
    page = browser("ines").get(f"/people/{marta.pk}").content.decode()
    folded = folded_on(page)
    assert title in folded and f'id="panel-of-{waits}"' in folded
    assert "from:'closest details' once" in html.unescape(folded)
    assert page.count('class="panel-host" id="panel-of-') == 2 and folded.count('class="panel-host" id="panel-of-') == 1
    assert len(drawn) == 1


def test_nothing_is_folded_where_there_is_no_line(browser, marta, monkeypatch):
    monkeypatch.setattr(panels, "_strips", [])
    assert not folded_on(browser("ines").get(f"/people/{marta.pk}").content.decode())


def test_unknown_phase_is_refused_at_start():
    with pytest.raises(TypeError, match="phase is one of"):
        panels.Panel("x", "X", "pages/panel_why.html", lambda by, row: None, phase="later")
