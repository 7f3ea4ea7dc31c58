"""`kith check`: configuration, database, queue and disk, one line each, and an exit code for monitoring."""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict, dataclass

NAME = "check"
HELP = "say in one line each how configuration, database, queue and disk are; exit with 1 when one is bad"
EXAMPLE = "kith check --json"
NEEDS_DATABASE = False

LATE = 300  # seconds a due job may wait before the queue counts as bad
DISK_BAD, DISK_LOW = 500 * 2**20, 5 * 2**30  # bytes left


@dataclass(frozen=True)
class Line:
    """One line of the answer. `state` is ok, look (works, but somebody should look) or bad."""

    what: str
    state: str
    text: str


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print a list for programs")


def run(args: argparse.Namespace) -> int:
    lines = all_lines()
    if args.json:
        print(json.dumps([asdict(line) for line in lines]))
    else:
        for line in lines:
            print(f"{line.what:<14} {line.state:<5} {line.text}")
    if lines[0].state == "bad":
        return 2
    return 1 if any(line.state == "bad" for line in lines) else 0


def all_lines() -> list[Line]:
    """The four lines; what cannot be asked because of an earlier failure says so."""
    from kith.cli.session import configuration, database
    from kith.config import ConfigError
    from kith.kernel.database.embedded import DatabaseError

    try:
        config = configuration()
    except ConfigError as error:
        return [Line("configuration", "bad", str(error))]
    lines = [Line("configuration", "ok", f"data in {config.data}, reached as {', '.join(config.hosts)}")]
    try:
        with database():
            lines += [check_database(config.embedded), check_queue()]
    except DatabaseError as error:
        lines += [Line("database", "bad", str(error)), Line("queue", "bad", "not known without the database")]
    return [*lines, check_disk(str(config.data))]


def check_database(embedded: bool) -> Line:
    from django.db import connection

    from kith.kernel.database.schema import pending
    from kith.web.bridge import readable_size

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    text = f"PostgreSQL {version.split()[0]}{' (embedded)' if embedded else ''}, {readable_size(size)}"
    if waiting := pending():
        return Line("database", "bad", f"{text}, {len(waiting)} changes behind: run `kith migrate`")
    return Line("database", "ok", text)


def check_queue() -> Line:
    from django.db import ProgrammingError

    from kith.kernel.jobs.queries import job_counts, live_workers, oldest_due

    try:
        counts, workers, oldest = job_counts(), live_workers(), oldest_due()
    except ProgrammingError:
        return Line("queue", "bad", "its tables are missing: run `kith migrate`")
    text = f"{counts['waiting']} waiting, {counts['running']} running, {counts['failed']} failed, {workers} workers"
    if oldest > LATE:
        return Line("queue", "bad", f"{text}; the oldest waits for {oldest / 60:.0f} minutes: is a worker running?")
    return Line("queue", "look" if counts["failed"] or not workers else "ok", text)


def check_disk(folder: str) -> Line:
    from kith.web.bridge import readable_size

    usage = shutil.disk_usage(folder)
    state = "bad" if usage.free < DISK_BAD else "look" if usage.free < DISK_LOW else "ok"
    return Line("disk", state, f"{readable_size(usage.free)} of {readable_size(usage.total)} free")
