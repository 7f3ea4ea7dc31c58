"""Runs that fail: their author hears of it once an hour, and many are tried again together."""

from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.activities.models import Notice
from kith.api.tests.programs import Program
from kith.automation import replay as rehearsal
from kith.automation.models import Run, RunState, RunStep, StepState
from kith.automation.replay import replay
from kith.automation.tests.making import WHEN_LOST, WHY, deal, drafted, lose, runs, work, workflow
from kith.kernel.lookups.bulk import Wish, bulk_change
from kith.kernel.lookups.selection import Selection
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
REOPEN = {"record": "deal", "when": {"event": "deal.lost"}, "steps": [{"do": "action", "action": "deal.reopen"}, WHY]}
AGAIN = Wish("do", "Try again", {}, "run.retry")


def failing(n, made=None):
    """So many runs that failed at their first step: what they want to open again is open."""
    made = made or workflow(REOPEN)
    for i in range(n):
        row = deal(f"Site {i}")
        lose(row)
        perform(ACTIONS["deal.reopen"], row, {}, by=actor("ines"))
    work()
    return made


def test_the_author_hears_once_an_hour_however_many_runs_fail():
    with time_machine.travel("2026-03-12 10:05", tick=False):
        made = failing(3)
        assert {r.state for r in runs(made)} == {RunState.FAILED}
        [told] = Notice.objects.all()
        assert told.user == user("astrid") and told.path.startswith(
            f"/runs/?filter=workflow.is:{made.pk},state.is:failed"
        )
        assert told.text.startswith("Runs of “Ask why we lost” fail: Step 1 failed.")
    with time_machine.travel("2026-03-12 11:05", tick=False):
        failing(1, made)
    assert Notice.objects.count() == 2


def test_many_runs_are_tried_again_together_from_where_they_stand():
    made = failing(4)
    with_step = runs(made)[0]
    done = runs(made)[3]
    Run.objects.filter(pk=done.pk).update(state=RunState.DONE)
    told = bulk_change(registry["run"], Selection(ids=tuple(r.pk for r in runs(made))), AGAIN, by=actor("astrid"))
    assert told.changed == 3 and [pk for pk, *_why in told.refused] == [done.pk]
    assert {r.state for r in runs(made)[:3]} == {RunState.QUEUED}
    assert Event.objects.filter(verb="run.retried", record_id=with_step.pk).count() == 1
    work()
    assert {r.state for r in runs(made)[:3]} == {RunState.FAILED}
    assert RunStep.objects.filter(run=with_step, state=StepState.FAILED).count() == 2


def test_trying_many_again_costs_no_query_each():
    made, counts = failing(12), []
    every = [r.pk for r in runs(made)]
    for some in (every[:1], every[1:4], every[4:]):  # the first fills what is kept
        with CaptureQueriesContext(connection) as asked:
            assert bulk_change(registry["run"], Selection(ids=tuple(some)), AGAIN, by=actor("astrid")).changed == len(
                some
            )
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_programs_and_the_list_offer_to_try_many_again(client):
    made = failing(2)
    told = Program("astrid")(
        "post", "runs/bulk", {"filter": f"workflow.is:{made.pk},state.is:failed", "action": "retry", "expect": 2}
    )
    assert told.data["changed"] == 2 and {r.state for r in runs(made)} == {RunState.QUEUED}
    client.force_login(user("astrid"))
    assert "Try again" in client.get("/runs/").content.decode()


def test_a_replay_says_where_there_were_more_rows_than_it_looks_at(monkeypatch):
    for n in range(3):
        lose(deal(f"Site {n}"))
    last = deal("Last")
    lose(last)
    draft = drafted({**WHEN_LOST, "steps": [WHY]})
    assert not any("more than" in words for words in replay(draft, by=actor("astrid")).notes)
    monkeypatch.setattr(rehearsal, "MOST_ROWS", 2)
    told = replay(draft, by=actor("astrid"))
    assert told.count == 2 and told.rows[0].pk == last.pk
    assert (
        told.notes[0]
        == "There are more than 2 rows; only those on which it happened last were looked at, so that all counts are too low."
    )
    sleeping = drafted({"record": "deal", "when": {"schedule": "0 8 * * *"}, "steps": [WHY]}, "Each morning")
    assert "only the oldest ones were looked at" in replay(sleeping, by=actor("astrid")).notes[0]
