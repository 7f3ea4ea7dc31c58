"""CSV and JSON lines are written as other programs expect them."""

import datetime
import io
import json
import tracemalloc
from decimal import Decimal

import pytest

from kith.kernel.intake.writers import CONTENT_TYPES, WRITERS, csv_chunks, extension, write_csv, write_jsonl


def csv_of(rows, headers, **options):
    target = io.BytesIO()
    write_csv(rows, headers, target, **options)
    return target.getvalue().decode()


def test_typed_values_are_written_in_plain_forms():
    moment = datetime.datetime(2024, 2, 29, 13, 45, tzinfo=datetime.UTC)
    rows = [[1, -1.5, Decimal("1E+3"), True, None, moment, datetime.date(2024, 2, 29), ["a", {"b": 1}], b"\x00\x01"]]
    written = csv_of(rows, list("abcdefghi")).splitlines()
    assert written[0] == "a,b,c,d,e,f,g,h,i"
    assert written[1] == ('1,-1.5,1000,true,,2024-02-29T13:45:00+00:00,2024-02-29,"[""a"", {""b"": 1}]",AAE=')


def test_formulas_are_neutralised_in_headers_and_cells():
    assert csv_of([["=1+1", "+420 601"]], ["@a", "b"]) == "'@a,b\r\n'=1+1,+420 601\r\n".replace(
        "'@a,b", '"\'@a","b"'
    ).replace("'=1+1,+420 601", '"\'=1+1","+420 601"')


def test_the_mark_for_spreadsheets_is_written_on_request():
    assert csv_of([], ["name"], bom=True).startswith("\ufeff")
    assert not csv_of([], ["name"]).startswith("\ufeff")
    assert csv_of([["Ada", "x"]], ["name", "note"], delimiter=";") == "name;note\r\nAda;x\r\n"


def test_an_export_streams():
    tracemalloc.start()
    size = sum(len(chunk) for chunk in csv_chunks(([number, "person", "x" * 50] for number in range(100_000)), "abc"))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 6_000_000
    assert peak < 1_000_000


def test_json_lines_keep_types_and_every_digit():
    target = io.BytesIO()
    row = [
        "Ada",
        5,
        1.5,
        None,
        True,
        Decimal("0.10"),
        Decimal("0.12345678901234567890"),
        2**60,
        float("nan"),
        {"a": [1]},
    ]
    write_jsonl([row], list("abcdefghij"), target)
    assert json.loads(target.getvalue()) == dict(
        zip(
            "abcdefghij",
            ["Ada", 5, 1.5, None, True, 0.1, "0.12345678901234567890", str(2**60), "nan", {"a": [1]}],
            strict=True,
        )
    )


def test_a_row_of_the_wrong_length_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError):
        write_jsonl([["Ada"]], ["name", "city"], io.BytesIO())


def test_every_format_has_a_writer_a_content_type_and_an_ending():
    assert set(WRITERS) == set(CONTENT_TYPES) == {"csv", "xlsx", "jsonl"}
    assert extension("xlsx") == ".xlsx"
    with pytest.raises(ValueError, match="'pdf'"):
        extension("pdf")
