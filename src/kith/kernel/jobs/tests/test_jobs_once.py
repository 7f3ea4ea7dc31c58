"""Twice is once, and progress can be read."""

import threading

import pytest
from django.db import connection, transaction

from kith.kernel.jobs import enqueue, job, once
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.jobs.models import Effect
from kith.kernel.jobs.progress import HowFar, forget_progress, read_progress, report_progress

DONE = []


@job("tests.welcome")
def welcome(person):
    with once() as first:
        if first:
            DONE.append(person)


@pytest.mark.django_db
def test_second_time_is_told_apart_from_the_first():
    with once("letter:1") as first:
        assert first
    with once("letter:1") as first:
        assert not first


@pytest.mark.django_db
def test_effect_that_rolled_back_may_be_had_again():
    with pytest.raises(RuntimeError), once("letter:2"):
        raise RuntimeError
    with once("letter:2") as first:
        assert first


@pytest.mark.django_db
def test_job_whose_worker_died_after_the_effect_does_nothing_the_second_time():
    DONE.clear()
    number = enqueue(welcome, person="Marta")
    run_waiting_jobs()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE id = %s", [number])
    assert run_waiting_jobs() == 1
    assert DONE == ["Marta"]


@pytest.mark.django_db
def test_outside_a_job_a_key_is_needed():
    with pytest.raises(ValueError, match="needs a key"), once():
        pass


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_time_the_second_waits_and_then_stands_back():
    inside, answers = threading.Event(), []

    def second():
        inside.wait(5)
        with once("letter:3") as first:
            answers.append(first)
        connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with once("letter:3") as first:
        answers.append(first)
        inside.set()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(5)
    assert answers == [True, False]
    assert Effect.objects.filter(key="letter:3").count() == 1


@pytest.mark.django_db
def test_progress_is_read_as_it_was_last_reported():
    assert read_progress("import:1") is None
    report_progress("import:1", 10, 40, "reading")
    report_progress("import:1", 30, 40, "writing")
    assert read_progress("import:1") == HowFar(30, 40, "writing")
    assert read_progress("import:1").percent == 75
    report_progress("import:2", 5)
    assert read_progress("import:2").percent is None
    forget_progress("import:1")
    assert read_progress("import:1") is None


@pytest.mark.django_db(transaction=True)
def test_progress_is_heard_by_pages_at_the_commit():
    import psycopg

    from kith.kernel.database.testing import conninfo

    with psycopg.connect(conninfo(connection.settings_dict["NAME"]), autocommit=True) as page:
        page.execute("LISTEN kith_live")
        with transaction.atomic():
            report_progress("import:3", 1, 2)
            assert list(page.notifies(timeout=0.1)) == []
        assert [note.payload for note in page.notifies(timeout=3, stop_after=1)] == [
            '{"topics": ["progress:import:3"], "event": ""}'
        ]
