"""`kith backup FILE`: database, files and secret key in one file, while Kith goes on working."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

NAME = "backup"
HELP = "write the database, the files and the secret key into one file; Kith may be running"
EXAMPLE = "kith backup /backups/kith-monday.tar"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to write; keep it as safe as the data itself")
    parser.add_argument("--replace", action="store_true", help="replace FILE when it exists")


def run(args: argparse.Namespace) -> int:
    from kith.cli.archive import write_archive
    from kith.cli.session import configuration
    from kith.web.bridge import readable_size

    file = args.file.expanduser().absolute()
    if file.exists() and not args.replace:
        print(f"{file} exists: choose another name, or add --replace.", file=sys.stderr)
        return 1
    if not file.parent.is_dir():
        print(f"There is no folder {file.parent} to write the backup into.", file=sys.stderr)
        return 1
    try:
        size = write_archive(file, configuration())
    except OSError as error:
        print(f"The backup could not be written to {file}: {error.strerror}.", file=sys.stderr)
        return 1
    print(f"{file}: {readable_size(size)}")
    return 0
