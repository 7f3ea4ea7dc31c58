"""Every kind of value, asked the same things: what it gives out it takes back, and rubbish is refused in a sentence."""

import datetime as dt
import json
import time
from decimal import Decimal

import pytest
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from kith.kernel.errors import Invalid
from kith.kernel.kinds import (
    Addresses,
    Bool,
    Choice,
    Choices,
    Country,
    Currency,
    Day,
    Duration,
    Email,
    Emails,
    Integer,
    LongText,
    Moment,
    Money,
    Number,
    Percent,
    Phone,
    Phones,
    Tags,
    Text,
    TimeZone,
    Url,
)

pytestmark = pytest.mark.django_db  # money asks the organisation for its currency

EVERY = [
    Text(), LongText(), Url(), Email(), Phone(region="PL"), Number(), Integer(), Percent(), Money(), Bool(),
    Choice({"hot": "Hot", "cold": "Cold"}), Country(), Currency(), TimeZone(), Day(), Moment(), Duration(), Emails(),
    Phones(region="PL"), Addresses(), Tags(), Choices(Choice({"hot": "Hot", "cold": "Cold"})),
]  # fmt: skip
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
VALUES = {
    "text": words.map(str.strip),
    "number": st.decimals(-(10**12), 10**12, places=4),
    "integer": st.integers(-(2**53), 2**53),
    "percent": st.decimals(-1000, 1000, places=2),
    "money": st.decimals(-(10**14), 10**14, places=2),
    "bool": st.booleans(),
    "choice": st.sampled_from(["hot", "cold", ""]),
    "country": st.sampled_from(["PL", "SE", "GB", ""]),
    "currency": st.sampled_from(["EUR", "SEK", "PLN"]),
    "day": st.dates(),
    "moment": st.datetimes(dt.datetime(1900, 1, 3), dt.datetime(9999, 12, 28)).map(
        lambda at: at.replace(second=0, microsecond=0, tzinfo=dt.UTC)
    ),
    "duration": st.integers(0, 9_999_999),
    "tags": st.lists(st.sampled_from(["vip", "north", "Größe", "leak map"]), unique=True),
    "choices": st.lists(st.sampled_from(["hot", "cold"]), unique=True),
}
VALUED = [kind for kind in EVERY if kind.name in VALUES]
NASTY = [
    "\x00", "\ud800", "a\x00b\udfff", "=1+1", "<script>alert(1)</script>", "0000-00-00", "9999-99-99", "31.31.2000", "NaN",
    "Infinity", "-1e999", "1e-999", "٣", "12 abc 3", "0x10", "{}", "[]", "null", "💧" * 300, "'" * 50, "%s%n", "../..",
]  # fmt: skip


def ids(kind):
    return kind.name


@pytest.mark.parametrize("kind", VALUED, ids=ids)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_a_kind_gives_out_it_takes_back(kind, data):
    value = kind.clean(data.draw(VALUES[kind.name]))
    with timezone.override(dt.UTC):
        assert kind.same(kind.parse(kind.edit(value)), value)
    stored = json.loads(json.dumps(kind.dump(value)))
    assert kind.same(kind.load(stored), value)
    assert isinstance(kind.show(value), str)


@pytest.mark.parametrize("kind", EVERY, ids=ids)
@settings(max_examples=60, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.sampled_from(NASTY)))
def test_any_words_become_a_clean_value_or_a_sentence(kind, text):
    try:
        value = kind.parse(text)
    except Invalid as refused:
        assert str(refused).endswith(".")
        return
    kept = json.dumps(kind.dump(value), ensure_ascii=False)
    assert "\\u0000" not in kept and kept.encode("utf-8")  # PostgreSQL takes neither NUL nor half a pair


@pytest.mark.parametrize("kind", EVERY, ids=ids)
@pytest.mark.parametrize("given", [5, 2.5, True, [], {}, [[]], [{}], {"value": {}}, [None], "", None], ids=repr)
def test_a_program_sends_the_right_type_or_hears_which_one_it_is(kind, given):
    try:
        kind.take(given)
    except Invalid as refused:
        assert str(refused).endswith(".")


@pytest.mark.parametrize("kind", EVERY, ids=ids)
def test_ten_megabytes_are_refused_at_once(kind):
    began = time.process_time()
    with pytest.raises(Invalid):
        kind.parse("7" * 10_000_000)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("kind", EVERY, ids=ids)
def test_nothing_given_is_not_known(kind):
    for nothing in ("", "   ", None):
        value = kind.parse(nothing)
        assert kind.same(value, kind.blank)
        assert kind.show(value) == ("no" if kind.name == "bool" else "")


@pytest.mark.parametrize(
    ("words", "figure"),
    [
        ("1234", "1234"), ("1 234,50", "1234.50"), ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("€ 12.000.000", "12000000"),
        ("1’234’567", "1234567"), ("-3", "-3"), ("0,5", "0.5"), ("1\u202f000,5", "1000.5"), ("1e3", "1000"),
    ],
)  # fmt: skip
def test_figures_are_read_as_people_write_them(words, figure):
    assert Number().parse(words) == Decimal(figure)


