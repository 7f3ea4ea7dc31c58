"""Prices that step by year."""

from decimal import Decimal

import pytest

from kith.kernel.errors import Invalid
from kith.kernel.money.steps import price_in, read_steps, stepping, steps_of


def test_prices_are_kept_as_they_are_meant_however_they_are_written():
    assert read_steps(" 52;55,50 ") == read_steps("52.00\n55.5") == "52.00; 55.50"
    assert steps_of(read_steps("52; 55,50")) == [Decimal(52), Decimal("55.5")]
    assert read_steps("") == "" and steps_of("") == []


@pytest.mark.parametrize("words", ["much", "52; -1", "5.123", ";".join("9" * 11)])
def test_what_is_no_price_is_refused_in_words(words):
    with pytest.raises(Invalid, match=r"such as 52; 55|at most") as refused:
        read_steps(words)
    assert refused.value.field == "ramp"


def test_the_last_step_holds_for_good():
    assert [price_in(Decimal(49), "52.00; 55.00", year) for year in range(5)] == [49, 52, 55, 55, 55]
    assert price_in(Decimal(49), "", 7) == 49


def test_the_same_price_again_is_no_step():
    assert stepping(Decimal(49), "49.00; 49.00") == "" == stepping(Decimal(49), "")
    assert stepping(Decimal(49), "49.00; 52.00") == "49.00; 52.00"
