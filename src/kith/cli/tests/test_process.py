"""Definitions on the command line: a file goes out, comes in, and is put in force."""

import json

import pytest

from kith.cli import commands, parser
from kith.kernel.errors import KithError
from kith.process import terminal
from kith.process.models import Process

pytestmark = pytest.mark.django_db


@pytest.fixture
def kith(capsys):
    """Run a verb on the tests' own database; what it printed."""

    def run(*words):
        args = parser(commands()).parse_args(["process", *words])
        verb = {"list": "listed", "show": "shown", "export": "exported", "import": "imported", "publish": "published"}
        assert getattr(terminal, verb[args.verb])(args) == 0
        return capsys.readouterr().out

    return run


def test_an_empty_kith_lists_the_starters(kith):
    assert [row["key"] for row in json.loads(kith("list", "--json"))] == [
        "lead-to-loyalty", "sales-flow", "relationship", "cycle", "start-small",
    ]  # fmt: skip


def test_a_process_goes_out_to_a_file_comes_in_changed_and_is_put_in_force(kith, tmp_path):
    assert "version 1 is in force" in kith("import", "lead-to-loyalty", "--publish")
    file = tmp_path / "ours.yaml"
    kith("export", "lead-to-loyalty", str(file))
    assert "nothing changed" in kith("import", str(file))
    file.write_text(file.read_text().replace("within: 2 business hours", "within: 1 business hour"))
    assert "can be used as it is" in kith("import", str(file), "--check")
    assert "is a draft" in kith("import", str(file))
    assert "it was 2 business hours" in kith("publish", "lead-to-loyalty", "--preview")
    assert "version 2 is in force" in kith("publish", "lead-to-loyalty", "--note", "Answer sooner")
    assert Process.objects.get().in_force == 2


def test_a_second_process_leaves_new_customers_where_they_begin_unless_it_is_said(kith):
    assert "New customers go on beginning here." in kith("import", "lead-to-loyalty", "--publish")
    kith("import", "start-small")
    assert "New customers go on beginning in Lead to loyalty." in kith("publish", "start-small", "--preview")
    assert "no longer in Lead to loyalty" in kith("publish", "start-small", "--preview", "--default")
    assert "New customers go on beginning in Lead to loyalty." in kith("publish", "start-small")
    assert [p.key for p in Process.objects.filter(is_default=True)] == ["lead-to-loyalty"]
    kith("import", "cycle", "--publish", "--default")
    assert [p.key for p in Process.objects.filter(is_default=True)] == ["cycle"]


def test_showing_names_stages_needs_and_clocks(kith):
    printed = kith("show", "start-small")
    assert "Follow up" in printed and "within 1 business day" in printed


@pytest.mark.parametrize("words", [("show", "gone"), ("publish", "gone"), ("import", "/nowhere.yaml")])
def test_what_is_not_there_is_said_with_what_is(kith, words):
    with pytest.raises(KithError, match="there are|bring a starter|cannot be read"):
        kith(*words)
