"""`kith migrate`: bring the database to this version, after a backup of what is there."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

NAME = "migrate"
HELP = "bring the database to this version (writes a backup into the data folder first)"
EXAMPLE = "kith migrate"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-backup", action="store_true", help="do not write a backup of the database first")
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 when changes are waiting")


def run(args: argparse.Namespace) -> int:
    from kith.kernel.database.schema import State, apply_migrations, pending, state

    found = state()
    if found is State.INTERRUPTED_RESTORE:
        print("A restore was interrupted: run `kith restore FILE` again first.", file=sys.stderr)
        return 1
    waiting = pending()
    if not waiting:
        print("The database is up to date.")
        return 0
    if args.check:
        print(f"{len(waiting)} changes are waiting: {', '.join(waiting)}")
        return 1
    if found is State.FILLED and not args.no_backup:
        print(f"The database as it was: {backup_before()}")
    apply_migrations(print)
    return 0


def backup_before() -> Path:
    """Dump the database into the data folder and return the file."""
    from kith.cli.session import configuration
    from kith.kernel.database.dumps import dump

    folder = configuration().data / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"before-migrate-{datetime.now():%Y-%m-%d-%H%M%S}.dump"  # noqa: DTZ005 - the machine's own time
    dump(file)
    return file
