"""Merging in the browser: rows beside each other, and one undo for all of it."""

import re

import pytest

from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import add, text_of
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
