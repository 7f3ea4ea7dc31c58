"""The data the measurements stand on: the sample company at the size asked for, told by `kith demo` once and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.facts import prepare

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0  # the server then runs as somebody who may not enter root's home
HOME = Path("/var/tmp") if AS_ROOT else Path.home() / ".cache"
KEEP = Path(os.environ.get("KITH_BENCH_DATA") or HOME / "kith-bench")
IN_A_HURRY = {  # a set half made is thrown away
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "16GB",
    "shared_buffers": "512MB", "maintenance_work_mem": "1GB",
}  # fmt: skip


def folder(people: int) -> Path:
    return KEEP / f"people-{people}"


def environment(people: int) -> dict[str, str]:
    return {**os.environ, "KITH_DATA": str(folder(people)), "KITH_HOSTS": "127.0.0.1"}


def ensure(people: int) -> float:
    """Make the data when it is missing; returns the seconds it took (0 when it was there)."""
    home = folder(people)
    if (home / "made").exists():
        _bring_up_to_date(people)
        return 0.0
    began = time.monotonic()
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    run(people, "migrate")
    run(people, "demo", "--people", str(people))
    with _server(people) as connection:
        prepare(connection)
        _settle(connection)
    (home / "made").write_text(f"{time.monotonic() - began:.0f}\n")
    return time.monotonic() - began


def _bring_up_to_date(people: int) -> None:
    """A set that is older than the code is migrated, which takes minutes where making it again takes half an hour."""
    waiting = [sys.executable, "-m", "kith", "migrate", "--check"]
    if subprocess.run(waiting, env=environment(people), stdout=subprocess.DEVNULL, check=False).returncode:
        run(people, "migrate", "--no-backup")
        with _server(people) as connection:
            _settle(connection)


def run(people: int, *command: str) -> None:
    subprocess.run([sys.executable, "-m", "kith", *command], env=environment(people), check=True)


def _settle(connection: Any) -> None:
    """What the database does by itself within the hour, done now."""
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


@contextmanager
def _server(people: int) -> Iterator[Any]:
    import psycopg

    from kith.kernel.database.embedded import Embedded

    with (
        Embedded(folder(people) / "database", IN_A_HURRY) as server,
        psycopg.connect(server.conninfo("kith"), autocommit=True) as connection,
    ):
        yield connection
