"""Long files are read in the memory of a short one."""

import json
import tracemalloc

import openpyxl
import pytest

from kith.kernel.intake.readers import open_table

LINE = "{0},Žaneta {0},zaneta{0}@example.com,+420 601 123 456,Plzeň\r\n"


def peak_of(walk):
    tracemalloc.start()
    count = walk()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return count, peak


def test_two_hundred_thousand_rows_of_csv_need_no_more_memory_than_a_few(tmp_path):
    path = tmp_path / "people.csv"
    block = "".join(LINE.format(number) for number in range(1000)).encode()
    with path.open("wb") as file:
        file.write(b"id,name,email,phone,city\r\n")
        for _again in range(200):
            file.write(block)
    table = open_table(path)
    count, peak = peak_of(lambda: sum(1 for row in table.rows() if not row.problem))
    assert count == 200_000
    assert peak < 3_000_000


@pytest.mark.parametrize("rows", [2000, 10_000])
def test_a_longer_sheet_needs_no_more_memory(tmp_path, rows):
    path = tmp_path / "people.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(rows + 1):
        sheet.append([number, f"person {number}", True])
    book.save(path)
    table = open_table(path)
    count, peak = peak_of(lambda: sum(1 for _row in table.rows()))
    assert count == rows
    assert peak < 1_500_000


def test_a_longer_array_or_card_file_needs_no_more_memory(tmp_path):
    array = tmp_path / "people.json"
    array.write_text(json.dumps([{"name": f"person {number}"} for number in range(20_000)]))
    cards = tmp_path / "people.vcf"
    cards.write_text("".join(f"BEGIN:VCARD\nVERSION:3.0\nFN:person {number}\nEND:VCARD\n" for number in range(5000)))
    for path, rows in ((array, 20_000), (cards, 5000)):
        table = open_table(path)
        count, peak = peak_of(lambda table=table: sum(1 for _row in table.rows()))
        assert count == rows
        assert peak < 2_000_000
