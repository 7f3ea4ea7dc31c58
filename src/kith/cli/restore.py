"""`kith restore FILE`: everything as it was when the backup was written."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

NAME = "restore"
HELP = "put everything back as it was in a backup; replaces what is there now"
EXAMPLE = "kith restore /backups/kith-monday.tar --replace"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a file written by `kith backup`")
    parser.add_argument("--replace", action="store_true", help="replace data that is there now")


def run(args: argparse.Namespace) -> int:
    from kith.cli.archive import read_about, read_archive
    from kith.cli.session import configuration
    from kith.kernel.database.dumps import other_sessions
    from kith.kernel.database.schema import State, apply_migrations, pending, state

    about = read_about(args.file)
    if state() is State.FILLED and not args.replace:
        print("There is data here already: add --replace to put the backup in its place.", file=sys.stderr)
        return 1
    if others := other_sessions():
        print(f"The database is in use by {others} connections: stop Kith first, then restore.", file=sys.stderr)
        return 1
    try:
        read_archive(args.file, configuration())
    except OSError as error:
        print(f"The backup could not be unpacked into {configuration().data}: {error.strerror}.", file=sys.stderr)
        return 1
    if pending():
        apply_migrations(print)
    print(f"Restored from the backup of {about['at']}, written by Kith {about['kith']}.")
    return 0
