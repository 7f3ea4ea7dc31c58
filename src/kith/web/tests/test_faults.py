"""A full disk and a lost database are said in words, and leave nothing half done."""

import errno
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import DataError, OperationalError
from django.test import RequestFactory

from kith.kernel.database.embedded import Embedded
from kith.web.faults import fault


def answer_to(error, path="/", **headers):
    request = RequestFactory().get(path, headers=headers)
    try:
        raise error
    except type(error):
        return fault(request)


def test_full_disk_is_said_whether_the_database_or_a_file_met_it():
    met_by_database = OperationalError("could not extend file")
    met_by_database.__cause__ = psycopg.errors.DiskFull("could not extend file")
    for error in (met_by_database, OSError(errno.ENOSPC, "No space left on device")):
        answer = answer_to(error)
        assert answer.status_code == 507
        assert "disk is full, so nothing was saved" in answer.content.decode()


def test_lost_database_is_said_with_when_to_try_again():
    answer = answer_to(OperationalError("server closed the connection unexpectedly"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_programs_get_a_problem_document():
    answer = answer_to(OperationalError("gone"), "/api/v1/people/")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer_to(DataError("ours"), "/api/v1/people/").status_code == 500


@pytest.fixture
def small_disk():
    """A disk of 160 MB with 60 MB of ballast on it."""
    folder = Path(tempfile.mkdtemp(prefix="kith-full-"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m,mode=711", "tmpfs", folder], capture_output=True)
    if done.returncode:
        folder.rmdir()
        pytest.skip("only root can make a small disk")
    (folder / "ballast").write_bytes(bytes(60 * 2**20))
    yield folder
    server = Embedded(folder / "database").postmaster()
    if server and psutil.pid_exists(server):
        psutil.Process(server).kill()
    subprocess.run(["umount", "-l", folder], check=True)
    folder.rmdir()


def insert_until_full(address):
    """Commit batches of 500 rows until there is no room; returns how many were committed."""
    batch = 0
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("CREATE TABLE line (batch int, text text)")
        while True:
            query = "INSERT INTO line SELECT %s, repeat(md5(i::text), 60) FROM generate_series(1, 500) i"
            try:
                database.execute(query, [batch])
            except (psycopg.errors.DiskFull, psycopg.OperationalError):
                return batch
            batch += 1


@pytest.mark.faults
def test_database_on_a_full_disk_loses_nothing_and_comes_back_when_there_is_room(small_disk):
    server = Embedded(small_disk / "database").start()
    committed = insert_until_full(server.conninfo())
    server.release()
    (small_disk / "ballast").unlink()
    assert committed > 3
    with Embedded(small_disk / "database") as again, psycopg.connect(again.conninfo()) as database:
        batches = database.execute("SELECT batch, count(*) FROM line GROUP BY batch ORDER BY batch").fetchall()
        assert [batch for batch, _ in batches][:committed] == list(range(committed))
        assert len(batches) <= committed + 1
        assert {rows for _, rows in batches} == {500}, "half a batch was kept"
        database.execute("INSERT INTO line VALUES (0, 'there is room again')")
