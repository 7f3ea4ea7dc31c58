"""Workbooks are typed, hold no formula of ours, and say where something did not fit."""

import datetime
import io
import tracemalloc
from decimal import Decimal

import openpyxl
import pytest

from kith.kernel.intake.writers import workbooks, write_xlsx


def book_of(rows, headers, **options):
    target = io.BytesIO()
    count = write_xlsx(rows, headers, target, **options)
    assert count == len(rows)
    return openpyxl.load_workbook(target)


def test_cells_are_typed_and_moments_stand_in_the_wanted_time_zone():
    moment = datetime.datetime(2024, 2, 29, 23, 30, tzinfo=datetime.UTC)
    row = [5, Decimal("12.50"), True, datetime.date(2024, 2, 29), moment, "Ada", None, ""]
    sheet = book_of([row], list("abcdefgh"), time_zone=datetime.timezone(datetime.timedelta(hours=1))).active
    assert [cell.value for cell in sheet[2]][:6] == [
        5,
        12.5,
        True,
        datetime.datetime(2024, 2, 29),
        datetime.datetime(2024, 3, 1, 0, 30),
        "Ada",
    ]
    assert sheet["D2"].number_format == "yyyy-mm-dd"
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "@SUM(A1)", "-x", "007", "2020-01-01"])
def test_text_stays_text_whatever_it_looks_like(text):
    sheet = book_of([[text]], ["=name"]).active
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=name", "s")
    assert (sheet["A2"].value, sheet["A2"].data_type) == (text, "s")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (10**18, "1000000000000000000"),
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (float("inf"), "inf"),
        (datetime.date(1815, 12, 10), "1815-12-10"),
        (datetime.datetime(1, 1, 1), "0001-01-01T00:00:00"),
        ({"a": 1}, '{"a": 1}'),
    ],
)
def test_what_a_sheet_would_round_or_refuse_is_written_as_text(value, shown):
    assert book_of([[value]], ["x"]).active["A2"].value == shown


def test_text_that_is_too_long_says_that_it_was_cut():
    value = book_of([["x" * 50_000]], ["note"]).active["A2"].value
    assert len(value) <= 32_767
    assert value.endswith("… (cut: 50000 characters; export as CSV to have all)")


def test_rows_beyond_the_last_one_go_on_in_another_sheet(monkeypatch):
    monkeypatch.setattr(workbooks, "LAST_ROW", 4)
    book = book_of([[number] for number in range(7)], ["n"], sheet="People: all/of [them]")
    assert book.sheetnames == ["People  all of  them", "People  all of  them 2", "People  all of  them 3"]
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]


def test_an_export_without_rows_has_its_headers():
    assert [cell.value for cell in book_of([], ["name", "city"]).active[1]] == ["name", "city"]


def test_a_long_workbook_needs_little_memory(tmp_path):
    with (tmp_path / "people.xlsx").open("wb") as file:
        tracemalloc.start()
        write_xlsx(([number, "person", 1.5] for number in range(5000)), "abc", file)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2_000_000
