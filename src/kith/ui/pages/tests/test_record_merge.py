"""Merging in the browser: rows beside each other, and one undo for all of it."""

import re

import pytest

from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import add, form_of, text_of
from tests.cast import actor

pytestmark = pytest.mark.django_db
people = registry["person"]


def test_the_page_after_a_merge_offers_to_take_it_back(browser):
    ines, client = actor("ines"), browser("ines")
    marta, double = (add(people, ines, given_name="Marta", family_name=name) for name in ("Kowalczyk", "Kowalczik"))
    answer = client.post("/people/merge", {"ids": f"{marta.pk},{double.pk}", "keep": marta.pk})
    assert answer.status_code == 303 and answer["Location"] == f"/people/{marta.pk}"
    page = client.get(answer["Location"])
    assert "Merged. It can be undone" in text_of(page)
    undo = re.search(r'data-undo="(/operations/\d+/undo)"', page.content.decode())[1]
    client.post(undo)
    assert "Kowalczik" in text_of(client.get(f"/people/{double.pk}"))


@pytest.mark.parametrize("slug", ["people", "companies"])
def test_two_rows_side_by_side_are_told_apart_instead_and_it_can_be_taken_back(browser, slug):
    ines, client = actor("ines"), browser("ines")
    record = registry.by_slug(slug)
    named = {"given_name": "Jan", "family_name": "Novák"} if slug == "people" else {"name": "Hotel"}
    one, two = add(record, ines, **named), add(record, ines, **named)
    page = client.get(f"/{slug}/merge?ids={one.pk},{two.pk}")
    assert str(record.apart.label) in text_of(page)
    form = form_of(page, f"/{slug}/{one.pk}/do/tell_apart")
    answer = client.post(f"/{slug}/{one.pk}/do/tell_apart", form)
    assert answer.status_code == 303 and answer["Location"] == f"/{slug}/"
    assert record.duplicates(ines, named, own=two.pk) == []
    undo = re.search(r'data-undo="(/operations/\d+/undo)"', client.get(f"/{slug}/").content.decode())[1]
    client.post(undo)
    assert [row for row, _why in record.duplicates(ines, named, own=two.pk)] == [one]


def test_of_three_rows_nobody_says_which_two_are_two(browser):
    ines, client = actor("ines"), browser("ines")
    pks = [add(people, ines, given_name="Jan", family_name="Novák").pk for _n in range(3)]
    assert "They are two people" not in text_of(client.get(f"/people/merge?ids={','.join(map(str, pks))}"))


def test_more_rows_than_can_be_merged_are_refused_and_none_is_left_out_unsaid(browser):
    ines = actor("ines")
    pks = [add(people, ines, given_name="Jan", family_name="Novák").pk for _n in range(21)]
    answer = browser("ines").get(f"/people/merge?ids={','.join(map(str, pks))}")
    assert answer.status_code == 422
    assert "Choose at most 20 rows" in text_of(answer)


def test_what_has_no_look_alikes_is_not_merged(browser):
    assert browser("ines").get("/deals/merge?ids=1,2").status_code == 404
