"""Panels of a record page: related rows counted and linked, panels of packages, what comboboxes pick from."""

import re
from dataclasses import replace

import pytest

from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import HTMX, add, text_of
from kith.ui.panels import Panel, panels_of
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
people, companies, activities, deals = (registry[n] for n in ("person", "company", "activity", "deal"))


@pytest.fixture
def bellevue():
    return add(companies, actor("ines"), name="Hotel Bellevue Group")


def hotels(by, group, n=7, name="Hotel"):
    return [add(companies, by, name=f"{name} {i}", industry=f"Rooms {i}", parent=group.pk) for i in range(n)]


def test_rows_that_link_here_are_shown_newest_first_and_counted(browser, bellevue):
    hotels(actor("ines"), bellevue)
    text = text_of(browser("ines").get(f"/companies/{bellevue.pk}/panel/related"))
    assert "all 7" in text
    assert text.index("Hotel 6") < text.index("Hotel 4")
    assert "Hotel 3" not in text
    assert "Rooms 6" in text


def test_the_count_leads_to_the_list_of_exactly_those_rows(browser, bellevue):
    ines = actor("ines")
    hotels(ines, bellevue)
    add(companies, ines, name="Stranger")
    client = browser("ines")
    page = client.get(f"/companies/{bellevue.pk}/panel/related").content.decode()
    href = re.search(r'href="(/companies/\?[^"]+)"', page)[1].replace("&amp;", "&")
    listed = text_of(client.get(href))
    assert "Hotel 0" in listed
    assert "Stranger" not in listed


def test_rows_that_another_panel_shows_are_left_to_it(browser, bellevue):
    add(people, actor("ines"), given_name="Marta", company=bellevue.pk)
    client = browser("ines")
    assert "Marta" in text_of(client.get(f"/companies/{bellevue.pk}/panel/people"))
    related = client.get(f"/companies/{bellevue.pk}/panel/related", headers=HTMX).content.decode()
    assert "Marta" not in related and "/people/new" not in related


def test_a_deal_shows_its_amount_in_its_own_currency(browser, bellevue):
    add(registry["pipeline"], actor("astrid"), name="Sales")
    pipeline = registry["pipeline"].model.objects.get()
    if not registry["stage"].model.objects.exists():
        add(registry["stage"], actor("astrid"), pipeline=pipeline.pk, name="Discovery")
    add(deals, actor("ines"), name="Leak monitoring", amount="48600", currency="PLN", company=bellevue.pk)
    text = text_of(browser("ines").get(f"/companies/{bellevue.pk}/panel/related"))
    assert "Leak monitoring" in text
    assert re.search(r"PLN\s?48,600", text)


def test_rows_out_of_reach_are_neither_shown_nor_counted(browser):
    group = add(companies, actor("jonas"), name="Group of Jonas")
    hotels(actor("helena"), group, name="Secret")
    hotels(actor("jonas"), group, 1, name="Open")
    policy("member", "company", see="own", edit="own")
    text = text_of(browser("jonas").get(f"/companies/{group.pk}/panel/related"))
    assert "Open" in text
    assert "Secret" not in text
    assert "all " not in text


def test_archived_rows_are_left_out(browser, bellevue):
    from kith.kernel.records import actions

    (hotel,) = hotels(actor("ines"), bellevue, 1)
    client = browser("ines")
    assert "Hotel 0" in text_of(client.get(f"/companies/{bellevue.pk}/panel/related"))
    actions.archive(companies, hotel, by=actor("ines"))
    assert "Hotel 0" not in text_of(client.get(f"/companies/{bellevue.pk}/panel/related"))


def test_a_new_related_row_starts_with_the_link_filled_in(browser, bellevue):
    text = browser("ines").get(f"/companies/{bellevue.pk}/panel/related").content.decode()
    assert f'href="/companies/new?parent={bellevue.pk}"' in text
    assert "/companies/new" not in browser("rolf").get(f"/companies/{bellevue.pk}/panel/related").content.decode()


