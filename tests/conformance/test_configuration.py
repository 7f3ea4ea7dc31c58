"""Whatever says that it is configuration goes out to files and comes in elsewhere as it was: every record type that says so."""

import pytest

from kith.configuration.actions import apply, roll_back
from kith.configuration.exporting import files_of
from kith.configuration.reviewing import review
from kith.kernel.configuration.chapters import chapters
from kith.kernel.configuration.references import key_columns
from kith.kernel.configuration.rows import RowChapter
from kith.kernel.records.registry import registry
from tests.cast import actor
from tests.conformance.samples import row_of

pytestmark = pytest.mark.django_db
CONFIGURED = [record for record in registry if record.configured]

# Columns that only an action sets, and why no file does.
APART = {
    "business_calendar": {"is_default": "which calendar is the default is chosen where it is used"},
    "survey": {"active": "a survey asks once somebody starts it"},
    "form": {"number": "publishing counts versions", "open": "publishing opens it, closing it is a moment's decision"},
    "sequence": {"number": "publishing counts versions"},
    "workflow": {
        "number": "publishing counts versions", "active": "it arrives switched off", "author": "whoever publishes it",
        "problem": "what Kith says of it", "since": "when it was switched on", "fired_at": "when it last came round",
        "secret_round": "secrets do not leave", "shipped": "whether it is still offered", "process_number": "of those of stages",
    },
}  # fmt: skip


@pytest.mark.parametrize("record", CONFIGURED, ids=lambda record: record.name)
def test_all_that_a_row_says_is_in_its_file_or_named_here(record):
    model, columns = record.model, RowChapter(record).columns()
    own = {f.name for f in model._meta.concrete_fields if not f.name.startswith("_")}
    left = own - set(columns) - set(model.KEPT) - set(model.DERIVED) - {"owner", "team"}
    assert left - set(record.configured.leaves) == set(APART.get(record.name, {}))
    assert not any(column.kind.secret for column in columns.values())
    assert set(key_columns(record)) <= set(columns)


@pytest.mark.parametrize("record", CONFIGURED, ids=lambda record: record.name)
def test_a_row_goes_out_comes_in_elsewhere_and_goes_out_the_same(record, emptied):
    astrid = actor("astrid", "cli")
    row_of(record, astrid)
    files = files_of(by=astrid)
    assert any(path.startswith(f"{record.slug}/") for path in files)
    assert review(files, by=astrid).of("added", "changed", "missing") == []
    emptied()
    assert not record.rows(astrid, archived=False).filter(record.configured.only).exists()
    assert apply(files, by=astrid).operation is not None
    assert files_of(by=astrid) == files
    roll_back(None, by=astrid)
    assert not record.rows(astrid, archived=False).filter(record.configured.only).exists()
    apply(files, by=astrid)
    assert files_of(by=astrid) == files


def test_chapters_come_after_those_that_they_need():
    made = [chapter.name for chapter in chapters()]
    assert len(set(made)) == len(made)
    for chapter in chapters():
        needed = [name for name in chapter.after() if name in made]
        assert all(made.index(name) < made.index(chapter.name) for name in needed), chapter.name
