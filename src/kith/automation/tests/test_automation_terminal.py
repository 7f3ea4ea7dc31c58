"""Workflows from the command line: published, switched, paused, and their runs tried again."""

import argparse
import json

import pytest

from kith.automation.models import RunState, Workflow
from kith.automation.queries import paused
from kith.automation.tests.making import WHEN_LOST, WHY, deal, drafted, lose, runs, tasks, the_run, work, workflow
from kith.cli.workflow import arguments, run
from kith.kernel.errors import Invalid, InvalidMany, NotAllowed, NotFound
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kith(capsys):
    """Run a verb; what it printed."""

    def run_it(*words):
        parser = argparse.ArgumentParser()
        arguments(parser)
        assert run(parser.parse_args(words)) == 0
        return capsys.readouterr().out

    actor("astrid")
    return run_it


def test_a_draft_is_published_as_somebody_switched_on_and_off(kith):
    made = drafted(WHEN_LOST)
    with pytest.raises(Invalid, match="Nobody published “Ask why we lost” yet; say whose rights it has, with --as"):
        kith("publish", made.name)
    with pytest.raises(NotAllowed):
        kith("publish", made.name, "--as", user("ines").email)
    with pytest.raises(Invalid, match="Publish it first"):
        kith("on", made.name)
    said = kith("publish", made.name, "--as", user("astrid").email)
    assert said == "“Ask why we lost” is published as version 1, and is off.\n"
    assert kith("on", made.name) == "“Ask why we lost” is on. What happened before starts nothing.\n"
    row = deal()
    lose(row)
    work()
    assert len(tasks(row)) == 1
    assert json.loads(kith("publish", str(made.pk), "--json"))["version"] == 1, (
        "as the same colleague, and nothing is new"
    )
    assert kith("off", made.name) == "“Ask why we lost” is off.\n"
    assert not Workflow.objects.get(pk=made.pk).active
    with pytest.raises(NotFound):
        kith("on", "No such thing")


def test_what_keeps_a_draft_from_being_published_is_said(kith):
    made = drafted({**WHEN_LOST, "steps": []}, "Empty")
    with pytest.raises(InvalidMany):
        kith("publish", made.name, "--as", user("astrid").email)


def test_switching_off_can_cancel_what_has_begun(kith):
    made = workflow({**WHEN_LOST, "steps": [{"do": "wait", "for": "3 days"}, WHY]})
    lose(deal())
    work()
    kith("off", made.name, "--cancel")
    assert the_run(made).state == RunState.CANCELLED


def test_all_automation_rests_and_goes_on(kith):
    assert kith("pause") == "All automation rests. What happens meanwhile starts nothing.\n"
    assert paused().began_by == "Command line"
    assert json.loads(kith("resume", "--json")) == {"paused": False} and paused() is None


def test_runs_that_failed_are_listed_and_tried_again_together(kith):
    jonas = user("jonas")
    made = workflow({**WHEN_LOST, "steps": [{"do": "assign", "to": [str(jonas)]}]})
    other = workflow(WHEN_LOST, "Beside it")
    jonas.is_active = False
    jonas.save(update_fields=["is_active"])
    for n in range(2):
        lose(deal(f"Site {n}"))
    work()
    assert {r.state for r in runs(made)} == {RunState.FAILED}
    told = json.loads(kith("runs", "--failed", "--json"))
    assert [one["id"] for one in told] == [r.pk for r in reversed(runs(made))]
    assert "4 runs." in kith("runs") and "2 runs." in kith("runs", "--workflow", "Beside it")
    jonas.is_active = True
    jonas.save(update_fields=["is_active"])
    assert kith("runs", "--retry", "--workflow", made.name) == "2 runs are tried again.\n"
    work()
    assert {r.state for r in [*runs(made), *runs(other)]} == {RunState.DONE}