def test_a_package_brings_a_panel_that_refetches_itself(browser, bellevue, monkeypatch):
    def context(actor, row):
        return (
            {"reasons": [f"{actor.name} looks at {row.name}"], "hint": "for the test"} if row.name != "Empty" else None
        )

    made = Panel("hello", "Greetings", "pages/panel_why.html", context, depends_on=("deal",), place="main")
    monkeypatch.setattr(companies, "panels", (made,))
    client = browser("ines")
    page = client.get(f"/companies/{bellevue.pk}").content.decode()
    assert "Ines Okafor looks at Hotel Bellevue Group" in page
    assert f'data-live="company:{bellevue.pk} deal" data-live-src="/companies/{bellevue.pk}/panel/hello"' in page
    part = client.get(f"/companies/{bellevue.pk}/panel/hello", headers=HTMX).content.decode()
    assert part.strip().startswith('<div class="panel-host"')
    assert client.get(f"/companies/{bellevue.pk}/panel/nothing").status_code == 404
    empty = add(companies, actor("ines"), name="Empty")
    assert "hidden" in client.get(f"/companies/{empty.pk}/panel/hello", headers=HTMX).content.decode()


def test_a_panel_that_leads_stands_before_everything_else(browser, bellevue, monkeypatch):
    lead = Panel("hello", "Greetings", "pages/panel_why.html", lambda by, row: {"reasons": ["Say hello"]}, place="lead")
    monkeypatch.setattr(companies, "panels", (lead,))
    page = browser("ines").get(f"/companies/{bellevue.pk}").content.decode()
    assert page.index("Say hello") < page.index('<div class="record">') < page.index('id="facts"')


def test_a_dear_panel_is_fetched_after_the_page_and_is_a_link_without_a_script(browser, bellevue, monkeypatch):
    def context(actor, row):
        raise AssertionError("not with the page")

    monkeypatch.setattr(companies, "panels", (Panel("dear", "Dear", "pages/panel_why.html", context, lazy=True),))
    page = browser("ines").get(f"/companies/{bellevue.pk}").content.decode()
    assert f'hx-get="/companies/{bellevue.pk}/panel/dear" hx-trigger="load"' in page
    assert f'<a class="quiet small" href="/companies/{bellevue.pk}/panel/dear">' in page


def test_a_types_own_panel_takes_the_place_of_the_common_one(monkeypatch):
    own = replace(next(p for p in panels_of(companies) if p.key == "next"), title="What next")
    monkeypatch.setattr(companies, "panels", (own,))
    assert [p.title for p in panels_of(companies) if p.key == "next"] == ["What next"]


def test_picking_finds_rows_by_words_in_scope(browser, bellevue):
    add(companies, actor("helena"), name="Bella Secret")
    client = browser("ines")
    assert "Hotel Bellevue Group" in text_of(client.get("/pick/company?q=group bel"))
    policy("member", "company", see="own", edit="own")
    found = text_of(browser("ines").get("/pick/company?q=bel"))
    assert "Bellevue" in found
    assert "Secret" not in found
    assert "Bella" not in text_of(browser("ines").get("/pick/company"))


def test_the_quiet_word_beside_a_choice_does_not_name_rows_out_of_reach(browser):
    secret = add(companies, actor("helena"), name="Secret plc")
    add(people, actor("ines"), given_name="Marta", family_name="Kowalczyk", company=secret.pk)
    policy("member", "company", see="none", edit="none")
    assert "Secret" not in browser("ines").get("/pick/person?q=marta").content.decode()


@pytest.mark.parametrize(("target", "q", "found"), [
    ("user", "ok", "Ines Okafor"), ("team", "sou", "South"), ("country", "pol", "Poland"), ("country", "PL", "Poland"),
    ("currency", "zl", "PLN"), ("language", "pol", "Polish"), ("time-zone", "warsaw", "Europe/Warsaw"),
])  # fmt: skip
def test_colleagues_and_common_lists_can_be_picked(browser, target, q, found):
    if (target, q) == ("currency", "zl"):
        q = "polish"
    assert found in text_of(browser("ines").get(f"/pick/{target}?q={q}"))


def test_tags_in_use_are_offered_and_unknown_targets_are_not_there(browser):
    add(people, actor("ines"), given_name="Marta", tags="vip, hotels")
    client = browser("ines")
    assert "hotels" in text_of(client.get("/pick/tags/person?q=ho"))
    assert "vip" not in text_of(client.get("/pick/tags/person?q=ho"))
    assert client.get("/pick/tags/stage").status_code == 404
    assert client.get("/pick/nothing").status_code == 404
    assert "Nothing is called" in text_of(client.get("/pick/person?q=zzzz"))
