"""`kith insight clv`: from orders to parameters, and what is said where there is little to say."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db.models import F

from kith.contacts.models import Company, Person
from kith.conversion.models import Order
from kith.insight.lifetime.orders import read_orders
from kith.insight.lifetime.telling import as_json, as_text, customers_of
from kith.insight.lifetime.tests.simulated import UNTIL, customers, spent
from kith.insight.lifetime.worth import work_out
from kith.kernel.access.actor import system
from kith.kernel.money.actions import set_rate

pytestmark = pytest.mark.django_db
BY = system()


def _order(day: dt.date, total: float, **more: Any) -> Order:
    return Order(name="Order", placed_on=day, total=Decimal(str(round(total, 2))), **more)


@pytest.fixture
def shop() -> list[Person]:
    """Six hundred people who buy as the models say, each purchase an order of its own."""
    rng = np.random.default_rng(5)
    told = spent(customers(600, r=0.6, alpha=4.5, a=0.8, b=2.4, seed=1), p=6.0, q=3.8, gamma=15.0, seed=2)
    people = Person.objects.bulk_create([Person(given_name="Mara", family_name=f"Vogt {n}") for n in range(600)])
    orders = []
    for n, person in enumerate(people):
        first = UNTIL - dt.timedelta(days=int(told.known[n] * 7))
        on = [
            0,
            *sorted(
                rng.choice(
                    np.arange(1, max(int(told.last[n] * 7), 1) + int(told.x[n]) + 1), int(told.x[n]), replace=False
                )
            ),
        ]
        value = told.mean[n] or 5.0
        orders += [_order(min(first + dt.timedelta(days=int(d)), UNTIL), value, person=person) for d in on]
    Order.objects.bulk_create(orders)
    return people


def test_orders_give_parameters_likelihoods_and_a_range_for_everybody(shop: list[Person]) -> None:
    out = work_out(read_orders(BY, UNTIL), UNTIL)
    data = json.loads(json.dumps(as_json(out)))
    assert data["customers"] == 600
    assert data["thin"] is None
    assert all(data["parameters"][name] > 0 for name in ("r", "alpha", "a", "b", "p", "q", "gamma"))
    assert data["log_likelihood"]["bg_nbd"] < 0
    assert data["expected"]["low"] < data["expected"]["value"] < data["expected"]["high"]
    rows = customers_of(out)
    assert len(rows) == 600
    assert all(0 <= row["low"] <= row["expected"] <= row["high"] for row in rows)
    assert sum(row["expected"] for row in rows) == pytest.approx(data["expected"]["value"], abs=0.01)
    assert "BG/NBD" in as_text(out)


def test_orders_after_the_day_asked_for_change_nothing(shop: list[Person]) -> None:
    before = as_json(work_out(read_orders(BY, UNTIL), UNTIL))
    Order.objects.bulk_create([_order(UNTIL + dt.timedelta(days=3), 900, person=shop[0])])
    assert as_json(work_out(read_orders(BY, UNTIL), UNTIL)) == before


def test_few_customers_who_came_back_are_said_to_be_too_few() -> None:
    mara = Person.objects.create(given_name="Mara", family_name="Vogt")
    day = dt.date(2026, 1, 5)
    Order.objects.bulk_create([_order(day + dt.timedelta(weeks=n), 40, person=mara) for n in range(3)])
    data = as_json(work_out(read_orders(BY)))
    assert data["thin"].startswith("Too little to learn from: 1 customers")
    assert data["parameters"]["r"] is None
    assert data["expected"]["value"] is None
    assert data["expected"]["spent"] == 120


def test_no_orders_at_all_are_no_error() -> None:
    data = as_json(work_out(read_orders(BY)))
    assert data["orders"] == data["customers"] == 0


def test_people_of_a_company_buy_for_it_and_unknown_currencies_are_left_out_and_counted() -> None:
    firm = Company.objects.create(name="Hafen Logistik")
    mara = Person.objects.create(given_name="Mara", family_name="Vogt", company=firm)
    day = dt.date(2026, 1, 5)
    Order.objects.bulk_create([
        _order(day, 40, person=mara), _order(day, 60, company=firm), _order(day, 10, company=firm, currency="XTS"), _order(day, 5),
    ])  # fmt: skip
    orders = read_orders(BY)
    assert orders.purchases == [(f"c{firm.pk}", day, 100.0)]
    assert (orders.unrated, orders.nobody) == (1, 1)


def test_orders_in_another_currency_give_the_same_fit_at_the_rate_of_their_day_and_it_is_said(
    shop: list[Person],
) -> None:
    before = as_json(work_out(read_orders(BY, UNTIL), UNTIL))
    assert before["currencies"] == {"EUR": {"orders": before["orders"], "without_rate": 0}}
    assert "currencies" not in as_text(work_out(read_orders(BY, UNTIL), UNTIL))
    set_rate(currency="SEK", day=UNTIL - dt.timedelta(days=2000), rate=Decimal("0.1"), by=BY)
    abroad = Order.objects.filter(person__in=shop[:200])
    n = abroad.update(currency="SEK", total=F("total") * 10)
    Order.objects.bulk_create([_order(UNTIL, 700, person=shop[0], currency="TRY")])
    out = work_out(read_orders(BY, UNTIL), UNTIL)
    after = as_json(out)
    assert after["parameters"] == pytest.approx(before["parameters"], rel=1e-6)
    assert after["log_likelihood"] == pytest.approx(before["log_likelihood"], rel=1e-9)
    assert after["expected"]["value"] == pytest.approx(before["expected"]["value"], rel=1e-6)
    assert after["currencies"]["SEK"] == {"orders": n, "without_rate": 0}
    assert after["currencies"]["TRY"] == {"orders": 1, "without_rate": 1}
    assert after["left_out"]["without_rate"] == 1
    home = before["orders"] - n
    assert f"Orders in several currencies ({home} EUR, {n} SEK) are counted together in EUR" in as_text(out)
    assert "Left out for want of an exchange rate: 1 TRY." in as_text(out)


def test_contracts_bring_their_worth_a_year_times_the_chance_that_they_still_run() -> None:
    firms = Company.objects.bulk_create([Company(name=f"Firm {n}") for n in range(40)])
    began = dt.date(2024, 1, 1)
    Order.objects.bulk_create([
        _order(began, 1200, company=firm, yearly=1200, starts_on=began, ended_on=dt.date(2025, 1, 1) if n < 20 else None)
        for n, firm in enumerate(firms)
    ])  # fmt: skip
    out = work_out(read_orders(BY, dt.date(2026, 1, 1)), dt.date(2026, 1, 1))
    assert out.survival.rate == pytest.approx(20 / 60, rel=0.01)
    assert out.survival.low < 20 / 60 < out.survival.high
    running, gone = out.customers[f"c{firms[30].pk}"], out.customers[f"c{firms[3].pk}"]
    assert running.expected == pytest.approx(1200 * (1 - np.exp(-out.survival.rate)) / out.survival.rate)
    assert running.low is not None
    assert running.high is not None
    assert running.low < running.expected < running.high
    assert gone.expected is None
    assert gone.yearly == 0


def test_revenue_of_existing_customers_costs_what_campaigns_to_them_cost() -> None:
    from kith.awareness.models import Campaign, CostLine, Member
    from kith.insight.lifetime.costs import costs_of

    today = dt.date(2026, 6, 30)
    old = Person.objects.create(given_name="Mara", customer_since=today - dt.timedelta(days=300))
    fresh = Person.objects.create(given_name="Jon")
    for person, days, total in ((old, 300, 100), (old, 20, 400), (fresh, 10, 50)):
        Order.objects.bulk_create([_order(today - dt.timedelta(days=days), total, person=person)])
    fair = Campaign.objects.create(name="Fair", key="fair")
    at = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    Member.objects.create(campaign=fair, person=old, since=at)
    Member.objects.create(campaign=fair, person=fresh, since=at)
    CostLine.objects.create(campaign=fair, day=dt.date(2026, 6, 1), amount=Decimal(80))
    lonely = Campaign.objects.create(name="Poster", key="poster")
    CostLine.objects.create(campaign=lonely, day=dt.date(2026, 6, 1), amount=Decimal(7))
    found = costs_of(BY, today)
    assert (found.new.revenue, found.existing.revenue) == (Decimal(150), Decimal(400))
    assert (found.new.cost, found.existing.cost, found.apart) == (Decimal(40), Decimal(40), Decimal(7))
    assert found.existing.each == 0.1
