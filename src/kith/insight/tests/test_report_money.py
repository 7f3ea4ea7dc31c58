"""Amounts of several currencies in a report: added only at the rate of the day each deal closed, never without one."""

import datetime as dt
from decimal import Decimal

import pytest

from kith.insight.reports import as_json
from kith.insight.tests.asking import closed, report, table, values
from kith.kernel.money.actions import set_rate
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def rate(day, worth, code="USD"):
    set_rate(currency=code, rate=Decimal(worth), day=dt.date.fromisoformat(day), by=actor("astrid"))


def test_each_deal_is_worth_what_its_money_was_worth_on_the_day_it_closed():
    rate("2025-01-01", "0.90")
    rate("2025-07-01", "0.80")
    closed("Spring", "won", "2025-06-30", 1000, "USD")
    closed("Summer", "won", "2025-07-01", 1000, "USD", owner="jonas")
    closed("Home", "won", "2025-07-02", "101.00", owner="jonas")
    out = report(period="2025", by="owner,month")
    assert values(out, "won_value") == (Decimal("1801"),)
    assert out.figures["won_value"].totals.by_currency == {"USD": 2000, "EUR": 101}
    assert out.figures["won_value"].note() == "$2,000 + €101, at the rate of the day"
    assert table(out, "owner", "won_value") == {"Ines Okafor": (900,), "Jonas Lindqvist": (901,)}
    months = table(out, "month", "won_value")
    assert (months["Jun 2025"], months["Jul 2025"]) == ((900,), (901,))


def test_cents_are_rounded_once_and_not_deal_by_deal():
    rate("2025-01-01", "0.333333")
    for n in range(3):
        closed(f"Sensor {n}", "won", "2025-03-01", "0.10", "USD")
    closed("Home", "won", "2025-03-01", "1.00")
    assert values(report(period="2025"), "won_value") == (Decimal("1.10"),)


def test_where_a_rate_is_missing_nothing_is_added_and_it_is_said():
    rate("2025-07-01", "0.80")
    closed("Too early", "won", "2025-06-30", 1000, "USD")
    closed("Home", "won", "2025-06-30", 500)
    told = report(period="2025").figures["won_value"]
    assert (told.value, told.show()) == (None, "$1,000 + €500")
    assert told.note() == "No exchange rate for USD, so these are not added up."
    data = as_json(report(period="2025"))["figures"]["won_value"]
    assert (data["value"], data["by_currency"], data["without_rate"]) == (None, {"USD": "1000.00", "EUR": "500.00"}, ["USD"])  # fmt: skip
    assert told.plain() == "1000.00 USD + 500.00 EUR"


def test_one_currency_alone_needs_no_rate():
    closed("A", "won", "2025-06-30", 1000, "USD")
    closed("B", "won", "2025-08-30", "50.25", "USD")
    told = report(period="2025").figures["won_value"]
    assert (told.value, told.totals.currency, told.note()) == (Decimal("1050.25"), "USD", "")


def test_a_group_with_a_missing_rate_does_not_spoil_the_others_and_stands_last():
    closed("Dollars", "won", "2025-06-30", 9000, "USD", owner="jonas")
    closed("Euros of Jonas", "won", "2025-06-30", 1, owner="jonas")
    closed("Euros", "won", "2025-06-30", 700)
    out = report(period="2025", by="owner")
    assert [(r.label, r.figures["won_value"].value) for r in out.tables["owner"].rows] == [
        ("Ines Okafor", 700),
        ("Jonas Lindqvist", None),
    ]


def test_deals_without_an_amount_count_as_won_and_bring_nothing():
    closed("Unknown", "won", "2025-06-30")
    closed("Known", "won", "2025-06-30", 10)
    closed("Lost", "lost", "2025-06-30", 99)
    out = report(period="2025")
    assert values(out, "won", "won_value") == (2, 10)
    assert out.figures["won_value"].count == 2


def test_negative_and_huge_amounts_are_added_exactly():
    closed("Credit note", "won", "2025-06-30", "-0.01")
    closed("Huge", "won", "2025-06-30", "9999999999999999.99")
    closed("Huge too", "won", "2025-06-30", "9999999999999999.99")
    assert values(report(period="2025"), "won_value") == (Decimal("19999999999999999.97"),)


def test_the_page_says_that_a_rate_is_missing(client):
    closed("Dollars", "won", "2025-06-30", 1000, "USD")
    closed("Euros", "won", "2025-06-30", 500)
    client.force_login(user("astrid"))
    body = client.get("/reports/deals/?period=2025").content.decode()
    assert "$1,000 + €500" in body
    assert "No exchange rate for USD, so these are not added up." in body
    assert "€1,500" not in body
