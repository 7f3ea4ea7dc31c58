"""What people write as a number or a date, and what is refused because it means neither or two things."""

import datetime as dt
from decimal import Decimal

import pytest

from kith.kernel.errors import Invalid
from kith.kernel.kinds import Day, Integer, Moment, Number
from kith.kernel.kinds.number import read_decimal
from kith.kernel.records.registry import registry


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("12", "12"), ("-5", "-5"), ("- 5", "-5"), ("+7", "7"), ("0.5", "0.5"), (".5", "0.5"), ("1e3", "1000"),
        ("1 234,5", "1234.5"), ("1\u202f234\u00a0567", "1234567"), ("1,234.50", "1234.50"), ("1.234,50", "1234.50"),
        ("1,234,567", "1234567"), ("1.234.567", "1234567"), ("12,34,567", "1234567"), ("1'234'567.5", "1234567.5"),
        ("€ 12.000", "12.000"), ("12,5 %", "12.5"), ("12 EUR", "12"), ("EUR 12", "12"), ("1 234 567 EUR", "1234567"),
        ("-1,234.00", "-1234.00"), ("0,125", "0.125"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(said, meant):
    assert read_decimal(said) == Decimal(meant)


@pytest.mark.parametrize("said", ["1,2,3", "1.2.3", "1 2 3", "12 34", "1,2.5", "1,,234", "1,2345,678", "1,234,56"])
def test_figures_that_are_not_parted_in_threes_are_not_one_number(said):
    with pytest.raises(Invalid) as refused:
        Number().parse(said)
    assert f"“{said}” is not one number" in refused.value.message


@pytest.mark.parametrize("said", ["banana", "12-34", "12 abc 3", "--5", "1e9999999999", "."])
def test_what_is_no_number_is_refused_in_words(said):
    with pytest.raises(Invalid):
        Number().parse(said)


def test_a_number_with_two_readings_is_refused():
    with pytest.raises(Invalid) as refused:
        Number().parse("1,234")
    assert "can be read in two ways" in refused.value.message


@pytest.mark.django_db
def test_a_year_is_shown_without_a_thousands_mark():
    assert Integer().show(2012) == "2,012"
    assert Integer(grouped=False).show(2012) == "2012"
    assert registry["company"].columns()["founded"].kind.show(2012) == "2012"
    assert registry["company"].columns()["employees"].kind.show(2012) == "2,012"
    assert registry["company"].columns()["id"].kind.show(2012) == "2012"


@pytest.mark.parametrize(
    "said",
    [
        "2026-03-12",
        "2026-03-12 ",
        "2026-03-12T09:30",
        "2026-03-12 09:30:15.5+01:00",
        "2026-03-12 10:00 PM",
        "2026-03-12 00:00:00 UTC",
    ],
)
def test_a_day_may_be_followed_by_a_time(said):
    assert Day().parse(said) == dt.date(2026, 3, 12)


@pytest.mark.parametrize("kind", [Day(), Moment()])
@pytest.mark.parametrize(
    "said", ["2026-03-12 banana", "2026-03-12banana", "2026-03-12 25:99", "2026-03-125", "2026-13-40"]
)
def test_words_after_a_day_are_refused(kind, said):
    with pytest.raises(Invalid) as refused:
        kind.parse(said)
    assert refused.value.message == f"“{said}” is not a date; write it as 2026-03-12."


@pytest.mark.parametrize(
    ("word", "words"),
    [("-30d", "30 days ago"), ("-1d", "1 day ago"), ("+2w", "2 weeks from now"), ("+1m", "1 month from now"),
     ("-1y", "1 year ago"), ("+0d", "today"), ("today", "today")],
)  # fmt: skip
def test_a_day_at_a_distance_is_said_in_words(word, words):
    before = Day().operators()["before"]
    assert Day().say(before, word) == words
