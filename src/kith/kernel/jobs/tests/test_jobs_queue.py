"""Enqueuing is part of the caller's transaction, in pages and inside jobs alike."""

import ast
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

import kith
from kith.kernel.errors import Conflict, Invalid, NotFound
from kith.kernel.jobs import current_job, enqueue, enqueue_many, job
from kith.kernel.jobs.actions import cancel_job, retry_job
from kith.kernel.jobs.declare import JOBS, BackOff
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.jobs.queries import failed_attempts, job_counts, list_jobs, oldest_due

pytestmark = pytest.mark.django_db
HEARD = []


@job("tests.hear", label="Hear a word")
def hear(word, **more):
    HEARD.append((word, more, current_job().name if current_job() else ""))


@job("tests.stumble", attempts=3)
def stumble(over):
    raise {"stone": RuntimeError, "rule": Invalid, "neighbour": Conflict}[over](f"stumbled over a {over}")


@job("tests.chain")
def chain(fails):
    with transaction.atomic():
        enqueue(hear, word="from inside")
        if fails:
            raise RuntimeError("changed my mind")


@pytest.fixture(autouse=True)
def _nothing_heard():
    HEARD.clear()


def test_job_runs_with_its_arguments_and_knows_which_job_it_is():
    enqueue(hear, word="hello", person=UUID(int=5), day=datetime(2026, 3, 12, tzinfo=UTC))
    assert run_waiting_jobs() == 1
    word, more, name = HEARD[0]
    assert (word, name) == ("hello", "tests.hear")
    assert more == {"person": "00000000-0000-0000-0000-000000000005", "day": "2026-03-12T00:00:00Z"}


def test_job_of_a_transaction_that_rolls_back_is_gone():
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("tests.hear", word="never")
        raise RuntimeError
    assert run_waiting_jobs() == 0


def test_job_enqueued_inside_a_failed_job_is_gone_too():
    enqueue(chain, fails=True)
    run_waiting_jobs()
    assert HEARD == []
    enqueue(chain, fails=False)
    run_waiting_jobs()
    assert [word for word, *_ in HEARD] == ["from inside"]


def test_two_waiting_jobs_never_share_a_key():
    assert enqueue(hear, key="roof", word="first")
    assert enqueue(hear, key="roof", word="second") is None
    run_waiting_jobs()
    assert enqueue(hear, key="roof", word="third")
    run_waiting_jobs()
    assert [word for word, *_ in HEARD] == ["first", "third"]


def test_refused_duplicate_does_not_spoil_the_transaction():
    with transaction.atomic():
        enqueue(hear, key="roof", word="first")
        enqueue(hear, key="roof", word="second")
        enqueue(hear, word="third")
    run_waiting_jobs()
    assert [word for word, *_ in HEARD] == ["first", "third"]


def test_job_for_later_waits_for_its_time():
    enqueue(hear, at=timedelta(hours=1), word="later")
    assert run_waiting_jobs() == 0
    assert run_waiting_jobs(now=datetime.now(UTC) + timedelta(hours=2)) == 1


def test_many_jobs_are_enqueued_at_once_and_run_in_order():
    ids = enqueue_many(hear, [{"word": str(number)} for number in range(50)])
    assert ids == sorted(ids)
    run_waiting_jobs()
    assert [word for word, *_ in HEARD] == [str(number) for number in range(50)]


def test_unknown_job_is_refused_where_it_is_asked_for():
    with pytest.raises(ValueError, match="There is no job called “tests.no_such”"):
        enqueue("tests.no_such")


def test_two_jobs_of_one_name_are_refused():
    with pytest.raises(ValueError, match="Two jobs are called “tests.hear”"):
        job("tests.hear")(lambda: None)


def test_failing_job_is_tried_again_later_and_then_stays_on_the_list_of_the_dead():
    number = enqueue(stumble, over="stone")
    assert run_waiting_jobs() == 1
    row = list_jobs("waiting")[0]
    assert row.due > datetime.now(UTC)
    assert row.error == "stumbled over a stone"
    far = datetime.now(UTC) + timedelta(days=1)
    assert run_waiting_jobs(now=far) == 2
    dead = list_jobs("failed")[0]
    assert (dead.id, dead.attempts, dead.state) == (number, 3, "failed")
    assert [failure.attempt for failure in failed_attempts(number)] == [3, 2, 1]
    assert "RuntimeError: stumbled over a stone" in failed_attempts(number)[0].trace
    assert job_counts()["failed"] == 1


