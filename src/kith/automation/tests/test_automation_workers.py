"""Several workers at once, and workers that die: every step is done once."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.automation import engine, sweeps
from kith.automation.jobs import start
from kith.automation.models import Run, RunState, Workflow
from kith.automation.queries import live
from kith.automation.stages import keeping
from kith.automation.tests.making import WHEN_LOST, WHY, deal, lose, runs, tasks, workflow
from kith.kernel.organisation.models import bump
from kith.kernel.records.registry import registry
from kith.process.tests.cast import BUSY, in_force
from kith.process.versions import every_process
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_workers_do_every_step_of_every_run_once():
    made = workflow({**WHEN_LOST, "steps": [WHY, {"do": "set", "values": {"competitor": "Polar"}}]})
    rows = [deal(f"Site {n}") for n in range(12)]
    for row in rows:
        lose(row)
    assert together(start) == []
    assert together(engine.advance_all) == []
    assert [r.state for r in runs(made)] == [RunState.DONE] * 12
    assert [len(tasks(row)) for row in rows] == [1] * 12


def test_a_filter_begins_to_be_met_once_however_many_look():
    made = workflow({"record": "deal", "when": {"becomes": "amount.over:50000"}, "steps": [WHY]})
    rows = [deal(f"Site {n}", amount=100) for n in range(6)]
    type(rows[0]).objects.update(amount=60_000)  # without an event, as the passing of time would
    minutes = iter(range(100))
    assert (
        together(
            lambda: sweeps.look_at_filter(live()[0], timezone.now() + dt.timedelta(minutes=next(minutes))), times=6
        )
        == []
    )
    assert sorted(r.record_id for r in runs(made)) == sorted(row.pk for row in rows)


def test_a_worker_that_dies_in_the_middle_of_a_step_leaves_it_to_the_next(monkeypatch):
    made = workflow(WHEN_LOST)
    row = deal()
    lose(row)
    start()

    class Killed(BaseException):
        pass

    def die(run):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Run, "save", die)  # after the task was written, before the note of it is kept
        engine.advance_all()
    assert registry["activity"].model.objects.filter(deal=row).count() == 0
    assert [r.state for r in runs(made)] == [RunState.QUEUED]
    engine.advance_all()
    assert len(tasks(row)) == 1


def test_processes_from_before_get_their_workflows_once_whoever_looks_at_the_same_time():
    in_force(BUSY)
    Workflow.objects.all().delete()
    assert together(lambda: keeping.follow(every_process())) == []
    assert Workflow.objects.filter(active=True).count() == 3
    Workflow.objects.all().delete()
    bump()
    sweeps.minute()
    assert Workflow.objects.filter(active=True).count() == 3
