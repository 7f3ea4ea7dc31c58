"""Workbooks come in typed, as they are shown, and hostile ones are refused in words."""

import datetime
import io
import re
import zipfile

import openpyxl
import pytest

from kith.kernel.errors import Invalid
from kith.kernel.intake.readers import Limits, open_table
from kith.kernel.intake.readers.tests.shared import FOLDER, needs_shared_data


def saved(book):
    content = io.BytesIO()
    book.save(content)
    return content


def book_of(*rows, title="People"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def changed(content, part, change):
    """The same workbook with the XML of one part changed."""
    source, result = zipfile.ZipFile(content), io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data) if name == part else data)
    return result


SHEET = "xl/worksheets/sheet1.xml"


@needs_shared_data
def test_the_first_sheet_that_holds_something_is_read_and_others_can_be_named():
    table = open_table(FOLDER / "csv_basic/table.xlsx")
    assert [table.headers, *(row.cells for row in table.rows())] == [["id", "name"], [1, "english"], [2, "中国人"]]
    second = open_table(FOLDER / "csv_basic/sheet2.xlsx")
    assert second.sheet == "Sheet2"
    assert [row.cells for row in second.rows()] == [[1, "english"], [2, "中国人"]]
    assert any("2 sheets; “Sheet2” is read" in note for note in second.notes)
    with pytest.raises(Invalid, match="has no sheet “Sheet9”. It has: "):
        open_table(FOLDER / "csv_basic/sheet2.xlsx", sheet="Sheet9")


@needs_shared_data
def test_a_real_dictionary_of_columns_is_whole():
    table = open_table(FOLDER / "lead_scoring_half/Leads Data Dictionary.xlsx")
    assert table.headers == ["Variables", "Description"]
    assert len([row for row in table.rows() if not row.problem]) == 37


def test_cells_keep_their_type_and_numbers_their_shown_form():
    book = book_of(
        ["whole", "money", "day", "moment", "hour", "span", "code", "flag", "words"],
        [
            5.0,
            0.1 + 0.2,
            datetime.date(2024, 2, 29),
            datetime.datetime(2024, 2, 29, 13, 45),
            datetime.time(9, 30),
            datetime.timedelta(hours=30),
            501,
            True,
            "007",
        ],
    )
    book.active["C2"].number_format = "dd.mm.yyyy"
    book.active["G2"].number_format = "00000"
    assert next(open_table(saved(book)).rows()).cells == [
        5,
        0.3,
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 13, 45),
        datetime.time(9, 30),
        datetime.timedelta(hours=30),
        "00501",
        True,
        "007",
    ]


def test_midnight_stays_a_moment_where_a_clock_is_shown():
    book = book_of(["at"], [datetime.datetime(2024, 1, 1)])
    book.active["A2"].number_format = "yyyy-mm-dd hh:mm"
    assert next(open_table(saved(book)).rows()).cells == [datetime.datetime(2024, 1, 1)]


def test_blank_rows_are_counted_and_short_rows_filled():
    book = book_of(["name", "city", "note"], ["Ada"], [], [" ", None], ["Grace", None, "x"])
    table = open_table(saved(book))
    assert [(row.number, row.cells) for row in table.rows()] == [(2, ["Ada", "", ""]), (5, ["Grace", "", "x"])]
    assert "2 blank rows were skipped." in table.notes


def test_a_value_beside_the_named_columns_gets_a_column_and_one_far_below_a_problem():
    book = book_of(["name", None, "city"], ["Ada", None, "London", "extra"])
    table = open_table(saved(book))
    assert table.headers == ["name", "Column 2", "city", "Column 4"]
    long = book_of(["name"], *([f"person {number}"] for number in range(80)), ["last", "stray"])
    rows = list(open_table(saved(long)).rows())
    assert "Row 82 has more cells (2) than there are columns (1)" in rows[-1].problem
    assert not rows[-2].problem


def test_a_formula_gives_its_stored_result_and_one_without_result_is_a_problem():
    book = book_of(["name", "total"], ["Ada", "=1+1"], ["Grace", "=2+2"])
    content = changed(saved(book), SHEET, lambda data: re.sub(rb"(<f>1\+1</f>)<v ?(?:/>|></v>)", rb"\1<v>2</v>", data))
    first, second = open_table(content).rows()
    assert (first.cells, first.problem) == (["Ada", 2], "")
    assert "Cell “total” in row 3 holds a formula whose result is not stored" in second.problem


