"""Columns are proposed a kind, and whatever stays open is said."""

import io

import pytest

from kith.kernel.intake.readers import open_table, profile
from kith.kernel.intake.readers.guesses import lookalikes
from kith.kernel.intake.readers.profiling import column
from kith.kernel.intake.readers.tests.shared import FOLDER, needs_shared_data


def look(header, *values):
    return column(header, 0, list(values))


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("contact", ["ada@example.com", "grace.hopper@navy.mil", ""], "email"),
        ("x", ["+420 601 123 456", "+44 20 7946 0958"], "phone"),
        ("x", ["(905) 555-1234", "905-555-1235"], "phone"),
        ("Contact Phone Number", ["2095257564", "2095257565"], "phone"),
        ("x", ["2016-10-20", "2016-10-25"], "day"),
        ("x", ["20 Oct 2016", "3rd March 2017"], "day"),
        ("date_of_birth", ["19081209", "19990219"], "day"),
        ("x", ["2010-12-30 14:32:00+01:00", "2024-01-19T09:42:24.000+0000"], "moment"),
        ("x", ["2010-12-30 00:00:00", "2011-01-01 00:00"], "day"),
        ("x", ["12.5", "-3", "1,234.5"], "number"),
        ("x", ["€ 12.50", "1,234.00 €"], "money"),
        ("close_value", ["1054", "4514"], "money"),
        ("x", ["Yes", "no", "yes"], "boolean"),
        ("IsWon", ["1", "", "1"], "boolean"),
        ("x", [True, False], "boolean"),
        ("x", ["https://example.com/a", "www.example.org"], "url"),
        ("Website", ["example.com", "tidewell.co.uk/leaks"], "url"),
        ("x", ["Kenya", "United States", "Czechia"], "country"),
        ("Country", ["US", "CZ", "DE"], "country"),
        ("stage", ["Won", "Lost", "Won", "Open", "Lost", "Open", "Won", "Lost", "Won"], "choice"),
        ("x", ["Ada", "Grace", "Linus"], "text"),
        ("postal code", ["11709", "49302"], "text"),
        ("x", [{"a": 1}, ""], "text"),
        ("x", ["", " "], "empty"),
    ],
)
def test_the_kind_of_a_column_shows_in_its_values(header, values, kind):
    found = look(header, *values)
    assert (found.kind, found.ambiguous) == (kind, "")


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03/04/2020", "25/12/2020"], "DMY"),
        (["03/04/2020", "12/25/2020"], "MDY"),
        (["2020-04-03"], "YMD"),
        (["3.4.2020", "4.5.2020"], "DMY"),
        (["13-01-2020 10:00"], "DMY"),
    ],
)
def test_the_order_of_day_and_month_is_proven_by_the_values(values, order):
    found = look("x", *values)
    assert (found.options["order"], found.ambiguous) == (order, "")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["03/04/2020", "05/06/2021"], "No value shows whether the day or the month comes first, as in “03/04/2020”."),
        (["25/12/2020", "12/25/2020"], "“25/12/2020” begins with the day and “12/25/2020” with the month."),
        (["25/12/20", "26/12/20"], "The year has two digits, as in “25/12/20”."),
        (["2020-01-02", "3 March 2020"], "Some dates begin with the year, others name the month."),
    ],
)
def test_dates_that_can_be_read_in_two_ways_say_so(values, sentence):
    found = look("x", *values)
    assert found.kind == "day"
    assert found.ambiguous == sentence


@pytest.mark.parametrize(
    ("values", "decimal", "sentence"),
    [
        (["1.234,50", "99,90"], ",", ""),
        (["1,234.50", "99.90"], ".", ""),
        (["1 234,5", "12,25"], ",", ""),
        (["1'234.50"], ".", ""),
        (["1.234.567"], ",", ""),
        (["1.234", "5.678"], ".", "“1.234” may hold a decimal sign or a thousands sign."),
        (["1.5", "2,5"], ".", "“1.5” has a decimal point, “2,5” a decimal comma."),
        (["1.234", "5,5"], ",", ""),
    ],
)
def test_the_decimal_sign_is_proven_by_the_values_or_stays_open(values, decimal, sentence):
    found = look("x", *values)
    assert (found.kind, found.options["decimal"], found.ambiguous) == ("number", decimal, sentence)


def test_several_currencies_are_named():
    found = look("x", "12 EUR", "$ 5", "7 Kč")
    assert found.kind == "money"
    assert found.ambiguous == "There are several currencies: CZK, EUR, USD."
    assert look("x", "12 Kč", "1 500 Kč").options == {"decimal": ".", "currency": "CZK"}


@pytest.mark.parametrize(
    ("header", "values", "kind", "words"),
    [
        ("x", ["007", "12"], "text", "begin with a zero (“007”)"),
        ("x", ["1", "0", "1"], "boolean", "or be numbers"),
        ("x", ["CA", "DE"], "country", "countries, states or languages"),
        ("soc", ["6988048", "7364009"], "number", "All values have 7 digits"),
        ("x", ["a@example.com; b@example.com"], "email", "several addresses"),
        ("x", ["2020-01-01"] * 19 + ["TBD"], "day", "1 of 20 values do not fit this, for example “TBD”."),
        ("x", ["North", "north", "South"] * 5, "choice", "“North” and “north” may be the same."),
    ],
)
def test_a_proposal_that_leaves_something_open_says_what(header, values, kind, words):
    found = look(header, *values)
    assert found.kind == kind
    assert words in found.ambiguous


def test_a_column_with_many_misfits_is_text():
    assert look("x", "2020-01-01", "soon", "later", "2020-01-02").kind == "text"


def test_spellings_that_differ_little_are_paired_but_codes_are_not():
    assert lookalikes(["GTX Pro", "GTXPro", "technology", "technolgy", "won", "lost"]) == [
        ("GTX Pro", "GTXPro"),
        ("technology", "technolgy"),
    ]
    assert lookalikes(["a00Ec000009WFurIAG", "a00Ec000009WFusIAG", "plan 1", "plan 2"]) == []


def test_shares_and_samples_are_counted_over_whole_rows_only():
    table = open_table(io.BytesIO(b"name,city\nAda,London\nGrace,\nbroken\nAda,Paris\n"), "people.csv")
    name, city = profile(table)
    assert (name.rows, name.filled, name.distinct, name.samples) == (3, 1.0, 2, ["Ada", "Grace"])
    assert (city.filled, city.samples) == (2 / 3, ["London", "Paris"])


def test_an_empty_table_has_a_profile_for_each_header():
    table = open_table(io.BytesIO(b"name,city\n"), "people.csv")
    assert [(one.header, one.kind, one.filled) for one in profile(table)] == [
        ("name", "empty", 0.0),
        ("city", "empty", 0.0),
    ]


@needs_shared_data
def test_the_hardware_sellers_columns_are_understood():
    kinds = {one.header: one for one in profile(open_table(FOLDER / "maven_crm/accounts.csv"))}
    assert {header: one.kind for header, one in kinds.items()} == {
        "account": "text",
        "sector": "choice",
        "year_established": "number",
        "revenue": "money",
        "employees": "number",
        "office_location": "country",
        "subsidiary_of": "text",
    }
    assert "“Philipines”" in kinds["office_location"].ambiguous
    deals = {one.header: one.kind for one in profile(open_table(FOLDER / "maven_crm/sales_pipeline.csv"))}
    assert deals["engage_date"] == deals["close_date"] == "day"
    assert deals["deal_stage"] == deals["product"] == "choice"
