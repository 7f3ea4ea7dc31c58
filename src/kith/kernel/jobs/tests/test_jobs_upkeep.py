"""Schedules, killed workers and old rows."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue, job
from kith.kernel.jobs.declare import JOBS
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.jobs.models import Effect, Failure, Progress, Schedule
from kith.kernel.jobs.queries import list_jobs
from kith.kernel.jobs.schedules import ensure_schedules, next_run, run_due_schedules, say_schedule, set_schedule
from kith.kernel.jobs.upkeep import purge, sweep_stalled
from kith.kernel.organisation.models import Organisation, refresh

RANG = []
NOON = datetime(2026, 3, 12, 12, 0, 30, tzinfo=UTC)


@job("tests.bell", every="0 * * * *", attempts=2)
def bell():
    RANG.append(1)


@pytest.fixture
def hourly(db):
    RANG.clear()
    Schedule.objects.all().delete()
    schedule = Schedule.objects.create(name="tests.bell", job="tests.bell", cron="0 * * * *")
    Schedule.objects.update(created_at=NOON - timedelta(hours=5))
    schedule.refresh_from_db()
    return schedule


def fetched():
    """The id of the job that a worker would take now; it takes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
        return cursor.fetchone()[0]


def test_declared_schedules_become_rows_and_stay_as_an_administrator_left_them(db):
    ensure_schedules()
    bell_row = Schedule.objects.get(name="tests.bell")
    set_schedule(bell_row, cron="30 6 * * 1", enabled=False)
    ensure_schedules()
    bell_row.refresh_from_db()
    assert (bell_row.cron, bell_row.enabled) == ("30 6 * * 1", False)


def test_schedule_refuses_a_time_it_cannot_read(hourly):
    for text in ("now and then", "* * * * * *", "61 * * * *", ""):
        with pytest.raises(Invalid, match="is not a time such as"):
            set_schedule(hourly, cron=text, enabled=True)


def test_missed_hours_are_made_up_once(hourly):
    assert run_due_schedules(NOON) == ["tests.bell"]
    assert run_due_schedules(NOON) == []
    assert run_waiting_jobs(names=["tests.bell"]) == 1
    hourly.refresh_from_db()
    assert next_run(hourly) == NOON.replace(hour=13, second=0)
    assert run_due_schedules(NOON + timedelta(hours=1)) == ["tests.bell"]


def stands_in(zone):
    refresh()
    Organisation.objects.update(time_zone=zone)
    refresh()


@pytest.mark.parametrize(
    ("zone", "after", "due"),
    [
        ("Europe/Warsaw", "2026-01-10T12:00", "2026-01-11T01:40"),  # 02:40 there
        ("Europe/Warsaw", "2026-07-10T12:00", "2026-07-11T00:40"),  # in summer, still 02:40 there
        ("America/New_York", "2026-01-10T12:00", "2026-01-11T07:40"),
        ("Asia/Tokyo", "2026-01-10T12:00", "2026-01-10T17:40"),
        ("Nowhere/Atlantis", "2026-01-10T12:00", "2026-01-11T02:40"),  # unknown here: UTC
    ],
)
def test_nightly_work_runs_in_the_night_of_the_organisation(hourly, zone, after, due):
    stands_in(zone)
    hourly.cron, hourly.last_run_at = "40 2 * * *", datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_run(hourly) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_night_in_which_the_clock_is_set_has_each_run_once(hourly, day):
    """At 02:40 in Warsaw there is no such time in March and there are two in October."""
    stands_in("Europe/Warsaw")
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=12)
    Schedule.objects.update(cron="40 2 * * *", last_run_at=start)
    runs = [hour for hour in range(36) if run_due_schedules(start + timedelta(hours=hour))]
    assert len(runs) == 1


def test_schedule_that_is_off_does_not_run(hourly):
    set_schedule(hourly, cron=hourly.cron, enabled=False)
    assert run_due_schedules(NOON) == []


def test_what_a_schedule_runs_is_not_begun_again_beside_itself(hourly):
    run_due_schedules(NOON)
    first = fetched()
    run_due_schedules(NOON + timedelta(hours=1))
    assert fetched() is None, "the next one waits on the queue, and keeps no worker"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [first])
    assert fetched() > first


def test_schedule_does_not_pile_up_behind_a_slow_queue(hourly):
    run_due_schedules(NOON)
    run_due_schedules(NOON + timedelta(hours=1))
    assert len(list_jobs("waiting")) == 1


def stall(number, attempts=0):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [number])
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s WHERE id = %s", [attempts, number])


def test_job_of_a_killed_worker_comes_back(db):
    number = enqueue(bell)
    stall(number)
    assert sweep_stalled() == 1
    row = list_jobs("waiting")[0]
    assert (row.id, row.attempts) == (number, 1)


@job("tests.look_around")
def look_around():
    RANG.append(sweep_stalled())


def test_job_run_in_the_foreground_is_not_taken_for_a_killed_workers(db):
    RANG.clear()
    enqueue(look_around)
    assert run_waiting_jobs() == 1
    assert RANG == [0]
    assert list_jobs()[0].state == "done"


def test_job_that_keeps_killing_its_worker_is_given_up_with_a_reason(db):
    number = enqueue(bell)
    stall(number, attempts=1)
    sweep_stalled()
    row = list_jobs("failed")[0]
    assert row.id == number
    assert row.error == "The worker running it stopped 2 times, so it is not tried again."


