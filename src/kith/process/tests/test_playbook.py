"""A playbook is plain text with light marks; whatever is written, nothing of it becomes markup."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kith.process.playbook import Part, parts


def test_questions_moves_and_paragraphs_are_told_apart():
    told = parts(
        "Week two is about their hands.\nNot ours.\n> Who gets up at three?\n1. Start with Marta.\n2) Trigger an alert.\n\nThen wait."
    )
    assert told == [
        Part("text", ("Week two is about their hands.", "Not ours.")),
        Part("question", ("Who gets up at three?",)),
        Part("moves", ("Start with Marta.", "Trigger an alert.")),
        Part("text", ("Then wait.",)),
    ]  # fmt: skip


def test_a_blank_line_parts_two_paragraphs_and_an_empty_playbook_has_none():
    assert parts("One.\n\nTwo.") == [Part("text", ("One.",)), Part("text", ("Two.",))]
    assert parts(" \n\n ") == []


def test_a_number_in_a_sentence_is_no_move():
    assert parts("14 days are enough.") == [Part("text", ("14 days are enough.",))]


@given(st.text(alphabet="ab1>. \n)", max_size=60))
def test_every_word_is_in_some_part(text):
    kept = "".join("".join(part.lines) for part in parts(text))
    assert all(letter in kept for letter in set(text) & set("ab"))
