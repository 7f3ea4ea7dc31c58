"""The words of the mail that says "we have it": one grammar with mail templates, checked before they are published."""

from importlib import import_module

import pytest

from kith.capture.ack import HOLDERS, fault_of
from kith.capture.tests.forms import DOCUMENT, checklist
from kith.kernel.errors import InvalidMany
from kith.kernel.mail.placeholders import filled

one_grammar = import_module("kith.capture.migrations.0005_one_grammar")
WAS = {"on": True, "subject": {"en": "Your checklist, {first_name|friend}"},
       "text": {"en": "Hello {first_name|\"there\"},\n{reason}\n{ company | your house }\n{nonsense|as ever}\n{organisation}"}}  # fmt: skip


@pytest.mark.django_db
def test_a_placeholder_that_there_is_not_is_named_with_the_nearest():
    with pytest.raises(InvalidMany) as told:
        checklist(ack={"on": True, "text": {"en": "Hello {{ person.given_nam }}"}})
    assert "“person.given_nam”; the nearest is “person.given_name”" in str(told.value.errors)


@pytest.mark.parametrize(
    "words", ["{{ person.emails }}", "{{ person.owner }}", "{{ 7 * 7 }}", "{{ person.name.__class__ }}"]
)
def test_nothing_else_of_a_person_and_nothing_that_would_run_can_stand_in_it(words):
    assert fault_of(words)


def test_texts_of_before_say_what_they_said():
    made = one_grammar.rewritten({**DOCUMENT, "ack": WAS}, one_grammar.newer)["ack"]
    assert not any(fault_of(text) for key in ("subject", "text") for text in made[key].values())
    values = dict.fromkeys(HOLDERS, "") | {"form.reason": "A leak", "organisation.name": "Tidewell"}
    assert filled(made["subject"]["en"], values) == "Your checklist, friend"
    assert filled(made["text"]["en"], values) == "Hello there,\nA leak\nyour house\nas ever\nTidewell"
    assert one_grammar.rewritten({**DOCUMENT, "ack": made}, one_grammar.newer) is None


def test_the_old_words_come_back_with_the_old_version():
    made = one_grammar.rewritten({"ack": WAS}, one_grammar.newer)
    assert one_grammar.rewritten(made, one_grammar.older)["ack"]["subject"] == WAS["subject"]
