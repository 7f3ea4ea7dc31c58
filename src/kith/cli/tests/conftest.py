"""The command line as a person uses it: a process, its output, its exit code."""

import io
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def data():
    """A data folder that the database server's user can reach, which pytest's own folders are not under root."""
    with tempfile.TemporaryDirectory(prefix="kith-cli-") as folder:
        yield Path(folder)


@pytest.fixture
def surroundings(data):
    """The environment of a command: a data folder of its own and no database but the embedded one."""
    paths = os.pathsep.join(path for path in sys.path if path)
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "KITH_HOSTS")}
    return {**kept, "KITH_DATA": str(data), "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "kith.settings"}


@pytest.fixture
def kith(surroundings):
    """Run `kith …` and return what it said; keyword arguments go into its environment."""

    def run(*arguments, **environment):
        done = subprocess.run(
            [sys.executable, "-m", "kith", *map(str, arguments)],
            env={**surroundings, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def own_database(django_db_setup, django_db_blocker):
    """The address of a migrated database that no connection of this process holds open."""
    from kith.kernel.database.testing import another_database, database_address

    with django_db_blocker.unblock(), another_database("own") as name:
        yield database_address(name)


@pytest.fixture
def kith_here(own_database, data, monkeypatch, django_db_blocker):
    """Run `kith …` in this process, on `own_database`: what a command does, without the seconds of its start."""
    from django.db import connection
    from psycopg.conninfo import conninfo_to_dict

    from kith.cli import main
    from kith.cli.session import configuration
    from kith.kernel.database.testing import use

    monkeypatch.setenv("KITH_DATA", str(data))
    monkeypatch.setenv("DATABASE_URL", own_database)
    before = connection.settings_dict["NAME"]
    configuration.cache_clear()
    use(conninfo_to_dict(own_database)["dbname"])

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with django_db_blocker.unblock(), redirect_stdout(out), redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
            connection.close()
        return Said(code, out.getvalue(), err.getvalue())

    yield run
    configuration.cache_clear()
    use(before)
