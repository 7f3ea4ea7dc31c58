"""A full disk and a lost database are said in words, and leave nothing half done."""

import errno
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.db import DataError, OperationalError
from django.test import RequestFactory

from kith.kernel.database.embedded import FAST, Embedded
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


@pytest.mark.faults
def test_database_on_a_full_disk_refuses_writes_keeps_what_it_has_and_recovers():
    folder = Path(tempfile.mkdtemp(prefix="kith-full-"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m,mode=711", "tmpfs", folder], capture_output=True)
    if done.returncode:
        folder.rmdir()
        pytest.skip("only root can make a small disk")
    try:
        with (
            Embedded(folder / "database", FAST) as server,
            psycopg.connect(server.conninfo(), autocommit=True) as database,
        ):
            database.execute("CREATE TABLE line (n int, text text)")
            kept = 0
            with pytest.raises(psycopg.errors.DiskFull):
                while True:
                    database.execute(
                        "INSERT INTO line SELECT %s, repeat(md5(i::text), 60) FROM generate_series(1, 500) i", [kept]
                    )
                    kept += 1
            assert kept > 3
            assert database.execute("SELECT count(*), count(DISTINCT n) FROM line").fetchone() == (kept * 500, kept)
            database.execute("TRUNCATE line")
            database.execute("INSERT INTO line VALUES (1, 'there is room again')")
        with Embedded(folder / "database", FAST) as again, psycopg.connect(again.conninfo()) as database:
            assert database.execute("SELECT text FROM line").fetchone() == ("there is room again",)
    finally:
        subprocess.run(["umount", folder], check=True)
        shutil.rmtree(folder)
