"""A workflow as a document: read or refused in a sentence that names the step, laid out in a line, said in words."""

import datetime as dt

import pytest

from kith.automation.checking import faults_of
from kith.automation.definition import read
from kith.automation.kinds import WorkflowDraft
from kith.automation.lengths import read_length
from kith.automation.saying import difference, in_one, sentences
from kith.automation.tests.making import WHEN_LOST, WHY, workflow
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.steps import program
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def faults(document, name=""):
    return faults_of({**WHEN_LOST, **document}, actor("astrid"), name)


def one_step(**step):
    return faults({"steps": [step]})


def test_a_sound_workflow_has_no_fault():
    assert faults({}) == []


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"record": "invoice"}, "There is no type of record “invoice”"),
        ({"when": {}}, "Say what starts it: exactly one of event, becomes, date, schedule, webhook, stage."),
        ({"when": {"event": "deal.lost", "schedule": "0 8 * * *"}}, "Say what starts it: exactly one of"),
        ({"when": {"event": "deal.eaten"}}, "It starts on “deal.eaten”, which is no event."),
        ({"when": {"event": "deal.lost", "at": "08:00"}}, "How it starts has no “at”"),
        ({"when": {"date": "amount"}}, "It starts by the date “amount”, which a deal does not have."),
        ({"when": {"date": "closes_on", "offset": "soon"}}, "“soon” is no span of time"),
        ({"when": {"date": "closes_on", "at": "breakfast"}}, "“breakfast” is not a time of day"),
        ({"when": {"schedule": "now and then"}}, "“now and then” is not a time"),
        ({"when": {"schedule": "* * * * *"}}, "A schedule runs once an hour at most"),
        ({"when": {"becomes": "colour.is:red"}}, "The filter that starts it: There is no field “colour” to filter by."),
        ({"if": "colour.is:red"}, "Its condition: There is no field “colour” to filter by."),
        ({"if": "amount.over:lots"}, "Its condition:"),
        ({"if": "any(amount.over:1"}, "Its condition: The filter lacks a closing bracket."),
        ({"steps": []}, "It has no step yet."),
        ({"record": "", "when": {"schedule": "0 8 * * 1"}, "if": ""}, "Step 1: it is about a row"),
        ({"steps": ["wait"]}, "Step 1 does not say what to do"),
        ({"steps": "wait"}, "“steps” is a list."),
        ({"colour": "red"}, "A workflow has no “colour”"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(document, sentence):
    assert any(fault.startswith(sentence) for fault in faults(document)), faults(document)


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ({"do": "dance"}, "Step 1: there is no step “dance”; there are action, write, set"),
        ({"do": "wait"}, "Step 1: say either how long it waits (for) or what it waits for (until)."),
        ({"do": "wait", "for": "-3 days"}, "Step 1: it cannot wait for “-3 days”, which is past."),
        ({"do": "wait", "until": "deal.won"}, "Step 1: say how long it waits at most (at_most)"),
        ({"do": "wait", "until": "deal.eaten", "at_most": "1 day"}, "Step 1: it waits for “deal.eaten”, which is no event."),
        ({"do": "wait", "for": "3 days", "colour": "red"}, "Step 1: it has no “colour”"),
        ({"do": "action", "action": "deal.eat"}, "Step 1: a deal has no action “deal.eat”"),
        ({"do": "action", "action": "deal.lose", "inputs": {"mood": "sad"}}, "Step 1: “Lost” has no input “mood”"),
        ({"do": "action", "action": "deal.lose"}, "Step 1: “Lost” needs “Why” (reason)."),
        ({"do": "action", "action": "deal.lose", "inputs": {"reason": "Boredom"}}, "Step 1: Why: There is no reason “Boredom”."),
        ({"do": "write", "kind": "poem"}, "Step 1: nothing of the kind “poem” can be written about a deal"),
        ({"do": "write", "kind": "task", "inputs": {"subject": "Hello {colour}"}}, "Step 1: What: There is no field “colour” to take a value from."),
        ({"do": "set", "values": {"colour": "red"}}, "Step 1: Deal has no field “colour”."),
        ({"do": "set", "values": {"stage": "Proposal"}}, "Step 1: “Stage” is only changed by deal.move_to_stage."),
        ({"do": "set", "values": {"amount": "lots"}}, "Step 1: Amount:"),
        ({"do": "assign", "to": "Nobody at all"}, "Step 1: To: There is no colleague “Nobody at all”."),
        ({"do": "notify", "to": "=owner"}, "Step 1: “text” is needed."),
        ({"do": "webhook", "url": "ftp://example.com"}, "Step 1: “ftp://example.com” is not an address"),
        ({"do": "webhook", "url": "https://me:secret@example.com"}, "Step 1: An address of a call may not hold a password"),
        ({"do": "enrol", "workflow": "Nothing"}, "Step 1: there is no workflow “Nothing”."),
        ({"do": "branch", "if": "amount.over:1"}, "Step 1: say what happens then, or else."),
        ({"do": "branch", "if": "hue.is:1", "then": [WHY]}, "Step 1: Its condition: There is no field “hue” to filter by."),
        ({"do": "branch", "if": "amount.over:1", "then": [{"do": "wait", "for": "soon"}]}, "Step 1a.1: “soon” is no span of time"),
        ({"do": "approve", "by": "helena", "question": "May we?", "at_most": "ages"}, "Step 1: “ages” is no span of time"),
    ],
)  # fmt: skip
def test_each_fault_names_its_step(step, sentence):
    install_defaults(by=system("cli"))
    assert any(fault.startswith(sentence) for fault in one_step(**step)), one_step(**step)


