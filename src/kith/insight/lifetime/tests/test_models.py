"""The models of repeat purchases find the parameters that customers were made from, and predict what those do next."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import numpy as np
import pytest

from kith.insight.lifetime import purchases, spending
from kith.insight.lifetime.histories import Histories, histories_of
from kith.insight.lifetime.tests.simulated import customers, later, spent

TRUE = {"r": 0.25, "alpha": 4.5, "a": 0.8, "b": 2.4}
WORTH = {"p": 6.0, "q": 3.8, "gamma": 15.0}


@pytest.fixture(scope="module")
def many() -> Histories:
    return spent(customers(20_000, **TRUE, seed=7), **WORTH, seed=8)


def test_bg_nbd_finds_the_parameters_within_three_standard_errors(many: Histories) -> None:
    found = purchases.fit_purchases(many)
    assert found.converged, found.why
    assert found.errors is not None
    for name, true in TRUE.items():
        assert abs(found[name] - true) < 3 * found.errors[name], (name, found[name], found.errors[name])


def test_gamma_gamma_finds_the_parameters_within_three_standard_errors(many: Histories) -> None:
    found = spending.fit_spending(many)
    assert found.converged, found.why
    assert found.errors is not None
    for name, true in WORTH.items():
        assert abs(found[name] - true) < 3 * found.errors[name], (name, found[name], found.errors[name])


@pytest.mark.parametrize("model", [purchases, spending], ids=["purchases", "spending"])
def test_the_slopes_are_those_of_the_likelihoods(model: Any, many: Histories) -> None:
    likelihood, at = model.likelihood_of(many), np.log(np.array(model.STARTS[0]))
    _value, slope = likelihood(at)
    for n in range(len(at)):
        step = np.zeros(len(at))
        step[n] = 1e-5
        rise = (likelihood(at + step)[0] - likelihood(at - step)[0]) / 2e-5
        assert slope[n] == pytest.approx(rise, rel=1e-4)


def test_what_is_expected_is_what_such_customers_then_buy(many: Histories) -> None:
    values = np.array(list(TRUE.values()))
    told = float(purchases.expected(values, many, 39.0).mean())
    assert told == pytest.approx(later(many, **TRUE, seed=99, weeks=39.0), rel=0.08)


def test_who_came_very_often_gets_a_finite_figure() -> None:
    told = Histories(
        [1, 2], np.array([900.0, 3.0]), np.array([51.9, 2.0]), np.array([52.0, 52.0]), np.zeros(2), dt.date(2026, 1, 1)
    )
    values = np.array(list(TRUE.values()))
    often, seldom = purchases.expected(values, told, 52.0)
    assert 100 < often < 900
    assert 0 < seldom < 5
    stays = purchases.alive(values, told)
    assert stays[0] > 0.99
    assert stays[1] < 0.9


def test_a_day_counts_once_and_the_first_purchase_is_no_repeat() -> None:
    day = dt.date(2026, 1, 1)
    told = histories_of(
        [("Mara", day, 10.0), ("Mara", day, 5.0), ("Mara", day + dt.timedelta(7), 20.0), ("Mara", day + dt.timedelta(21), 40.0),
         ("Jon", day + dt.timedelta(14), 8.0), ("Jon", day + dt.timedelta(90), 8.0)],
        until=day + dt.timedelta(28),
    )  # fmt: skip
    assert told.customers == ["Mara", "Jon"]
    assert list(told.x) == [2, 0]
    assert list(told.last) == [3, 0]
    assert list(told.known) == [4, 2]
    assert list(told.mean) == [30, 0]


def test_without_a_last_day_the_last_purchase_ends_the_history() -> None:
    day = dt.date(2026, 1, 1)
    told = histories_of([("Mara", day, 1.0), ("Jon", day + dt.timedelta(70), 1.0)])
    assert list(told.known) == [10, 0]


def test_a_hundred_thousand_customers_are_fitted_within_a_minute() -> None:
    told = spent(customers(100_000, **TRUE, seed=3), **WORTH, seed=4)
    began = time.monotonic()
    assert purchases.fit_purchases(told).converged
    assert spending.fit_spending(told).converged
    assert time.monotonic() - began < 60