@pytest.mark.parametrize("words", ["1,234", "twelve", "12 abc 3", "1-2", "--5", "1e400", "12.34567"])
def test_figures_with_two_readings_or_none_are_refused(words):
    with pytest.raises(Invalid):
        Number().parse(words)


@pytest.mark.parametrize(
    ("kind", "too_much"),
    [(Integer(), 2**63), (Integer(low=0), -1), (Percent(), 1001), (Money(), 10**16), (Duration(), -5)],
)
def test_what_does_not_fit_is_refused_and_never_cut(kind, too_much):
    with pytest.raises(Invalid):
        kind.clean(too_much)


@pytest.mark.parametrize(
    ("words", "day"),
    [("2026-03-12", (2026, 3, 12)), ("12 Mar 2026", (2026, 3, 12)), ("31/12/2025", (2025, 12, 31)), ("0001-01-01", (1, 1, 1)),
     ("9999-12-31", (9999, 12, 31)), ("March 5, 2026", (2026, 3, 5))],
)  # fmt: skip
def test_days_are_read_when_they_have_one_reading(words, day):
    assert Day().parse(words) == dt.date(*day)


@pytest.mark.parametrize(
    "words", ["03/04/2026", "31.31.2000", "12 March", "0000-01-01", "soon", "2026-02-30", "10000-01-01"]
)
def test_days_with_two_readings_or_none_are_refused(words):
    with pytest.raises(Invalid):
        Day().parse(words)


def test_a_moment_without_an_offset_is_read_where_one_is():
    with timezone.override("Europe/Warsaw"):
        assert Moment().parse("2026-03-12 09:30") == dt.datetime(2026, 3, 12, 8, 30, tzinfo=dt.UTC)
        assert Moment().parse("2026-03-12T09:30+00:00") == dt.datetime(2026, 3, 12, 9, 30, tzinfo=dt.UTC)
    for edge in ("0001-01-01 00:00", "9999-12-31 23:59"):
        with pytest.raises(Invalid):
            Moment().parse(edge)


@pytest.mark.parametrize(("words", "minutes"), [("90", 90), ("45 m", 45), ("1 h 30 m", 90), ("2h", 120), ("0", 0)])
def test_lengths_of_time_are_minutes(words, minutes):
    assert Duration().parse(words) == minutes


def test_a_phone_number_is_kept_whole_and_shown_as_at_home():
    phone = Phone(region="PL")
    assert phone.parse("58 555 01 42") == phone.parse("+48 58 555-01-42") == "+48585550142"
    assert phone.show("+48585550142") == "+48 58 555 01 42"
    with pytest.raises(Invalid, match="write it with the country"):
        phone.parse("ask for Marta")


def test_several_addresses_are_one_list_without_doubles():
    got = Emails().parse("Marta@Bellevue.example; marta@bellevue.example, info@bellevue.example")
    assert [entry["value"] for entry in got] == ["Marta@Bellevue.example", "info@bellevue.example"]
    with pytest.raises(Invalid, match="50"):
        Emails().parse(",".join(f"a{n}@b.example" for n in range(51)))


@pytest.mark.parametrize(
    ("kind", "entry"),
    [(Emails(), {"value": "marta@bellevue.example"}), (Phones("PL"), {"value": "58 555 01 42"}), (Addresses(), {"city": "Gdańsk"})],
    ids=["e-mail", "phone", "address"],
)  # fmt: skip
def test_what_an_entry_is_for_is_kept_whole_or_refused(kind, entry):
    (kept,) = kind.clean([{**entry, "label": "x" * 40}])
    assert kept["label"] == "x" * 40
    with pytest.raises(Invalid, match="the most that fit are 40"):
        kind.clean([{**entry, "label": "reception of the northern warehouse, nights"}])


def test_a_choice_is_known_by_key_label_and_whatever_the_case():
    kind = Choice({"hot": "Very hot", "cold": "Cold"})
    assert {kind.parse(word) for word in ("hot", "HOT", "very hot")} == {"hot"}
    with pytest.raises(Invalid, match="Very hot, Cold"):
        kind.parse("lukewarm")


def test_a_country_is_read_by_code_in_english_and_in_the_readers_language():
    with translation.override("de"):
        assert {Country().parse(word) for word in ("DE", "Germany", "Deutschland")} == {"DE"}
    assert Country().parse("UK") == "GB"


def test_an_addresses_parts_are_kept_and_shown_in_order():
    office = {"street": "Długa 1", "city": "Gdańsk", "postcode": "80-827", "country": "PL", "label": "office"}
    (kept,) = Addresses().clean([office])
    assert kept["street"] == "Długa 1" and kept["country"] == "PL"
    assert Addresses().show([kept]) == "Długa 1, 80-827 Gdańsk, Poland"
    with pytest.raises(Invalid, match="300"):
        Addresses().clean([{"street": "x" * 301}])