def test_old_rows_go_and_young_ones_stay(db):
    old, young, dead = enqueue(bell), enqueue(bell), enqueue(bell)
    run_waiting_jobs()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [dead])
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - interval '8 days' WHERE job_id = ANY(%s)", [[old, dead]]
        )
    Effect.objects.create(key="old", at=timezone.now() - timedelta(days=400))
    Effect.objects.create(key="young", at=timezone.now())
    Progress.objects.create(key="old", updated_at=timezone.now() - timedelta(days=40))
    Failure.note(job_id=dead, job="tests.bell", attempt=1, error=ValueError("bad\0byte"))
    orphan = Failure.note(job_id=0, job="tests.bell", attempt=1, error=ValueError(""))
    Failure.objects.filter(pk=orphan.pk).update(at=timezone.now() - timedelta(days=2))
    purge()
    assert {row.id for row in list_jobs()} == {young, dead}
    assert list(Effect.objects.values_list("key", flat=True)) == ["young"]
    assert not Progress.objects.exists()
    assert list(Failure.objects.values_list("job_id", "error")) == [(dead, "bad�byte")]


WORKER = """
import datetime, os, sys, time
import django
django.setup()
from django.db import connection, transaction
from kith.kernel.jobs import enqueue, job

@job("tests.worker.write", attempts=3)
def write(text, slow=0):
    with transaction.atomic(), connection.cursor() as cursor:
        enqueue("tests.worker.write", at=datetime.timedelta(days=1), text=text + " again")
        cursor.execute("INSERT INTO heard VALUES (%s)", [text])
        if text == "bad":
            raise RuntimeError("bad text")
    print("wrote", text, flush=True)
    time.sleep(slow)

if len(sys.argv) > 1:
    enqueue(write, text=sys.argv[1], slow=float(sys.argv[2]), at=datetime.timedelta(seconds=float(sys.argv[3])))
else:
    from kith.kernel.jobs.worker import run_worker
    run_worker(concurrency=2)
    print("stopped", flush=True)
"""


HANDS = """
import pathlib, sys, time
import django
django.setup()
from kith.kernel.jobs import QUICK, enqueue, job

@job("tests.worker.long", priority=9)
def long():
    print("long begins", flush=True)
    until = time.monotonic() + 30
    while not pathlib.Path(sys.argv[0]).with_name("done").exists() and time.monotonic() < until:
        time.sleep(0.05)
    print("long ends", flush=True)

@job("tests.worker.quick", queue=QUICK)
def quick():
    print("quick", flush=True)
    pathlib.Path(sys.argv[0]).with_name("done").touch()

if len(sys.argv) > 1:
    enqueue(sys.argv[1])
else:
    from kith.kernel.jobs.worker import run_worker
    run_worker(concurrency=1)
    print("stopped", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_what_somebody_waits_for_does_not_wait_for_a_long_job(database_url, tmp_path):
    script = tmp_path / "hands.py"
    script.write_text(HANDS)
    src = os.path.dirname(os.path.dirname(__import__("kith").__file__))
    environment = {**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": os.pathsep.join([src, *sys.path])}
    subprocess.run([sys.executable, script, "tests.worker.long"], env=environment, check=True, timeout=60)
    worker = subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True)
    assert worker.stdout.readline().strip() == "long begins"
    subprocess.run([sys.executable, script, "tests.worker.quick"], env=environment, check=True, timeout=60)
    assert [worker.stdout.readline().strip() for _ in range(2)] == ["quick", "long ends"]
    worker.send_signal(signal.SIGTERM)
    assert worker.communicate(timeout=20)[0].strip() == "stopped" and worker.returncode == 0


@pytest.mark.django_db(transaction=True)
def test_worker_process_keeps_enqueuing_inside_the_transaction_and_finishes_when_told_to_stop(database_url, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE heard (text text)")
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    src = os.path.dirname(os.path.dirname(__import__("kith").__file__))
    environment = {**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": os.pathsep.join([src, *sys.path])}
    try:
        for text, slow, off in (("good", "0", "0"), ("bad", "0", "0"), ("slow", "1.5", "0")):
            subprocess.run([sys.executable, script, text, slow, off], env=environment, check=True, timeout=60)
        worker = subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True)
        said = [worker.stdout.readline().strip() for _ in range(2)]
        assert sorted(said) == ["wrote good", "wrote slow"]
        subprocess.run([sys.executable, script, "put off", "0", "0.7"], env=environment, check=True, timeout=60)
        due = time.monotonic() + 0.7
        assert worker.stdout.readline().strip() == "wrote put off"
        assert time.monotonic() - due < 3, "nobody says when the moment of a job that was put off comes"
        time.sleep(0.2)
        worker.send_signal(signal.SIGTERM)
        assert worker.communicate(timeout=20)[0].strip() == "stopped"
        assert worker.returncode == 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM heard ORDER BY text")
            assert cursor.fetchall() == [("good",), ("put off",), ("slow",)]
        waiting = {row.arguments["text"]: row for row in list_jobs("waiting") if row.name == "tests.worker.write"}
        assert set(waiting) == {"good again", "slow again", "put off again", "bad"}
        assert waiting["bad"].error == "bad text"
        assert {"good", "slow"} <= {row.arguments.get("text") for row in list_jobs("done")}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE heard")
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def test_every_repeating_job_has_a_readable_time():
    from croniter import croniter

    assert all(croniter.is_valid(job.every) for job in JOBS.values() if job.every)


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "every minute"), ("41 3 * * *", "every day at 03:41"), ("5 * * * *", "every hour, 5 past"),
        ("30 6 * * 1", "every Monday at 06:30"), ("0 7 * * 0", "every Sunday at 07:00"), ("*/5 * * * *", "*/5 * * * *"),
        ("0 7 1 * *", "0 7 1 * *"), ("0 7 * * 1-5", "0 7 * * 1-5"),
    ],
)  # fmt: skip
def test_a_schedule_is_said_in_words(cron, words):
    assert say_schedule(Schedule(name="x", job="x", cron=cron)) == words
