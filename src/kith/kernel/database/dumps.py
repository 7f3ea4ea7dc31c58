"""Dump the database into a file and take it back, with the bundled pg_dump and pg_restore, wherever it runs.

Taking back first sets the present schema aside by renaming it, so that a dump that fails half-way changes nothing.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from django.db import connection, transaction
from psycopg import sql

from kith.kernel.database import binaries
from kith.kernel.database.embedded import DatabaseError
from kith.kernel.database.schema import SET_ASIDE
from kith.kernel.database.statistics import analyse

UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"


def dump(file: Path) -> None:
    """Write the whole database into `file` (PostgreSQL's custom format, 0600), complete or not at all."""
    draft = file.with_name(f"{file.name}.part")
    try:
        draft.touch(mode=0o600)
        _run("pg_dump", "--format=custom", "--schema=public", "--no-owner", "--no-privileges", f"--file={draft}")
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def take_back(file: Path) -> None:
    """Replace everything in the database by the dump in `file`. On failure the database is as it was."""
    heal()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER SCHEMA public RENAME TO {}").format(sql.Identifier(SET_ASIDE)))
    try:
        _replay(file)  # the dump makes the schema itself, in one transaction with everything in it
    except BaseException:
        heal()
        raise
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(SET_ASIDE)))
    connection.close()
    analyse()  # a dump brings rows, not what the planner knew of them


def heal() -> None:
    """Undo what an interrupted `take_back` left: the old schema gets its name back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [SET_ASIDE])
        if cursor.fetchone()[0]:
            cursor.execute("DROP SCHEMA IF EXISTS public CASCADE")
            cursor.execute(sql.SQL("ALTER SCHEMA {} RENAME TO public").format(sql.Identifier(SET_ASIDE)))


def other_sessions() -> int:
    """How many other connections the database has: a restore under a running Kith would pull the floor away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def _replay(file: Path) -> None:
    """Feed the dump to psql as SQL, without the one setting that servers before 17 do not know."""
    psql = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    reader = subprocess.Popen(
        _command("pg_restore", "--no-owner", "--no-privileges", "--file=-", file),
        env=_environment(),
        stdout=subprocess.PIPE,
    )
    writer = subprocess.Popen(_command(*psql), env=_environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert reader.stdout and writer.stdin
    try:
        for line in reader.stdout:
            if line == UNKNOWN_BEFORE_17:
                break
            writer.stdin.write(line)
        shutil.copyfileobj(reader.stdout, writer.stdin, 2**20)
        if reader.wait():
            writer.kill()  # before its input ends: half a dump must not be committed
            raise DatabaseError(f"{file.name} is damaged: pg_restore could not read it to its end.")
    except BrokenPipeError:
        reader.kill()  # psql has stopped at an error and says below which
    _, errors = writer.communicate()
    reader.wait()
    if writer.returncode:
        raise DatabaseError(f"The dump could not be taken back: {_first_line(errors.decode(errors='replace'))}")


def _run(tool: str, *arguments: object) -> None:
    done = subprocess.run(
        _command(tool, *arguments), env=_environment(), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise DatabaseError(f"{tool} could not finish: {_first_line(done.stderr)}")


def _command(tool: str, *arguments: object) -> list[str]:
    return [str(binaries.bundled() / tool), *map(str, arguments)]


def _environment() -> dict[str, str]:
    """Where the database is. Not on the command line, where anybody on the machine could read the password."""
    given = connection.settings_dict
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    where = {theirs: str(given[ours]) for ours, theirs in names.items() if given[ours]}
    options = {f"PG{key.upper()}": str(value) for key, value in given["OPTIONS"].items() if key.startswith("ssl")}
    return {**binaries.clean_environment(), **where, **options}


def _first_line(said: str) -> str:
    lines = [line for line in said.splitlines() if "ERROR" in line or "error:" in line] or said.splitlines()
    return lines[0] if lines else "it gave no reason."