def test_enrolling_in_a_circle_is_refused_however_long_the_way():
    enrol = lambda name: {"steps": [{"do": "enrol", "workflow": name}]}  # noqa: E731
    workflow(WHEN_LOST, "C")
    workflow({**WHEN_LOST, **enrol("C")}, "B")
    assert faults(enrol("B"), "A") == []
    assert faults(enrol("B"), "C") == ["Step 1: enrolling in “B” leads back to this workflow."]
    assert faults(enrol("C"), "C") == ["Step 1: enrolling in “C” leads back to this workflow."]


def test_a_right_that_one_does_not_have_keeps_one_from_publishing():
    assert "Your role does not include “activity.create”, which a step needs." in faults_of(WHEN_LOST, actor("rolf"))


def test_text_of_any_kind_is_read_as_the_same_document_or_refused_with_its_line():
    kind = WorkflowDraft()
    typed = {**WHEN_LOST, "steps": [{"do": "notify", "to": "=owner", "text": "Look", "mail": True}]}
    assert kind.parse(kind.edit(kind.clean(typed))) == kind.clean(typed)
    assert kind.clean(typed)["steps"][0]["mail"] == "true"
    with pytest.raises(Invalid, match="line 2"):
        kind.parse("record: deal\nwhen: {event: [")
    with pytest.raises(Invalid, match="refer to parts of itself"):
        kind.parse("record: &a deal\nif: *a")
    deep = "steps: " + "[" * 200 + "]" * 200
    with pytest.raises(Invalid):
        kind.parse(deep)


def test_a_workflow_reads_as_sentences():
    user("ines")
    document = {
        **WHEN_LOST,
        "steps": [
            {"do": "wait", "for": "3 days"},
            {"do": "branch", "if": "amount.over:50000", "then": [{"do": "assign", "to": "Ines Okafor"}], "else": [WHY]},
            {"do": "stop"},
        ],
    }
    assert sentences(document, actor("astrid")) == [
        "When somebody lost this deal and Amount is over €10,000:",
        "1. wait 3 days",
        "2. if Amount is over €50,000",
        "  2a.1. then: give it to Ines Okafor",
        "  2b.1. else: write a task “Ask why” (when in 3 days, who its owner)",
        "3. stop",
    ]
    assert (
        in_one({**WHEN_LOST, "steps": []}, actor("astrid"))
        == "When somebody lost this deal and Amount is over €10,000."
    )


def test_what_a_version_changed_is_told_in_sentences():
    other = {**WHEN_LOST, "if": "amount.over:20000"}
    changed = [d for d in difference(WHEN_LOST, other, actor("astrid")) if d[0] != " "]
    assert changed == [
        ("-", "When somebody lost this deal and Amount is over €10,000:"),
        ("+", "When somebody lost this deal and Amount is over €20,000:"),
    ]


def test_the_line_of_a_branch_comes_together_again_behind_it():
    branch = {"do": "branch", "if": "x", "then": [{"do": "stop"}], "else": [{"do": "stop"}, {"do": "stop"}]}
    line = program(read({"steps": [branch, {"do": "stop"}]}).steps)
    assert [(i.number, i.target) for i in line] == [
        ("1", 3), ("1a.1", -1), ("1", 5), ("1b.1", -1), ("1b.2", -1), ("2", -1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "then"),
    [("3 days", "2026-03-15T14:20"), ("-3 days", "2026-03-09T14:20"), ("90 minutes", "2026-03-12T15:50"), ("0", "2026-03-12T14:20"),
     ("1 week", "2026-03-19T14:20"), ("2 business days", "2026-03-16T14:20"), ("-4 business days", "2026-03-06T14:20")],
)  # fmt: skip
def test_lengths_of_time_lead_forward_and_back(text, then):
    now = dt.datetime(2026, 3, 12, 14, 20, tzinfo=dt.UTC)  # a Thursday
    length = read_length(text)
    assert length.after(now) == dt.datetime.fromisoformat(f"{then}+00:00")
    assert length.back().after(length.after(now)) == now
