"""Credits add up to what was booked, to the cent, whatever the model; what no touch explains is said to be unknown."""

import datetime as dt
import json
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kith.awareness.models import Touch
from kith.deals.actions import win
from kith.deals.tests.cast import deal, reason
from kith.insight.attribution.credits import MODELS, part, weights
from kith.insight.attribution.report import as_json, make, read_ask
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from tests.cast import actor, policy, user

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
MOMENTS = st.lists(st.integers(0, 3_000_000), min_size=1, max_size=30).map(
    lambda minutes: [NOW - dt.timedelta(minutes=m) for m in sorted(minutes, reverse=True)]
)
people, deals = registry["person"], registry["deal"]


@given(st.sampled_from(sorted(MODELS)), MOMENTS, st.integers(-10_000_000_00, 10_000_000_00), st.integers(1, 3650))
def test_whatever_the_model_the_parts_add_up_to_the_cent(model, moments, cents, half_life):
    shares = weights(model, moments, NOW, half_life)
    parts = part(cents, shares)
    assert len(shares) == len(parts) == len(moments)
    assert sum(parts) == cents and all(x * cents >= 0 for x in parts)
    exact = [Fraction(cents) * share / sum(shares) for share in shares]
    assert all(abs(x - y) < 1 for x, y in zip(parts, exact, strict=True))


def test_each_model_counts_as_it_says():
    days = [NOW - dt.timedelta(days=n) for n in (60, 30, 10, 0)]
    said = {
        model: [round(float(w / sum(ws)), 3) for w in ws] for model in MODELS for ws in [weights(model, days, NOW, 30)]
    }
    assert said["first"] == [1, 0, 0, 0] and said["last"] == [0, 0, 0, 1] and said["linear"] == [0.25] * 4
    assert said["position"] == [0.4, 0.1, 0.1, 0.4]
    assert said["decay"][0] * 2 == pytest.approx(said["decay"][1], abs=0.002)
    assert [float(w) for w in weights("position", days[:2], NOW)] == [1, 1] and weights("position", days[:1], NOW) == [
        1
    ]


def test_what_rounding_leaves_goes_to_the_largest_remainder():
    assert part(100, [Fraction(1)] * 3) == [34, 33, 33]
    assert (
        part(5, [Fraction(1), Fraction(5), Fraction(4)]) == [1, 2, 2]
        or sum(part(5, [Fraction(1), Fraction(5), Fraction(4)])) == 5
    )
    assert part(-100, [Fraction(1)] * 3) == [-34, -33, -33] and part(0, [Fraction(1)] * 2) == [0, 0]


# --- the report -------------------------------------------------------------------------------------------------------

pytestmark = []


@pytest.fixture
def ines(db):
    return actor("ines")


def person(by, name, company=None):
    return create(people, {"given_name": name, "company": company}, by=by)


def touch(who, channel, days, source="", campaign=None):
    at = timezone.now() - dt.timedelta(days=days)
    return Touch.objects.create(person=who, channel=channel, source=source, campaign=campaign, through="form", at=at)


def won(by, amount, **values):
    made = deal(
        by,
        amount=Decimal(amount),
        currency="EUR",
        stage="Verbal yes",
        opened_on=timezone.localdate() - dt.timedelta(days=60),
        **values,
    )
    return win(made, reason=reason("Speed", "won"), closed_on=timezone.localdate() - dt.timedelta(days=1), by=by)


def credits(out):
    return {row.label: row.cents for row in out.rows}


def test_money_goes_to_the_touches_of_the_contact_and_their_company_and_the_rest_is_unknown(ines):
    company = create(registry["company"], {"name": "Bellevue"}, by=ines)
    marta, oliver = person(ines, "Marta", company), person(ines, "Oliver", company)
    touch(marta, "email", 30)
    touch(oliver, "search", 20)
    touch(oliver, "ads", 0)  # after the deal closed
    won(ines, "100.01", contact=marta, company=company)
    won(ines, "50.00", contact=person(ines, "Wanda"))
    out = make(ines, read_ask({"model": "linear"}))
    assert credits(out) == {"E-mail": 5001, "Search": 5000} and out.unknown.cents == 5000
    assert out.booked == 15001 == sum(credits(out).values()) + out.unknown.cents
    assert credits(make(ines, read_ask({"model": "first"}))) == {"E-mail": 10001, "Search": 0}
    assert credits(make(ines, read_ask({"model": "last"}))) == {"Search": 10001, "E-mail": 0}


def test_every_number_opens_as_many_deals_as_it_says(ines):
    fair = create(registry["campaign"], {"name": "Museum fair"}, by=ines)
    marta = person(ines, "Marta")
    touch(marta, "fair", 30, campaign=fair)
    touch(marta, "email", 20)
    won(ines, "100.00", contact=marta)
    won(ines, "70.00", contact=person(ines, "Wanda"))
    for by in ("channel", "campaign"):
        out = make(ines, read_ask({"by": by, "model": "first"}))
        for row in [*out.rows, out.unknown]:
            if row.href:
                tree = parse(row.href.partition("filter=")[2])
                found = compile_tree(deals, tree, ines)
                assert not found.broken
                assert found.apply(deals.rows(ines)).count() == len(row.deals) == 1, row
    assert credits(make(ines, read_ask({"by": "campaign", "model": "first"}))) == {
        "Museum fair": 10000,
        "No campaign": 0,
    }


def test_deals_without_an_exchange_rate_are_counted_apart(ines):
    marta = person(ines, "Marta")
    touch(marta, "email", 9)
    made = deal(ines, amount=Decimal(10), currency="CHF", stage="Verbal yes", contact=marta)
    win(made, reason=reason("Speed", "won"), by=ines)
    out = make(ines, read_ask({}))
    assert (out.booked, out.unrated, out.rows) == (0, 1, [])


def test_touches_of_people_out_of_reach_are_unknown_to_that_reader(ines):
    marta = person(ines, "Marta")
    touch(marta, "email", 9)
    won(ines, "10.00", contact=marta)
    jonas = actor("jonas")
    policy("member", "person", see="own")
    out = make(actor("jonas"), read_ask({}))
    assert jonas and credits(out) == {} and out.unknown.cents == out.booked == 1000


def test_page_api_and_command_say_the_same(ines, client, capsys):
    marta = person(ines, "Marta")
    touch(marta, "email", 9, source="Museum News")
    won(ines, "1234.56", contact=marta)
    client.force_login(user("ines"))
    shown = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/reports/attribution/?period=all&by=source").content.decode())
    )
    assert "Museum News" in shown and "€1,234.56" in shown
    assert client.get("/reports/attribution/?model=guess").status_code == 200
    out = as_json(make(ines, read_ask({"by": "source"})))
    assert out["credits"][0] | {"rows": None} == {
        "key": "Museum News",
        "label": "Museum News",
        "amount": "1234.56",
        "deals": 1,
        "rows": None,
    }
    import argparse

    from kith.cli import report

    parser = argparse.ArgumentParser()
    report.arguments(parser)
    report.run(parser.parse_args(["attribution", "--json", "--by", "source"]))
    assert json.loads(capsys.readouterr().out)["credits"] == out["credits"]
    for wrong in ({"model": "guess"}, {"by": "moon"}, {"half_life": "0"}, {"half_life": "soon"}):
        with pytest.raises(Invalid):
            read_ask(wrong)
