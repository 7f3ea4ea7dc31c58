"""What customers are worth is kept each night, shown on a page and in lists, and follows what its reader may see."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from kith.contacts.models import Company, Person
from kith.conversion.models import Order
from kith.insight.lifetime.keeping import keep
from kith.insight.models import Lifetime
from kith.kernel.access.actor import system
from kith.kernel.records import merge
from kith.kernel.records.registry import registry
from tests.cast import user

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 2, 2)


@pytest.fixture
def bought() -> tuple[Company, Person]:
    firm = Company.objects.create(name="Hafen Logistik", industry="Transport")
    mara = Person.objects.create(given_name="Mara", family_name="Vogt", source="Fair")
    Order.objects.bulk_create([
        Order(name="A", company=firm, placed_on=DAY, total=Decimal(500)), Order(name="B", company=firm, placed_on=DAY, total=Decimal(100)),
        Order(name="C", person=mara, placed_on=DAY, total=Decimal(40)),
    ])  # fmt: skip
    return firm, mara


def test_the_night_keeps_a_row_for_each_customer_and_a_second_one_changes_nothing(bought: Any) -> None:
    firm, mara = bought
    keep()
    rows = list(Lifetime.objects.order_by("spent").values_list("company", "person", "spent"))
    assert rows == [(None, mara.pk, Decimal(40)), (firm.pk, None, Decimal(600))]
    keep()
    assert list(Lifetime.objects.order_by("spent").values_list("company", "person", "spent")) == rows


def test_lists_of_companies_show_and_sort_what_they_spent(bought: Any) -> None:
    keep()
    record = registry["company"]
    columns = record.columns(system())
    rows = record.listing(record.rows(system()), [columns["lifetime_spent"]])
    assert [columns["lifetime_spent"].get(row) for row in rows] == [Decimal(600)]


def test_the_page_shows_groups_and_says_what_is_missing(bought: Any, client: Any) -> None:
    client.force_login(user("astrid"))
    assert "Nothing is worked out yet" in client.get("/reports/lifetime/").content.decode()
    keep()
    page = client.get("/reports/lifetime/?by=source").content.decode()
    assert "Too little to learn from" in page
    assert "Fair" in page
    assert "€640" in page
    assert "Transport" in client.get("/reports/lifetime/?by=industry").content.decode()


def test_the_page_says_what_became_of_orders_in_other_currencies(bought: Any, client: Any) -> None:
    client.force_login(user("astrid"))
    keep()
    assert "several currencies" not in client.get("/reports/lifetime/").content.decode()
    Order.objects.create(name="E", company=bought[0], placed_on=DAY, total=Decimal(50), currency="TRY")
    keep()
    assert "Left out for want of an exchange rate: 1 TRY." in client.get("/reports/lifetime/").content.decode()


def test_two_companies_that_become_one_keep_one_row_and_the_night_adds_them_up(bought: Any) -> None:
    firm, _mara = bought
    other = Company.objects.create(name="Hafen Logistik AG")
    Order.objects.create(name="D", company=other, placed_on=DAY, total=Decimal(50))
    keep()
    merge.merge(registry["company"], firm, [other], by=system())
    keep()
    assert Lifetime.objects.get(company=firm).spent == Decimal(650)
