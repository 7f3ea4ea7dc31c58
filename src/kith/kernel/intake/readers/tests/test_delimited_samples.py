"""CSV files that other programs wrote are read without loss."""

import json

import pytest

from kith.kernel.intake.readers import open_table
from kith.kernel.intake.readers.tests.shared import FOLDER, files, needs_shared_data


def records(table):
    rows = list(table.rows())
    assert [row.problem for row in rows if row.problem] == []
    return [dict(zip(table.headers, row.cells, strict=True)) for row in rows]


@pytest.mark.parametrize("path", files("csv_spectrum/csvs/*.csv"))
def test_each_file_of_the_spectrum_reads_as_its_expected_records(path):
    expected = json.loads((path.parent.parent / "json" / f"{path.stem}.json").read_text("utf-8"))
    found = records(open_table(path))
    if path.stem == "location_coordinates":
        # The published expectation is a single object, and states another phone number than its own CSV.
        assert found[0].pop("Contact Phone Number") == "2095257564"
        expected = [{key: value for key, value in expected.items() if key != "Contact Phone Number"}]
    assert found == expected


@needs_shared_data
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("blank-cells", [{"id": "4", "name": "Ringo"}, {"id": "5", "name": ""}]),
        ("blank-headers", [{"id": "1102", "Column 2": "Julie", "age": "26"}]),
        ("blank-rows", [{"id": "1101", "name": "John", "age": "30"}, {"id": "1102", "name": "Julie", "age": "26"}]),
        ("bom", [{"id": "1", "name": "english"}, {"id": "2", "name": "中国人"}]),
        ("delimiter", [{"id": "1", "name": "english"}, {"id": "2", "name": "中国人"}]),
        ("escaping", [{"ID": "2", "Test": 'Test " line 2'}, {"ID": "3", "Test": 'Test " line 3'}]),
        ("latin1", [{"id": "1", "name": "english"}, {"id": "2", "name": "©"}]),
        ("leading-zeros", [{"value": "01"}, {"value": "002"}, {"value": "00003"}]),
        ("skip-rows", [{"id": "1", "name": "english"}, {"id": "2", "name": "中国人"}]),
        ("table-unicode-headers", [{"id": "1", "国人": "english"}, {"id": "2", "国人": "中国人"}]),
    ],
)
def test_files_with_common_troubles_end_with_these_records(name, expected):
    assert records(open_table(FOLDER / "csv_basic" / f"{name}.csv"))[-len(expected) :] == expected


@needs_shared_data
def test_tabs_are_found_and_a_backslash_stays():
    table = open_table(FOLDER / "csv_basic/table.tsv")
    assert table.delimiter == "\t"
    assert [row.cells for row in table.rows()] == [["1", "english"], ["2", "中国人"], ["3", "\\N"]]


@needs_shared_data
def test_repairs_are_told_in_notes():
    duplicate = open_table(FOLDER / "csv_basic/duplicate-headers.csv")
    assert duplicate.headers == ["id", "name", "id 2", "age", "id 3"]
    assert len([note for note in duplicate.notes if "“id”" in note]) == 2
    commented = open_table(FOLDER / "csv_basic/skip-rows.csv")
    assert [row.number for row in commented.rows()] == [3, 5]
    assert "2 comment rows that begin with # were skipped." in commented.notes


@needs_shared_data
def test_only_the_ragged_row_has_a_problem():
    rows = list(open_table(FOLDER / "csv_basic/structure-errors.csv").rows())
    assert [(row.number, bool(row.problem)) for row in rows] == [(2, False), (3, False), (5, True)]
    assert rows[-1].cells == ["1", "2", "3", "4", "5", "6"]
    assert "Line 5 has more cells (6) than there are columns (3)" in rows[-1].problem


@needs_shared_data
def test_doubled_quotes_in_a_wide_spanish_file_keep_all_seventeen_columns():
    table = open_table(FOLDER / "csv_basic/doublequote.csv")
    found = records(table)
    assert (len(table.headers), len(found)) == (17, 5)
    assert table.headers[4] == "AÑO"
    assert "'\"se concebirá como enseñanza terciaria" in found[1]["DESCRIPCIONPROGRAMA"]


@needs_shared_data
@pytest.mark.parametrize(
    ("name", "rows", "headers"),
    [
        (
            "accounts",
            85,
            "account sector year_established revenue employees office_location subsidiary_of",
        ),
        ("products", 7, "product series sales_price"),
        ("sales_teams", 35, "sales_agent manager regional_office"),
        (
            "sales_pipeline",
            8800,
            "opportunity_id sales_agent product account deal_stage engage_date close_date close_value",
        ),
        ("data_dictionary", 21, "Table Field Description"),
    ],
)
def test_the_hardware_sellers_files_have_their_columns_and_rows(name, rows, headers):
    table = open_table(FOLDER / f"maven_crm/{name}.csv")
    assert table.headers == headers.split()
    assert len(records(table)) == rows


@needs_shared_data
@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("Account", 22, 56),
        ("Contact", 102, 72),
        ("Lead", 60, 55),
        ("Opportunity", 50, 35),
        ("Campaign", 8, 34),
        ("CampaignMember", 68, 38),
        ("Case", 40, 50),
        ("Task", 75, 40),
    ],
)
def test_an_export_of_linked_objects_is_whole_and_without_its_byte_order_mark(name, rows, columns):
    table = open_table(FOLDER / f"salesforce_export/{name}.csv")
    assert (len(table.headers), len(records(table))) == (columns, rows)
    assert table.headers[0] == "Id"
    assert table.encoding == "utf-8-sig"


@needs_shared_data
def test_json_inside_a_cell_stays_readable():
    table = open_table(FOLDER / "salesforce_export/Lead.csv")
    first = records(table)[0]
    assert json.loads(first["Address"])["postalCode"] == first["PostalCode"] == "11709"


@needs_shared_data
def test_a_packed_file_reads_as_the_plain_one():
    table = open_table(FOLDER / "lead_scoring_half/leads_a.csv.gz")
    assert (len(table.headers), len(records(table))) == (37, 4644)


@needs_shared_data
def test_a_space_after_every_delimiter_is_not_part_of_the_values():
    table = open_table(FOLDER / "febrl_1_2/dataset1.csv")
    found = records(table)
    assert len(found) == 1000
    assert (found[0]["given_name"], found[0]["surname"]) == ("", "waller")
    assert any("space follows every delimiter" in note for note in table.notes)
