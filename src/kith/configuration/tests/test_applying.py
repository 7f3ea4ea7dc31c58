"""A configuration goes out to files, is compared, comes in, and is taken back."""

import pytest

from kith.automation.models import Workflow
from kith.configuration.actions import KIND, Refused, apply, roll_back
from kith.configuration.exporting import drafts_left, files_of
from kith.configuration.reviewing import review
from kith.kernel.customfields.actions import archive_field, change_field, define
from kith.kernel.customfields.models import CustomField
from kith.kernel.errors import Conflict, NotAllowed
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.models import Process
from kith.process.publishing import bring
from kith.process.starters import starter
from kith.process.versions import definition_of, draft_of
from tests.cast import actor

pytestmark = pytest.mark.django_db

DRAFT = {
    "record": "deal",
    "when": {"event": "deal.lost"},
    "steps": [{"do": "notify", "to": ["=owner"], "text": "Why?"}],
}


@pytest.fixture
def astrid():
    return actor("astrid")


@pytest.fixture
def house(astrid):
    """A field, a process in force, and a workflow that counts and is on."""
    define(record="deal", label="Renewal month", kind="choice", choices=["January", "July"], by=astrid)
    perform(ACTIONS["process.publish"], bring(starter("start-small"), by=astrid), {}, by=astrid)
    flow = actions.create(registry["workflow"], {"name": "Ask why we lost", "draft": DRAFT}, by=astrid)
    flow = perform(ACTIONS["workflow.publish"], flow, {}, by=astrid).result
    return perform(ACTIONS["workflow.switch_on"], flow, {}, by=astrid).result


FIELD, FLOW, WAY = "fields/deal-renewal_month.yaml", "workflows/ask-why-we-lost.yaml", "processes/start-small.yaml"


def test_what_goes_out_comes_in_elsewhere_and_goes_out_the_same(house, astrid, emptied):
    files = files_of(by=astrid)
    assert {FIELD, FLOW, WAY} <= set(files)
    emptied()
    assert not CustomField.objects.exists()
    done = apply(files, by=astrid, publish=True)
    assert done.operation.kind == KIND
    assert files_of(by=astrid) == files
    assert apply(files, by=astrid, publish=True).operation is None


def test_what_is_drafted_stays_here_and_is_named(house, astrid):
    files = files_of(by=astrid)
    assert drafts_left(by=astrid) == []
    actions.create(registry["workflow"], {"name": "Never published", "draft": DRAFT}, by=astrid)
    assert drafts_left(by=astrid) == [] and "workflows/never-published.yaml" in files_of(by=astrid)
    text = to_yaml(starter("start-small")).replace("name: Start small", "name: Smaller still")
    process = bring(from_yaml(text), by=astrid)
    actions.edit(registry["workflow"], house, {"draft": {**DRAFT, "if": "amount.over:500"}}, by=astrid)
    assert drafts_left(by=astrid) == ["Processes: start-small", "Workflows: Ask why we lost"]
    assert {path: files_of(by=astrid)[path] for path in files} == files
    perform(ACTIONS["process.publish"], process, {}, by=astrid)
    assert drafts_left(by=astrid) == ["Workflows: Ask why we lost"]
    with pytest.raises(NotAllowed):
        drafts_left(by=actor("ines"))


def test_the_file_of_a_process_is_the_one_that_process_export_writes(house, astrid):
    assert files_of(by=astrid)[WAY] == to_yaml(starter("start-small"))


def test_the_review_says_column_by_column_what_would_change(house, astrid):
    files = files_of(by=astrid)
    change_field(CustomField.objects.get(), label="Month", by=astrid)
    seen = review(files, by=astrid)
    [entry] = seen.of("changed")
    assert [(c.column, c.old, c.new) for c in entry.changes] == [("label", "Month", "Renewal month")]
    assert (entry.path, entry.name) == (FIELD, "deal renewal_month")
    assert not seen.of("added") and not seen.of("missing")


def test_what_is_here_and_not_in_the_files_is_said_and_stays_unless_it_is_to_go(house, astrid):
    files = files_of(by=astrid)
    del files[FIELD]
    assert [entry.name for entry in review(files, by=astrid).of("missing")] == ["deal renewal_month"]
    assert apply(files, by=astrid).operation is None
    assert CustomField.objects.get().archived_at is None
    done = apply(files, by=astrid, remove=True)
    assert done.removed == 1 and CustomField.objects.get().archived_at is not None
    undo(done.operation, by=astrid)
    assert CustomField.objects.get().archived_at is None


def test_a_workflow_arrives_as_a_draft_and_off(house, astrid, emptied):
    files = files_of(by=astrid)
    emptied()
    apply(files, by=astrid)
    row = Workflow.objects.get()
    assert (row.name, row.active, row.number, row.draft) == ("Ask why we lost", False, None, DRAFT)
    apply(files, by=astrid, publish=True)
    row.refresh_from_db()
    assert (row.active, row.number) == (False, 1)


def test_a_changed_workflow_goes_on_as_it_was_until_its_draft_is_published(house, astrid):
    files = files_of(by=astrid)
    files[FLOW] = files[FLOW].replace("Why?", "What was it?")
    apply(files, by=astrid)
    house.refresh_from_db()
    assert house.active and house.number == 1
    assert [entry.state for entry in review(files, by=astrid).entries if entry.path == FLOW] == ["waiting"]
    apply(files, by=astrid, publish=True)
    house.refresh_from_db()
    assert (house.number, house.active) == (2, False)  # what is new acts only once somebody switches it on


