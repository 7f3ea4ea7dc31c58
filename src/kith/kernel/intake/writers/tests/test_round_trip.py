"""What we write, we read back unchanged."""

import datetime
import io

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kith.kernel.intake.readers import open_table
from kith.kernel.intake.writers import write_csv, write_jsonl, write_xlsx

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
TRICKY = st.text(alphabet="'\"=+-@,;\t|\\\r\n# aé\ufeff\u2028\x1f", max_size=12)
CELLS = st.one_of(TEXT, TRICKY)


def filled(row):
    """A row without any text is a blank row, which readers skip."""
    return any(cell and not cell.isspace() for cell in row)


@st.composite
def tables(draw, cells=CELLS, least=2):
    width = draw(st.integers(least, 5))
    names = draw(st.lists(cells, min_size=width, max_size=width, unique_by=lambda name: " ".join(name.split())))
    headers = [" ".join(name.split()) for name in names]
    assume(all(headers))
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6))
    return headers, [row for row in rows if filled(row)]


@settings(max_examples=200, deadline=None)
@given(tables(), st.booleans())
@example((["a", "b"], [["=1", "'=1"], ["x;y", "z"], [" a", "b "]]), False)
@example((["#id", "name"], [["#1", "x"]]), False)
@example((["sep=;", "b"], [["1", "2"]]), True)
@example((["a", "b"], [["'x'", "'y'"], ["'z'", "'w'"]]), False)
@example((["a", "b"], [['x\\"y', '\\"']]), False)
def test_any_table_of_texts_comes_back_from_csv(table, bom):
    headers, rows = table
    target = io.BytesIO()
    write_csv(rows, headers, target, bom=bom)
    back = open_table(target, "export.csv")
    assert back.headers == headers
    found = list(back.rows())
    assert [row.problem for row in found if row.problem] == []
    assert [row.cells for row in found] == rows


@settings(max_examples=60, deadline=None)
@given(tables(least=1))
def test_a_single_column_comes_back_when_the_delimiter_is_known(table):
    headers, rows = table
    target = io.BytesIO()
    write_csv(rows, headers, target)
    assert [row.cells for row in open_table(target, "export.csv", delimiter=",").rows()] == rows


VALUES = st.one_of(
    CELLS.filter(bool),
    st.integers(-(10**14), 10**14),
    st.booleans(),
    st.dates(datetime.date(1900, 3, 1)),
    st.floats(-1e12, 1e12).map(lambda number: float(f"{number:.12g}")).filter(lambda number: not number.is_integer()),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=2, max_size=2), max_size=5))
def test_typed_values_come_back_from_a_workbook(rows):
    rows = [row for row in rows if any(not isinstance(cell, str) or cell.strip() for cell in row)]
    target = io.BytesIO()
    write_xlsx(rows, ["one", "two"], target)
    found = list(open_table(target, "export.xlsx").rows())
    assert [row.cells for row in found] == rows
    assert [[type(cell) for cell in row.cells] for row in found] == [[type(cell) for cell in row] for row in rows]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(CELLS, st.integers(-(10**14), 10**14), st.lists(CELLS)), min_size=1, max_size=5))
def test_typed_and_nested_values_come_back_from_json_lines(rows):
    target = io.BytesIO()
    write_jsonl(rows, ["text", "number", "list"], target)
    assert [row.cells for row in open_table(target, "export.jsonl").rows()] == [list(row) for row in rows]


@pytest.mark.parametrize("write", [write_csv, write_jsonl, write_xlsx])
def test_half_characters_do_not_break_an_export(write):
    target = io.BytesIO()
    write([["half \ud800 here", "x"]], ["name", "note"], target)
    assert len(list(open_table(target).rows())) == 1