def test_characters_that_xml_cannot_hold_come_back():
    book = book_of(["note"], ["one_x000D_two"], ["_x005F_x000D_"])
    assert [row.cells for row in open_table(saved(book)).rows()] == [["one\rtwo"], ["_x000D_"]]


def test_a_header_row_may_be_chosen():
    book = book_of(["Report of May"], [], ["name", "city"], ["Ada", "London"])
    table = open_table(saved(book), header_row=3)
    assert (table.headers, [row.number for row in table.rows()]) == (["name", "city"], [4])


def test_reading_resumes_at_a_row():
    book = book_of(["name"], *([f"person {number}"] for number in range(10)))
    table = open_table(saved(book))
    assert [row.number for row in table.rows(start=10)] == [10, 11]
    assert len(list(table.rows())) == 10


def test_a_sheet_that_claims_endless_rows_or_columns_costs_nothing():
    # openpyxl would walk through every missing row up to the stated number.
    content = changed(saved(book_of(["name"], ["Ada"])), SHEET, lambda data: data.replace(b'r="2"', b'r="999999999"'))
    assert [row.number for row in open_table(content).rows()] == [999_999_999]
    wide = changed(saved(book_of(["name"], ["Ada"])), SHEET, lambda data: data.replace(b'r="A2"', b'r="ZZZ2"'))
    with pytest.raises(Invalid, match="value in column 18278, the limit is 1000"):
        list(open_table(wide).rows())


def test_entities_that_grow_are_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    content = changed(saved(book_of(["name"], ["Ada"])), SHEET, lambda data: bomb + data[data.index(b"<worksheet") :])
    with pytest.raises(Invalid, match="document type declaration"):
        list(open_table(content).rows())


def with_words(words, cells):
    """A workbook whose first column refers to shared words, as most programs write it."""
    result = changed(
        saved(book_of(["name"])),
        SHEET,
        lambda data: re.sub(
            b"<sheetData>.*</sheetData>",
            b"<sheetData>%s</sheetData>" % b"".join(b'<row><c t="s"><v>%d</v></c></row>' % cell for cell in cells),
            data,
        ),
    )
    with zipfile.ZipFile(result, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/sharedStrings.xml",
            f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{"".join(words)}</sst>',
        )
    return result


def test_shared_words_are_joined_from_their_pieces_without_their_pronunciation():
    words = [
        "<si><t>name</t></si>",
        "<si><r><t>Ada </t></r><r><t>Love_x000D_lace</t></r></si>",
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>",
    ]
    rows = list(open_table(with_words(words, [0, 1, 2, 7])).rows())
    assert [row.cells for row in rows[:2]] == [["Ada Love\rlace"], ["東京"]]
    assert rows[2].cells == ["7"]  # refers to a word that is not there: shown as stored


def test_a_part_that_unpacks_beyond_the_limit_is_named():
    content = with_words(["<si><t>name</t></si>"] + ["<si><t>x</t></si>"] * 2000, [0, 1])
    with pytest.raises(Invalid, match=r"“xl/sharedStrings.xml” inside the workbook .* the limit is 20 kB"):
        open_table(content, limits=Limits(part=20_480))
    book = book_of(["name"], *([f"person {number}" * 50] for number in range(200)))
    with pytest.raises(Invalid, match=r"“xl/worksheets/sheet1.xml” inside the workbook .* the limit is 2 kB"):
        open_table(saved(book), limits=Limits(inflated=2048))


def test_a_workbook_cut_short_is_refused_in_words():
    content = saved(book_of(["name"], ["Ada"])).getvalue()
    with pytest.raises(Invalid, match="damaged"):
        open_table(io.BytesIO(content[: len(content) // 2]), "people.xlsx")


def test_an_empty_workbook_is_refused_in_words():
    with pytest.raises(Invalid, match="“people.xlsx” is empty"):
        open_table(saved(openpyxl.Workbook()), "people.xlsx")