def test_a_process_arrives_as_a_draft_and_is_put_in_force_when_it_is_said(house, astrid):
    files = files_of(by=astrid)
    files[WAY] = files[WAY].replace("within: 1 business day", "within: 2 business days", 1)
    process = Process.objects.get()
    done = apply(files, by=astrid, publish=True)
    process.refresh_from_db()
    assert process.in_force == 2 and to_yaml(definition_of(process.pk, 2)) == files[WAY]
    roll_back(None, by=astrid)
    process.refresh_from_db()
    assert process.in_force == 1 and draft_of(process) is None
    assert Operation.objects.get(pk=done.operation.pk).undone_at is not None
    apply(files, by=astrid)
    assert draft_of(process) is not None
    assert apply(files, by=astrid, publish=True).operation is not None
    process.refresh_from_db()
    assert process.in_force == 3
    roll_back(None, by=astrid)
    process.refresh_from_db()
    assert process.in_force == 1 and draft_of(process) is not None  # it was one before


def test_taking_back_brings_everything_to_where_it_was(house, astrid):
    before = files_of(by=astrid)
    files = dict(before)
    files[FIELD] = files[FIELD].replace("label: Renewal month", "label: Month").replace("july: July", "july: Midsummer")
    files["fields/deal-note.yaml"] = "record: deal\nkey: note\nlabel: Note\nkind: text\nposition: 1\n"
    files["workflows/new.yaml"] = "name: New one\ndescription: Later\n"
    assert apply(files, by=astrid).operation is not None
    assert "label: Month" in files_of(by=astrid)[FIELD]
    op, undone = roll_back(None, by=astrid)
    assert undone.conflicts == []
    assert files_of(by=astrid) == before
    again = apply(files, by=astrid)
    assert again.operation is not None and Workflow.objects.filter(name="New one").count() == 1  # it came back


def test_what_was_changed_since_stays_and_is_said(house, astrid):
    files = files_of(by=astrid)
    files[FIELD] = files[FIELD].replace("label: Renewal month", "label: Month")
    apply(files, by=astrid)
    change_field(CustomField.objects.get(), label="The month", by=astrid)
    _op, undone = roll_back(None, by=astrid)
    assert undone.conflicts == ["The field “The month” was changed since and was left as it is."]


def test_a_change_between_review_and_applying_asks_for_another_review(house, astrid):
    files = files_of(by=astrid)
    files[FIELD] = files[FIELD].replace("label: Renewal month", "label: Month")
    mark = review(files, by=astrid).fingerprint
    actions.edit(registry["workflow"], house, {"description": "Mine"}, by=astrid)
    with pytest.raises(Conflict):
        apply(files, by=astrid, reviewed=mark)
    assert CustomField.objects.get().label == "Renewal month"
    apply(files, by=astrid, reviewed=review(files, by=astrid).fingerprint)
    assert CustomField.objects.get().label == "Month"


def test_a_dry_run_changes_nothing(house, astrid):
    before = files_of(by=astrid)
    files = {**before, FIELD: before[FIELD].replace("label: Renewal month", "label: Month")}
    assert apply(files, by=astrid, rehearse=True).operation is None
    assert files_of(by=astrid) == before and not Operation.objects.filter(kind=KIND).exists()


def test_a_field_that_was_put_away_comes_back_with_the_values_of_its_rows(house, astrid):
    files = files_of(by=astrid)
    archive_field(CustomField.objects.get(), by=astrid)
    apply(files, by=astrid)
    assert CustomField.objects.get().archived_at is None


def test_only_who_manages_the_settings_reads_and_applies(house, astrid):
    files, anna = files_of(by=astrid), actor("ines")
    for tried in (lambda: files_of(by=anna), lambda: review(files, by=anna), lambda: apply(files, by=anna)):
        with pytest.raises(NotAllowed):
            tried()


def test_what_has_a_file_that_cannot_be_read_is_not_called_missing(house, astrid):
    files = files_of(by=astrid)
    seen = review({**files, WAY: "key: ["}, by=astrid)
    assert [fault.partition(":")[0] for fault in seen.faults] == [WAY] and seen.of("missing") == []
    without = {path: text for path, text in files.items() if path != WAY}
    assert [entry.path for entry in review(without, by=astrid).of("missing")] == [WAY]


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("tigers/one.yaml", "name: x", "tigers/one.yaml: this Kith has no chapter “tigers”"),
        ("workflows/one.yaml", "name: [", "workflows/one.yaml: Line 1, column 8"),
        ("workflows/one.yaml", "name: A\ncolour: red", "workflows/one.yaml, colour: Workflow has no “colour”; it has name,"),
        ("workflows/one.yaml", "description: A", "workflows/one.yaml, name: “name” is missing"),
        ("workflows/one.yaml", "name: A\nper_hour: lots", "workflows/one.yaml, per_hour: “lots” is not a number"),
        ("fields/one.yaml", "record: deal\nkey: a\nkind: rainbow", "fields/one.yaml, kind: “kind” is one of"),
        ("fields/one.yaml", "record: tiger\nkey: a\nlabel: A\nkind: text", "fields/one.yaml, record: There is no record type “tiger”"),
        (FIELD, "record: deal\nkey: renewal_month\nlabel: A\nkind: text", "A field keeps what it is; “kind” is choice here."),
        ("processes/one.yaml", "key: one\nname: One\nstages: [{key: a, nme: B}]", "processes/one.yaml: "),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_with_its_file_and_nothing_is_applied(house, astrid, path, text, said):
    files = {**files_of(by=astrid), "workflows/fine.yaml": "name: Fine", path: text}
    with pytest.raises(Refused) as refused:
        apply(files, by=astrid)
    assert any(said in words for words in refused.value.sentences), refused.value.sentences
    assert not Workflow.objects.filter(name="Fine").exists()
