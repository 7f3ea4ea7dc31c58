"""The data the measurements stand on: the sample company at the size asked for, made once and kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

KEEP = Path(os.environ.get("KITH_BENCH_DATA") or Path.home() / ".cache" / "kith-bench")


def folder(people: int) -> Path:
    return KEEP / f"people-{people}"


def environment(people: int) -> dict[str, str]:
    return {**os.environ, "KITH_DATA": str(folder(people)), "KITH_HOSTS": "127.0.0.1"}


def ensure(people: int) -> float:
    """Make the data when it is missing; returns the seconds it took (0 when it was there)."""
    done = folder(people) / "made"
    if done.exists():
        return 0.0
    began = time.monotonic()
    folder(people).mkdir(parents=True, exist_ok=True)
    for command in (["migrate"], ["demo", "--people", str(people)]):
        subprocess.run([sys.executable, "-m", "kith", *command], env=environment(people), check=True)
    vacuum = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute('VACUUM (ANALYZE)')"
    with_database(people, vacuum)
    done.write_text(f"{time.monotonic() - began:.0f}\n")
    return time.monotonic() - began


def with_database(people: int, code: str) -> None:
    """Run a little program with the connection string of the bench's server as its argument."""
    from kith.kernel.database.embedded import Embedded

    with Embedded(folder(people) / "database") as server:
        subprocess.run([sys.executable, "-c", code, server.conninfo("kith")], check=True)
