"""`kith config`: a folder goes out, is compared, comes in and is taken back."""

import json
from dataclasses import replace

import pytest

from kith.cli import commands, config, parser
from kith.kernel.access.actor import system
from kith.kernel.customfields.actions import define
from kith.kernel.customfields.models import CustomField
from kith.kernel.errors import Conflict
from kith.kernel.records.action import ACTIONS, perform
from kith.process.publishing import bring
from kith.process.starters import starter
from tests.cast import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kith(capsys):
    """Run a verb on the tests' own database: (what it ended with, what it printed, what it complained of)."""

    def run(*words):
        code = config.run(parser(commands()).parse_args(["config", *words]))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def folder(kith, tmp_path):
    """An export with one field in it."""
    define(record="deal", label="Renewal month", kind="text", by=system("cli"))
    assert kith("export", str(tmp_path / "ours"))[0] == 0
    return tmp_path / "ours"


def rename(folder):
    file = folder / "fields" / "deal-renewal_month.yaml"
    file.write_text(file.read_text().replace("label: Renewal month", "label: Month"))


def test_out_compared_in_and_taken_back(kith, folder):
    assert "0 files" not in kith("export", str(folder))[1]
    rename(folder)
    code, said, _err = kith("diff", str(folder))
    assert code == 0 and "label: Renewal month → Month" in said and "--reviewed" in said
    assert "Nothing was changed" in kith("apply", str(folder), "--dry-run")[1]
    assert CustomField.objects.get().label == "Renewal month"
    user("astrid")
    assert "To take it back" in kith("apply", str(folder), "--as", "astrid@tidewell.example")[1]
    assert CustomField.objects.get().label == "Month"
    assert "All of it is here already" in kith("apply", str(folder))[1]
    assert "Taken back" in kith("rollback")[1]
    assert CustomField.objects.get().label == "Renewal month"


def test_an_export_names_the_drafts_that_it_leaves_behind(kith, tmp_path):
    assert "drafted" not in kith("export", str(tmp_path / "ours"))[1]
    by = system("cli")
    perform(ACTIONS["process.publish"], bring(starter("start-small"), by=by), {}, by=by)
    bring(replace(starter("start-small"), about="Smaller still"), by=by)
    said = kith("export", str(tmp_path / "ours"))[1]
    assert "what is drafted is not in it until it is published: Processes: start-small." in said
    assert json.loads(kith("export", str(tmp_path / "ours"), "--json")[1])["drafts"] == ["Processes: start-small"]


def test_programs_read_json_and_a_zip_does_as_well(kith, folder, tmp_path):
    rename(folder)
    told = json.loads(kith("diff", str(folder), "--json")[1])
    assert [entry["file"] for entry in told["changed"]] == ["fields/deal-renewal_month.yaml"]
    assert told["changed"][0]["changes"] == [
        {"column": "label", "label": "label", "old": "Renewal month", "new": "Month"}
    ]
    kith("export", str(tmp_path / "ours.zip"))
    assert json.loads(kith("diff", str(tmp_path / "ours.zip"), "--json")[1])["changed"] == []
    done = json.loads(kith("apply", str(folder), "--json")[1])
    assert json.loads(kith("rollback", str(done["operation"]), "--json")[1]) == {
        "operation": done["operation"], "conflicts": [],
    }  # fmt: skip


def test_every_fault_stands_in_a_line_of_its_own_and_nothing_is_applied(kith, folder):
    rename(folder)
    (folder / "workflows").mkdir(exist_ok=True)
    (folder / "workflows" / "a.yaml").write_text("name: A\ncolour: red\n")
    (folder / "tigers").mkdir()
    (folder / "tigers" / "a.yaml").write_text("name: A\n")
    code, _out, complained = kith("apply", str(folder))
    lines = complained.splitlines()
    assert code == 1 and len(lines) == 3 and lines[-1] == "Nothing was applied."
    assert CustomField.objects.get().label == "Renewal month"
    assert kith("diff", str(folder))[0] == 1


def test_what_needs_something_that_is_not_here_is_said_before_it_is_applied(kith, folder):
    (folder / "assignment-rules").mkdir(exist_ok=True)
    (folder / "assignment-rules" / "north.yaml").write_text("name: North\nteam: Nowhere\n")
    code, said, _err = kith("diff", str(folder))
    assert code == 1 and "! assignment-rules/north.yaml, team: There is no team “Nowhere” here" in said
    assert "--reviewed" not in said
    assert json.loads(kith("diff", str(folder), "--json")[1])["faults"]


def test_what_is_not_as_it_was_reviewed_is_not_applied(kith, folder):
    rename(folder)
    with pytest.raises(Conflict, match="since this was reviewed"):
        kith("apply", str(folder), "--reviewed", "0123456789abcdef")
