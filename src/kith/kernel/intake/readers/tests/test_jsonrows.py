"""JSON lines and arrays: nested values stay, late keys are kept, broken lines cost one row."""

import io
import json

import pytest

from kith.kernel.errors import Invalid
from kith.kernel.intake.readers import Limits, open_table


def table_of(content, name="people.jsonl", **choices):
    return open_table(io.BytesIO(content.encode() if isinstance(content, str) else content), name, **choices)


def test_lines_become_rows_over_the_union_of_their_keys():
    table = table_of('{"name": "Ada", "tags": ["a", {"b": null}]}\n\n{"name": "Grace", "age": 85, "vip": true}\n')
    assert table.headers == ["name", "tags", "age", "vip"]
    assert [(row.number, row.cells) for row in table.rows()] == [
        (1, ["Ada", ["a", {"b": None}], "", ""]),
        (3, ["Grace", "", 85, True]),
    ]
    assert "1 blank row was skipped." in table.notes


def test_a_key_that_turns_up_late_is_kept_beside_the_row_and_noted():
    lines = [json.dumps({"name": f"person {number}"}) for number in range(1001)]
    table = table_of("\n".join([*lines, '{"name": "Ada", "city": "London"}']))
    assert table.headers == ["name"]
    *_others, last = table.rows()
    assert last.extra == {"city": "London"}
    assert any("1 row holds values under a name that the first rows do not have" in note for note in table.notes)


def test_an_array_streams_whatever_its_layout():
    people = [{"name": f"person {number}", "note": "x" * 200, "nested": {"n": [number]}} for number in range(2000)]
    for indent in (None, 2):
        table = table_of(json.dumps(people, indent=indent), "people.json")
        assert (table.format, table.unit) == ("jsonl", "item")
        rows = list(table.rows())
        assert [row.number for row in rows] == list(range(1, 2001))
        assert rows[-1].cells == ["person 1999", "x" * 200, {"n": [1999]}]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"name": "Ada"', "Line 2 is not valid JSON (Expecting ',' delimiter, character 15)."),
        ("[1, 2]", "Line 2 is not an object in braces."),
        ('{"name": "Ada", "name": "Grace"}', "Line 2 is not valid JSON (the key “name” stands there twice)."),
        ('{"name": "half \\ud800"}', "“name” holds bytes that are no text"),
        ('{"name": "nul \\u0000"}', "“name” holds a NUL"),
        ('{"name": {"deep": "nul \\u0000"}}', "A nested value holds a NUL"),
        ('{"name": ' + "[" * 100_000 + "}", "Line 2 is not valid JSON (it is nested too deeply)."),
    ],
)
def test_a_broken_line_is_given_with_its_problem_and_the_next_goes_on(line, problem):
    rows = list(table_of('{"name": "Linus"}\n' + line + '\n{"name": "Margaret"}\n').rows())
    assert problem in rows[1].problem
    assert [rows[0].cells, rows[2].cells] == [["Linus"], ["Margaret"]]


def test_a_broken_element_ends_the_array_and_says_so():
    rows = list(table_of('[{"name": "Ada"}, {"name": oops}, {"name": "Grace"}]', "people.json").rows())
    assert rows[0].cells == ["Ada"]
    assert "Item 2 is not valid JSON" in rows[1].problem and "cannot be read" in rows[1].problem
    beyond = list(table_of('[{"name": "Ada"}] {"name": "Grace"}', "people.json").rows())
    assert "more text after the end of the list" in beyond[-1].problem


def test_numbers_keep_every_digit():
    table = table_of(
        '{"id": 12345678901234567890, "price": 0.12345678901234567890, "big": 1e999, "n": NaN, "ok": 1.5}\n'
    )
    assert next(table.rows()).cells == ["12345678901234567890", "0.12345678901234567890", "1e999", "NaN", 1.5]


def test_a_list_inside_an_object_is_pointed_at():
    for indent in (None, 1):
        content = json.dumps({"count": 1, "records": [{"name": "Ada"}]}, indent=indent)
        with pytest.raises(Invalid, match="its rows lie under “records”"):
            table_of(content, "answer.json")


@pytest.mark.parametrize("content", ["[]", "[1, 2]", '{\n "name": "Ada"\n}', "{}"])
def test_json_without_rows_of_objects_is_refused(content):
    with pytest.raises(Invalid, match="JSON"):
        table_of(content, "people.json")


def test_a_line_that_is_too_long_costs_one_row():
    rows = list(
        table_of(
            '{"name": "Ada"}\n{"name": "' + "x" * 500 + '"}\n{"name": "Grace"}\n', limits=Limits(record=100)
        ).rows()
    )
    assert "Line 2 is longer than 100 characters" in rows[1].problem
    assert rows[2].cells == ["Grace"]


def test_reading_resumes_at_a_line():
    table = table_of("".join(f'{{"n": {number}}}\n' for number in range(10)))
    assert [row.cells for row in table.rows(start=9)] == [[8], [9]]
