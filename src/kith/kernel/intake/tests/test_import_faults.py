"""When things go wrong half-way: killed workers, files that break off or lie, imports stopped by a person."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from kith.kernel.errors import Conflict, Invalid
from kith.kernel.intake import actions, engine
from kith.kernel.intake.models import ImportRow, ImportRun
from kith.kernel.intake.targets import find_target
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.jobs.queries import list_jobs
from kith.kernel.jobs.upkeep import sweep_stalled
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, EventLink
from tests.cast import actor

people = registry["person"]
ROWS = 6_000


def many(n: int) -> str:
    return "First name,E-mail\n" + "".join(f"Person {i},p{i}@x.example\n" for i in range(n))


def worker(database_url: str) -> subprocess.Popen:
    paths = os.pathsep.join(p for p in sys.path if p)
    environment = {**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": paths}
    return subprocess.Popen([sys.executable, "-m", "kith", "worker", "--concurrency", "1"], env=environment, cwd="/")


def until(what, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def progress_of(run) -> tuple[str, int]:
    return ImportRun.objects.values_list("state", "position").get(pk=run.pk)


@pytest.mark.faults
def test_a_worker_killed_in_the_middle_leaves_nothing_double_and_its_successor_finishes(database_url, bring):
    run = bring.begin("person", many(ROWS))
    actions.ask_for_run(run, by=actor("ines"))
    first = worker(database_url)
    try:
        until(lambda: progress_of(run)[1] > 0)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    state, position = progress_of(run)
    assert state == "running" and 0 < position < ROWS
    with connection.cursor() as cursor:  # the dead worker's sign of life grows old
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    assert sweep_stalled() == 1
    second = worker(database_url)
    try:
        until(lambda: progress_of(run)[0] == "done")
    finally:
        second.terminate()
        second.wait()
    run.refresh_from_db()
    assert run.counts == {"rows": ROWS, "create": ROWS, "waiting": 0}
    assert people.model.objects.count() == ROWS == Event.objects.filter(verb="person.created").count()
    assert EventLink.objects.filter(record="person").count() == ROWS == ImportRow.objects.filter(run=run).count()
    assert people.model.objects.values("email").distinct().count() == ROWS


@pytest.mark.django_db
def test_a_job_that_runs_twice_has_its_effect_once(bring):
    run = bring.begin("person", many(3))
    actions.ask_for_run(run, by=actor("ines"))
    run_waiting_jobs()
    from kith.kernel.intake.jobs import carry_out

    carry_out(run=run.pk)
    assert people.model.objects.count() == 3 and [j.state for j in list_jobs() if j.name == "import.run"] == ["done"]


@pytest.mark.django_db
def test_a_packed_file_that_breaks_off_stops_with_a_sentence_before_anything_is_written(bring):
    packed = gzip.compress(many(5_000).encode(), 1)
    run = bring.begin("person", packed, name="people.csv.gz")
    (bring.folder / "people.csv.gz").write_bytes(packed[: len(packed) // 2])
    run = bring.walk(run)
    assert run.state == "failed" and "damaged gzip file" in run.problem and not people.model.objects.exists()
    with pytest.raises(Conflict, match="start it again"):
        actions.go_on(run, by=actor("ines"))
    (bring.folder / "people.csv.gz").write_bytes(packed)
    actions.ask_for_run(run, by=actor("ines"))
    run_waiting_jobs()
    run.refresh_from_db()
    assert run.state == "done" and people.model.objects.count() == 5_000


@pytest.mark.django_db
def test_an_import_can_be_stopped_continued_and_not_started_twice(bring, monkeypatch):
    monkeypatch.setattr(engine, "BATCH", 10)
    ines = actor("ines")
    run = bring.begin("person", many(100))
    engine.begin(run, "running")

    def stop(_line, _total):
        ImportRun.objects.filter(pk=run.pk).update(state="failed", problem="It was stopped by Ines.")

    with pytest.raises(Conflict):
        actions.carry_out(run, stop)
    run.refresh_from_db()
    assert run.state == "failed" and people.model.objects.count() == 10
    with pytest.raises(Conflict, match="already|part of this file"):
        actions.ask_for_run(run, by=ines)
    actions.go_on(run, by=ines)
    run_waiting_jobs()
    assert people.model.objects.count() == 100
    run.refresh_from_db()
    with pytest.raises(Conflict):
        actions.ask_for_run(run, by=ines)


@pytest.mark.django_db
def test_two_processes_never_carry_out_the_same_import(bring, monkeypatch):
    monkeypatch.setattr(engine, "BATCH", 10)
    run = bring.begin("person", many(30))
    engine.begin(run, "running")
    stale = ImportRun.objects.get(pk=run.pk)
    actions.carry_out(run, None)
    stale.file = str(bring.folder / "people.csv")
    with pytest.raises(Conflict):
        actions.carry_out(stale, None)
    assert people.model.objects.count() == 30


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("people.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "is a picture"),
        ("people.csv", b"%PDF-1.7\n" + b"x" * 200, "PDF"),
        ("people.csv", b"", "is empty"),
        ("people.csv", b"<!doctype html><html><body>Sign in", "web page"),
        ("people.xlsx", b"PK\x03\x04" + b"\0" * 50, "damaged"),
    ],
)
def test_a_file_that_lies_about_its_type_is_refused_in_words(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid, match=said):
        actions.take_file(find_target("person"), path, name, by=actor("ines"))
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_a_workbook_called_csv_is_read_as_what_it_is(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["First name", "Birthday"])
    book.active.append(["Marta", "1980-02-01"])
    book.save(tmp_path / "people.csv")
    run = actions.take_file(find_target("person"), tmp_path / "people.csv", "people.csv", by=actor("ines"))
    assert run.headers == ["First name", "Birthday"]


@pytest.mark.django_db
def test_a_person_who_lost_the_right_or_was_deactivated_imports_nothing_more(bring):
    run = bring.begin("person", many(3))
    ines = run.user
    ines.role = "read_only"
    ines.save()
    engine.begin(run, "running")
    with pytest.raises(Exception, match="does not include"):
        actions.carry_out(run)
    ines.role, ines.is_active = "member", False
    ines.save()
    with pytest.raises(Exception, match="is deactivated"):
        actions.carry_out(run)
    assert not people.model.objects.exists()


@pytest.mark.django_db
def test_a_batch_with_one_row_the_database_refuses_brings_in_the_others(bring):
    actor("astrid")
    run = bring("product", "Name,Price\nSensor,12\nValve,13\n", by="astrid", match=[])
    assert run.counts["create"] == 2
    run = bring("product", "Name,Price\nPump,14\nSensor,15\nHose,16\n", by="astrid", match=[])
    assert run.counts == {"rows": 3, "create": 2, "reject": 1, "waiting": 0}
    assert registry["product"].model.objects.count() == 4
