"""Steps of many runs are done together: few questions each, none of them done on what another one has just changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.automation import actions as do
from kith.automation import engine, jobs
from kith.automation.models import RunState
from kith.automation.tests.making import WHEN_LOST, WHY, deal, drafted, lose, runs, tasks, work, workflow
from tests.cast import actor

pytestmark = pytest.mark.django_db
START = ("automation.start",)


def waiting(n, made=None):
    """So many runs that wait for their first step, and their rows."""
    made = made or workflow(WHEN_LOST)
    rows = [deal(f"Site {i}") for i in range(n)]
    for row in rows:
        lose(row)
    work(START)
    return made, rows


def test_many_steps_cost_few_questions_each():
    made, rows = waiting(40)
    with CaptureQueriesContext(connection) as asked:
        assert engine.advance_all() == 40
    assert {r.state for r in runs(made)} == {RunState.DONE} and all(len(tasks(row)) == 1 for row in rows)
    assert len(asked) <= 40 * 17
    taken = [q for q in asked if "automation_run" in q["sql"] and "FOR UPDATE" in q["sql"]]
    assert len(taken) == 3, "twenty, twenty, and none"
    read = [q for q in asked if q["sql"].startswith("SELECT") and 'FROM "deals_deal"' in q["sql"]]
    assert len(read) == 2, "the rows of twenty by one question"


def test_a_second_run_about_a_row_sees_what_the_first_one_changed():
    naming = {"do": "set", "values": {"name": "Renamed"}}
    asking = {"do": "write", "kind": "task", "inputs": {"subject": "About {name}"}}
    first = workflow({**WHEN_LOST, "steps": [naming]}, "Names it")
    second = workflow({**WHEN_LOST, "steps": [asking]}, "Asks")
    _made, rows = waiting(2, first)
    engine.advance_all()
    assert [r.state for r in (*runs(first), *runs(second))] == [RunState.DONE] * 4
    assert {task.subject for row in rows for task in tasks(row)} == {"About Renamed"}


def test_a_run_that_another_one_ends_a_moment_before_does_nothing_more():
    ending = drafted({**WHEN_LOST, "steps": [{"do": "leave", "workflow": "Ended"}]}, "Ends it")
    ended = workflow(WHEN_LOST, "Ended")
    do.switch_on(do.publish(ending, by=actor("astrid")), by=actor("astrid"))
    _made, (row,) = waiting(1, ended)
    assert engine.advance_all() == 1
    assert [r.state for r in runs(ending)] == [RunState.DONE]
    assert [r.state for r in runs(ended)] == [RunState.CANCELLED] and tasks(row) == []


def test_a_value_that_the_database_refuses_fails_its_run_alone():
    made = workflow({**WHEN_LOST, "steps": [{**WHY, "inputs": {**WHY["inputs"], "subject": "About {name}"}}]})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activities_activity ADD CONSTRAINT no_site_one CHECK (subject <> 'About Site 1')")
    waiting(3, made)
    engine.advance_all()
    assert [r.state for r in runs(made)] == [RunState.DONE, RunState.FAILED, RunState.DONE]
    assert "no_site_one" in runs(made)[1].steps.get().error


def test_many_runs_keep_no_worker_from_its_other_work():
    made, _rows = waiting(jobs.TURN + 5)
    jobs.advance()
    assert sum(r.state == RunState.DONE for r in runs(made)) == jobs.TURN, "one turn"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lock FROM procrastinate_jobs WHERE task_name = 'automation.advance' AND status = 'todo' ORDER BY 1"
        )
        locks = [lock for (lock,) in cursor.fetchall()]
    assert locks == ["automation.advance:1", "automation.advance:2"], "no two of a lock are done at once"
    jobs.advance()
    assert {r.state for r in runs(made)} == {RunState.DONE}
