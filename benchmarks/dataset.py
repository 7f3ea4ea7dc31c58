"""The data the measurements stand on, made once and kept: the sample company at the size asked for, told by `kith demo`;
and for the process a company whose relationships are multiplied (`journeys.py`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.facts import prepare

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0  # the server then runs as somebody who may not enter root's home
HOME = Path("/var/tmp") if AS_ROOT else Path.home() / ".cache"
KEEP = Path(os.environ.get("KITH_BENCH_DATA") or HOME / "kith-bench")
IN_A_HURRY = {  # a set half made is thrown away
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "8GB",
    "shared_buffers": "512MB", "maintenance_work_mem": "1GB",
}  # fmt: skip

TELLING = {
    **IN_A_HURRY,
    "autovacuum": "on",
    "autovacuum_naptime": "5s",
}  # the product's statements need figures of tables


def folder(size: int, of: str = "people") -> Path:
    return KEEP / f"{of}-{size}"


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "KITH_DATA": str(home), "KITH_HOSTS": "127.0.0.1"}


def ensure(people: int) -> Path:
    """The folder of the sample company with so many people; made when it is missing."""

    def tell(home: Path) -> None:
        run(home, "kith", "demo", "--people", str(people))
        with _server(home) as connection:
            prepare(connection)

    return _ensure(folder(people), tell)


def ensure_journeys(journeys: int) -> Path:
    """The folder of the set with so many journeys; made when it is missing."""

    def fill(home: Path) -> None:
        with _server(home, TELLING):  # whoever joins a server shares its settings
            run(home, "benchmarks.journeys", "tell", str(journeys))
        with _server(home):
            run(home, "benchmarks.journeys", "multiply", str(journeys))

    return _ensure(folder(journeys, "journeys"), fill)


def ensure_loyalty(customers: int) -> Path:
    """The folder of so many customers with what health and lifetime value look at; made when it is missing."""

    def fill(home: Path) -> None:
        with _server(home, TELLING):
            run(home, "benchmarks.loyalty", str(customers))

    return _ensure(folder(customers, "loyalty"), fill)


def ensure_tickets(tickets: int) -> Path:
    """The folder of the set with so many tickets; made when it is missing."""
    return _ensure(folder(tickets, "tickets"), lambda home: run(home, "benchmarks.tickets", "make", str(tickets)))


def _ensure(home: Path, make: Callable[[Path], None]) -> Path:
    if (home / "made").exists():
        _bring_up_to_date(home)
        return home
    began = time.monotonic()
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    run(home, "kith", "migrate")
    make(home)
    with _server(home) as connection:
        _settle(connection)
    (home / "made").write_text(f"{time.monotonic() - began:.0f}\n")
    return home


def use(home: Path) -> None:
    """Let this process work on that set; before Django is set up."""
    os.environ.update(environment(home))


def seconds_of(home: Path) -> int:
    """How long making this set took."""
    return int((home / "made").read_text())


def _bring_up_to_date(home: Path) -> None:
    """A set that is older than the code is migrated, which takes minutes where making it again takes half an hour."""
    waiting = [sys.executable, "-m", "kith", "migrate", "--check"]
    if subprocess.run(waiting, env=environment(home), stdout=subprocess.DEVNULL, check=False).returncode:
        run(home, "kith", "migrate", "--no-backup")
        with _server(home) as connection:
            _settle(connection)


def run(home: Path, *command: str) -> None:
    subprocess.run([sys.executable, "-m", *command], env=environment(home), check=True)


def _settle(connection: Any) -> None:
    """What the database does by itself within the hour, done now."""
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


@contextmanager
def _server(home: Path, settings: dict[str, str] = IN_A_HURRY) -> Iterator[Any]:
    import psycopg

    from kith.kernel.database.embedded import Embedded

    with (
        Embedded(home / "database", settings) as server,
        psycopg.connect(server.conninfo("kith"), autocommit=True) as connection,
    ):
        yield connection
