import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.kernel.errors import Invalid, NeedsInput, NotAllowed
from kith.kernel.kinds import Money
from kith.kernel.money.actions import set_rate
from kith.kernel.money.amounts import show_money
from kith.kernel.money.models import ExchangeRate
from kith.kernel.money.queries import rate
from kith.kernel.money.totals import convert, total
from kith.kernel.organisation.models import Organisation, bump, refresh
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from tests.cast import actor

pytestmark = pytest.mark.django_db
JUNE, JULY = dt.date(2025, 6, 1), dt.date(2025, 7, 1)


def test_a_rate_counts_from_its_day_until_the_next_one():
    astrid = actor("astrid")
    set_rate(currency="USD", rate=Decimal("0.90"), day=JUNE, by=astrid)
    set_rate(currency="USD", rate=Decimal("0.95"), day=JULY, by=astrid)
    assert rate("USD", JUNE - dt.timedelta(1)) is None
    assert rate("USD", JUNE) == rate("USD", JULY - dt.timedelta(1)) == Decimal("0.90")
    assert rate("USD", JULY) == rate("USD") == Decimal("0.95")
    assert rate("EUR") == rate("") == 1


def test_a_rate_said_twice_for_a_day_is_corrected_not_doubled_and_counts_at_once():
    astrid = actor("astrid")
    perform(set_rate, None, {"currency": "usd", "rate": "0.90"}, by=astrid)
    assert rate("USD") == Decimal("0.90")
    corrected = perform(set_rate, None, {"currency": "USD", "rate": "0.93"}, by=astrid)
    assert (rate("USD"), ExchangeRate.objects.count()) == (Decimal("0.93"), 1)
    undo(corrected.operation, by=astrid)
    assert rate("USD") == Decimal("0.90")


def test_nonsense_rates_are_refused_in_words():
    astrid = actor("astrid")
    with pytest.raises(Invalid, match="above zero"):
        set_rate(currency="USD", rate=Decimal(0), by=astrid)
    with pytest.raises(Invalid, match="needs no rate"):
        set_rate(currency="EUR", rate=Decimal(1), by=astrid)
    with pytest.raises(NeedsInput, match="“Doubloon” is not a currency; write its three letters"):
        perform(set_rate, None, {"currency": "Doubloon", "rate": "3"}, by=astrid)


def test_only_those_who_manage_settings_set_rates():
    with pytest.raises(NotAllowed):
        perform(set_rate, None, {"currency": "USD", "rate": "1"}, by=actor("ines"))


def test_rates_come_in_through_the_generic_faces_too():
    astrid = actor("astrid")
    record = registry["rate"]
    values = actions.parse_values(record, {"currency": "SEK", "rate": "0.088", "day": "2025-06-01"}, by=astrid)
    made = actions.create(record, values, by=astrid)
    assert (made.base, str(made), rate("SEK", JUNE)) == ("EUR", "1 SEK = 0.088 EUR", Decimal("0.088"))
    actions.archive(record, made, by=astrid)
    assert rate("SEK", JUNE) is None


def test_rates_into_a_former_currency_of_the_organisation_are_left_unused():
    set_rate(currency="USD", rate=Decimal("0.90"), by=actor("astrid"))
    Organisation.objects.update(currency="SEK")
    bump()
    assert rate("USD") is None
    assert rate("SEK") == 1


def test_currencies_are_never_added_without_a_rate():
    set_rate(currency="USD", rate=Decimal("0.9"), by=actor("astrid"))
    known = total([(Decimal(1000), "EUR"), (Decimal(500), "USD"), (None, "EUR"), (Decimal(10), "")])
    assert known.by_currency == {"EUR": 1010, "USD": 500}
    assert (known.converted, known.show()) == (1460, "€1,460")
    assert known.note() == "€1,010 + $500, at the rate of the day"
    split = total([(Decimal("100.50"), "EUR"), (Decimal("1200.25"), "USD")])
    assert (split.show(), split.note()) == ("€1,181", "$1,200.25 + €100.50, at the rate of the day")
    unknown = total([(Decimal(1000), "EUR"), (Decimal(7000), "SEK")])
    assert (unknown.converted, unknown.missing) == (None, ("SEK",))
    assert unknown.show() == "SEK\N{NO-BREAK SPACE}7,000 + €1,000"
    assert unknown.note() == "No exchange rate for SEK, so these are not added up."


def test_amounts_in_sentences_keep_their_cents_and_those_in_lists_do_not():
    refresh()  # as a request does: another test may have counted in another currency
    kind = Money()
    assert kind.show(Decimal("100.50")) == "€100.50"
    assert kind.show(Decimal("987654321098.75"), "USD") == "$987,654,321,098.75"
    assert kind.show(Decimal("1200.00")) == "€1,200"
    assert kind.show(Decimal("1200.50"), brief=True) == "€1,200"
    assert show_money(Decimal("1200.5"), "JPY", exact=True) in ("¥1,200", "¥1,201")  # no cents to lose


def test_what_is_closed_keeps_the_rate_of_its_day():
    astrid = actor("astrid")
    set_rate(currency="USD", rate=Decimal("0.5"), day=JUNE, by=astrid)
    set_rate(currency="USD", rate=Decimal("2"), day=JULY, by=astrid)
    assert total([(Decimal(100), "USD", JUNE)]).converted == 50
    assert total([(Decimal(100), "USD")]).converted == 200
    assert convert(Decimal(100), "USD", JUNE) == 50
    assert convert(Decimal(100), "USD", JUNE - dt.timedelta(1)) is None


AMOUNTS = st.decimals(Decimal(-(10**9)), Decimal(10**9), places=2)
PAIRS = st.lists(
    st.tuples(st.one_of(st.none(), AMOUNTS), st.sampled_from(["", "EUR", "USD", "SEK", "JPY"])), max_size=30
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pairs=PAIRS, others=PAIRS)
def test_totals_split_exactly_and_convert_to_within_a_cent(pairs, others, rates):
    """By currency sums are exact and add up over any partition; the converted figure is the exact one rounded once."""
    whole, a, b = total(pairs + others), total(pairs), total(others)
    for code in whole.by_currency:
        assert whole.by_currency[code] == a.by_currency.get(code, 0) + b.by_currency.get(code, 0)
    used = {code or "EUR" for amount, code in pairs + others if amount is not None}
    assert set(whole.by_currency) == used
    if used == {"JPY"}:  # nothing is added across currencies, so no rate is needed
        assert (whole.converted, whole.currency, whole.missing) == (whole.by_currency["JPY"], "JPY", ())
    elif "JPY" in used:
        assert whole.converted is None
        assert whole.missing == ("JPY",)
    else:
        exact = sum(
            (amount * rates[code or "EUR"] for amount, code in pairs + others if amount is not None), Decimal(0)
        )
        assert abs(whole.converted - exact) <= Decimal("0.005")


@pytest.fixture
def rates():
    astrid = actor("astrid")
    known = {"USD": Decimal("0.91234567"), "SEK": Decimal("0.08765432")}
    for code, value in known.items():
        set_rate(currency=code, rate=value, day=timezone.localdate(), by=astrid)
    return {"EUR": Decimal(1), **known}
