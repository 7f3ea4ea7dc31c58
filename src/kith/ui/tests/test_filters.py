"""Dates, money and figures in the reader's words."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from kith.ui import charts, filters

NOW = datetime(2026, 3, 12, 10, 41, tzinfo=UTC)  # a Thursday


@pytest.fixture(autouse=True)
def _utc():
    with timezone.override(UTC):
        yield


@pytest.mark.parametrize(
    ("value", "style", "words"),
    [
        (NOW, "ago", "now"),
        (NOW - timedelta(minutes=4), "ago", "4 min"),
        (NOW - timedelta(hours=2, minutes=30), "ago", "2 h"),
        (NOW - timedelta(days=1), "ago", "yesterday"),
        (NOW - timedelta(days=2), "ago", "Tue"),
        (datetime(2026, 2, 16, 9, 0, tzinfo=UTC), "ago", "16 Feb"),
        (datetime(2025, 3, 12, 9, 0, tzinfo=UTC), "ago", "12 Mar 2025"),
        (NOW.replace(hour=9, minute=30), "due", "09:30"),
        (NOW + timedelta(days=1), "due", "tomorrow"),
        (date(2026, 3, 17), "due", "Tue"),
        (date(2026, 4, 2), "due", "2 Apr"),
        (date(2026, 3, 12), "due", "today"),
        (NOW, "clock", "10:41"),
        (date(1, 1, 1), "ago", "1 Jan 1"),
        (date(9999, 12, 31), "due", "31 Dec 9999"),
    ],
)
def test_moment_in_words(value, style, words):
    said = filters.when(value, style, now=NOW)
    assert f">{words}</time>" in said
    assert f'datetime="{value.isoformat()}"' in said


def test_moment_of_last_night_is_yesterday_in_the_readers_zone():
    late = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)
    assert ">yesterday<" in filters.when(late, now=NOW)
    with timezone.override("Asia/Tokyo"):
        assert ">11 h<" in filters.when(late, now=NOW)


def test_nothing_is_said_of_no_moment():
    assert filters.when(None) == "" and filters.day(None) == "" and filters.money(None, "EUR") == ""


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (Decimal("12.5"), "EUR", "€12.50"),
        (Decimal("99"), "EUR", "€99"),
        (Decimal("1284600.49"), "EUR", "€1,284,600"),
        (Decimal("-40250"), "EUR", "-€40,250"),
        (Decimal("0.005"), "EUR", "€0.00"),
        (1500, "JPY", "JP¥1,500"),
        (Decimal("1e30"), "EUR", "€1," + ",".join(["000"] * 10)),
        (Decimal("1e900"), "EUR", "1.000E+900 EUR"),
        ("twelve", "EUR", "twelve"),
        (Decimal("NaN"), "EUR", "NaN"),
    ],
)
def test_money_has_its_symbol_and_no_decimals_from_a_hundred_up(amount, currency, words):
    assert filters.money(amount, currency) == words


def test_exact_money_keeps_its_cents():
    assert filters.money(Decimal("1284600.49"), "EUR", exact=True) == "€1,284,600.49"


def test_figures_follow_the_language():
    with translation.override("de"):
        assert filters.number(1204331) == "1.204.331"
        assert filters.money(Decimal("1284600"), "EUR").replace("\xa0", " ") == "1.284.600 €"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (38, "38 s"),
        (720, "12 min"),
        (6000, "1 h 40 m"),
        (7200, "2 h"),
        (4 * 86400, "4 days"),
        (86400, "1 day"),
        (-720, "-12 min"),
    ],
)
def test_duration_in_words(seconds, words):
    assert filters.duration(seconds) == words
    assert filters.duration(timedelta(seconds=seconds)) == words


def test_a_rough_duration_leaves_minutes_out_beside_hours():
    assert [filters.duration(n, rough=True) for n in (720, 6000, 4 * 86400)] == ["12 min", "1 h", "4 days"]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ines Okafor", "IO"),
        ("Atlas", "A"),
        ("Anna-Maria  van der Berg", "AB"),
        ("", "?"),
        (None, "?"),
        ("???", "?"),
        ("élodie", "É"),
    ],
)
def test_initials(name, letters):
    assert filters.initials(name) == letters


def test_found_words_are_marked_and_everything_else_is_escaped():
    marked = filters.highlight("Marta <b>Kowal</b>", "mar <b>")
    assert marked == "<mark>Mar</mark>ta &lt;b&gt;Kowal&lt;/b&gt;"


def test_share_is_kept_between_nothing_and_all():
    assert [filters.share(1, 1000), filters.share(5, 0), filters.share(-3, 10), filters.share(20, 10)] == [1, 0, 0, 100]
    assert [filters.w(7), filters.w(100), filters.w(250), filters.w("x")] == ["07", "100", "100", "00"]


def test_controls_get_dates_as_browsers_want_them():
    assert filters.control(NOW, "datetime") == "2026-03-12T10:41"
    assert filters.control(NOW, "date") == "2026-03-12"
    assert filters.control(date(5, 1, 2)) == "0005-01-02"
    assert filters.control(Decimal("1E+3")) == "1000"


def test_axis_encloses_what_it_measures_in_round_figures():
    assert charts.scale(0, 141) == [0, 50, 100, 150]
    assert charts.scale(43, 56)[0] <= 43 and charts.scale(43, 56)[-1] >= 56
    assert len(charts.scale(5, 5)) >= 2


def test_gap_in_a_line_is_a_gap_and_not_a_zero():
    drawn = charts.line_chart([{"label": "won", "values": [1, None, 3, 4]}], ["a", "b", "c", "d"])
    assert len(drawn["series"][0]["paths"]) == 2


def test_charts_of_nothing_still_draw():
    assert charts.line_chart([{"label": "won", "values": []}], [])["series"][0]["paths"] == []
    assert charts.column_chart([])["bars"] == []
    assert charts.spark_path([None])["path"].startswith("M")


def test_words_at_the_ends_of_lines_do_not_lie_on_each_other():
    drawn = charts.line_chart([{"label": "a", "values": [1, 5.0]}, {"label": "b", "values": [1, 5.01]}], ["", ""])
    first, second = sorted(s["end"]["label_y"] for s in drawn["series"])
    assert second - first >= 15
