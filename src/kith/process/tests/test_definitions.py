"""A definition read from a file and written again is the same; what is wrong with one is said by stage and field."""

from __future__ import annotations

import pytest

from kith.kernel.errors import Invalid
from kith.process.definition.checks import faults
from kith.process.definition.differ import differences
from kith.process.definition.document import Faults, read, write
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.starters import NAMES, starter, text_of
from kith.process.tests.cast import SMALL


@pytest.mark.parametrize("name", NAMES)
def test_a_starter_comes_back_byte_for_byte(name):
    assert to_yaml(from_yaml(text_of(name))) == text_of(name)
    assert read(write(starter(name))) == starter(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_starter_can_be_used_as_it_is(name, db):
    assert faults(starter(name)) == []


def test_the_nine_step_starter_has_nine_steps_in_the_order_of_the_colours():
    assert [s.step for s in starter("lead-to-loyalty").stages] == list(range(1, 10))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("forward: [qualify]", "forward: [qualfy]"), "Stage “Capture”: “forward” names “qualfy”, which is no stage."),
        (("forward: [deal]", "forward: [capture]"), "the way would be a circle"),
        (("forward: [deal]", "forward: [qualify]"), "names the stage itself"),
        (("back: [qualify]", "back: [service]"), "“back” names “service”, which comes after it"),
        (("of: company, column: industry", "of: company, column: industrie"), "Company has no field “industrie”"),
        (("of: company, where: \"industry.has:retail\"", "of: company, where: \"gone.is:1\""), "Segment “Retail”: gone:"),
        (("[deal.won]", "[deal.wonn]"), "“enters_on” names “deal.wonn”, which is no event of Kith."),
        (("name: Small\n", "name: Small\nfor: {of: company, where: \"gone.is:1\"}\n"), "“for”, whom it is for: gone:"),
        (("name: Small\n", "name: Small\nfor: {of: journey, where: \"late.is:1\"}\n"), "whoever is asked is on none yet"),
        (("within: 2 h", "within: soonish"), "“within”: “soonish” is no span of time"),
        (("only: []", "only: [wholesale]"), "“only” names “wholesale”, which is no segment."),
        (("key: small\n", "key: small\ncalendar: Lighthouse\n"), "There is no business calendar “Lighthouse”"),
        (("key: small\n", "key: small\nopens: nowhere\n"), "“opens” names “nowhere”, which is no stage."),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_by_stage_and_field(db, change, sentence):
    assert change[0] in SMALL
    assert any(sentence in words for words in faults(from_yaml(SMALL.replace(*change))))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("key: [", "Line 1, column 7"),
        ("key: a\nkey: b\n", "Line 2, column 1: “key” stands here twice."),
        ("a: &x 1\nb: *x\n", "references"),
        ("- a\n- b\n", "written as names with values"),
        ("key: a\nname: A\n", "it needs at least one stage"),
        ("key: A b\nname: A\nstages: [{key: x, name: X}]", "a key has small letters"),
        ("key: a\nname: A\nstages: [{key: x, name: X}, {key: x, name: Y}]", "two stages have the key “x”"),
        ("key: a\nname: A\nstages: [{key: x, name: X, colour: red}]", "stage 1 (x)|there is no “colour” here"),
        ("key: a\nname: A\nstages: [{key: x, name: X, step: 12}]", "step is a number from 1 to 9, not “12”"),
        ("key: a\nname: A\nstages: [{key: x, name: X, gate: hard}]", "gate is “soft” or “strict”, not “hard”"),
        ("key: a\nname: A\nstages: [{key: x, name: X, needs: [{key: n, says: N, by: field}]}]", "says its “column”"),
        ("key: a\nname: A\nstages: x\n", "“stages” is a list"),
        ("[" * 3000, "nested too deeply"),
        ("? [a, b]\n: c\n", "Line 1, column 3: a name is one word"),
    ],
)  # fmt: skip
def test_a_file_that_says_something_else_is_refused_with_its_place(text, sentence):
    with pytest.raises(Invalid) as problem:
        from_yaml(text)
    assert all(part in problem.value.message for part in sentence.split("|"))


def test_what_the_database_cannot_hold_is_left_out_of_a_file():
    assert from_yaml('key: a\nname: "A\\0"\nstages: [{key: x, name: X}]').name == "A"


def test_all_faults_are_told_at_once():
    with pytest.raises(Faults) as problem:
        from_yaml("key: a\nname: A\nstages: [{key: x}, {name: Y, step: 0}]")
    assert len(problem.value.sentences) == 3


def test_a_stage_that_is_not_for_a_segment_is_not_on_its_way():
    small = from_yaml(SMALL.replace("only: []", "only: [retail]"))
    assert [s.key for s in small.way("")] == ["capture", "deal", "service"]
    assert small.skipped("capture", "service", "") == ("deal",)
    assert small.skipped("capture", "service", "retail") == ("qualify", "deal")


def test_what_comes_before_the_stage_where_journeys_begin_is_never_skipped():
    nine = starter("lead-to-loyalty")
    assert nine.first.key == "capture" and [s.key for s in nine.way()][0] == "capture"
    assert nine.skipped("capture", "engage") == ("qualify",)


def test_whom_a_process_is_for_comes_back_byte_for_byte_and_is_told_among_the_differences():
    text = to_yaml(from_yaml(SMALL)).replace(
        "name: Small\n", "name: Small\nfor:\n  of: company\n  where: industry.has:retail\n"
    )
    assert to_yaml(from_yaml(text)) == text
    assert differences(from_yaml(SMALL), from_yaml(text)) == ["Whom it is for changed."]
    assert differences(from_yaml(text), from_yaml(SMALL)) == ["It is not for some customers alone any more."]