def test_refusal_by_a_rule_is_final_but_a_conflict_is_not():
    refused, disturbed = enqueue(stumble, over="rule"), enqueue(stumble, over="neighbour")
    run_waiting_jobs()
    assert [row.id for row in list_jobs("failed")] == [refused]
    assert [row.id for row in list_jobs("waiting")] == [disturbed]


def test_pauses_grow_and_end_at_an_hour():
    row = type("Row", (), {"attempts": 0})
    pauses = []
    for row.attempts in range(6):
        decision = BackOff(10).get_retry_decision(exception=RuntimeError(), job=row)
        pauses.append((decision.retry_at - datetime.now(UTC)).total_seconds())
    assert [round(pause, -1) for pause in pauses[:2]] == [10, 40]
    assert pauses == sorted(pauses)
    assert pauses[-1] < 3800


def test_dead_job_can_be_run_again_by_hand_once():
    number = enqueue(stumble, over="rule")
    run_waiting_jobs()
    retry_job(number)
    assert run_waiting_jobs() == 1
    assert [row.id for row in list_jobs("failed")] == [number]
    retry_job(number)
    with pytest.raises(Conflict, match="has not failed"):
        retry_job(number)
    with pytest.raises(NotFound):
        retry_job(0)


def test_waiting_job_can_be_cancelled_but_not_one_that_ran():
    number = enqueue(hear, word="never")
    cancel_job(number)
    assert run_waiting_jobs() == 0
    with pytest.raises(Conflict, match="already begun"):
        cancel_job(number)


def test_lists_page_by_id_and_say_how_long_the_oldest_waits():
    ids = [enqueue(hear, word=str(number)) for number in range(5)]
    assert [row.id for row in list_jobs(limit=2)] == [ids[4], ids[3]]
    assert [row.id for row in list_jobs(limit=2, before=ids[3])] == [ids[2], ids[1]]
    assert list_jobs("waiting")[0].label == "Hear a word"
    assert oldest_due() >= 0


def test_only_this_package_touches_the_queue_library():
    """`.defer()` leaves the transaction inside a worker, so nobody but the queue may see procrastinate at all."""
    root, offenders = Path(kith.__file__).parent, []
    for file in root.rglob("*.py"):
        if file.is_relative_to(root / "kernel" / "jobs"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            called = getattr(getattr(node, "func", None), "attr", "")
            bare = called in {"defer_async", "batch_defer"} or (called == "defer" and node.keywords)
            if bare or any(name.split(".")[0] == "procrastinate" for name in names):
                offenders.append(f"{file.relative_to(root)}:{node.lineno}: use kith.kernel.jobs.enqueue instead")
    assert offenders == []


def test_jobs_of_every_package_are_found():
    assert {"jobs.purge"} <= set(JOBS)


def elsewhere(work):
    """Run `work` in a thread with a connection of its own; returns (thread, results)."""
    results = []

    def run():
        try:
            results.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


@pytest.mark.django_db(transaction=True)
def test_writers_that_enqueue_the_same_key_never_wait_for_each_other():
    with transaction.atomic():
        assert enqueue(hear, key="roof", word="mine")
        thread, results = elsewhere(lambda: enqueue(hear, key="roof", word="theirs"))
        thread.join(5)
        assert not thread.is_alive(), "it waited for our commit"
    assert results[0], "it could not rely on our job, so it added one"
    assert run_waiting_jobs() == 2


@pytest.mark.django_db(transaction=True)
def test_waiting_job_is_not_taken_before_the_commit_of_a_writer_that_relies_on_it():
    enqueue(hear, key="roof", word="first")
    with transaction.atomic():
        assert enqueue(hear, key="roof", word="second") is None
        thread, results = elsewhere(run_waiting_jobs)
        thread.join(5)
        assert results == [0], "the job ran before our rows were there"
        thread, results = elsewhere(lambda: enqueue(hear, key="roof", word="third"))
        thread.join(5)
        assert results == [None], "other writers may rely on it at the same time"
    assert run_waiting_jobs() == 1
    assert [word for word, *_ in HEARD] == ["first"]


@pytest.mark.django_db(transaction=True)
def test_worker_is_woken_at_the_commit_of_a_writer_that_relied_on_a_waiting_job(database_url):
    enqueue(hear, key="roof", word="first")
    with psycopg.connect(database_url, autocommit=True) as worker:
        worker.execute('LISTEN "procrastinate_queue_v1#default"')
        with transaction.atomic():
            enqueue(hear, key="roof", word="second")
            assert list(worker.notifies(timeout=0.1)) == []
        assert len(list(worker.notifies(timeout=5, stop_after=1))) == 1
    run_waiting_jobs()
