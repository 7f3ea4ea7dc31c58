"""Rows from the command line, as a file or to standard output: `kith export people --view "In my care" --format csv`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

NAME = "export"
HELP = "write the rows of a record type as CSV, XLSX or JSON lines"
EXAMPLE = "kith export deals --view won --format xlsx --output won.xlsx"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("type", metavar="TYPE", help="person, people, deal, deals, …")
    parser.add_argument("--view", metavar="NAME", default="", help="a view's name or key (default: all rows)")
    parser.add_argument(
        "--filter", metavar="TEXT", default="", help="a filter as in the list's address: amount.over:1000"
    )
    parser.add_argument("--format", choices=("csv", "xlsx", "jsonl"), default="csv", help="default: %(default)s")
    parser.add_argument(
        "--columns", choices=("all", "shown"), default="all", help="all, or those the view shows (default: %(default)s)"
    )
    parser.add_argument("--output", metavar="FILE", default="-", help="where to (default: standard output)")


def run(args: argparse.Namespace) -> int:
    from kith.cli.progress import Progress
    from kith.kernel.access.actor import system
    from kith.kernel.errors import Invalid
    from kith.kernel.lookups.exporting import chunks, prepare_export
    from kith.kernel.lookups.look import look_with
    from kith.kernel.lookups.state import ListState
    from kith.kernel.lookups.tree import parse
    from kith.kernel.lookups.views import named

    if args.format == "xlsx" and args.output == "-" and sys.stdout.isatty():
        print("A workbook is not for reading on a terminal; name a file with --output.", file=sys.stderr)
        return 2
    record, actor = record_named(args.type), system("cli", name="Command line")
    state = named(record, actor, args.view).state if args.view else ListState()
    if args.filter:
        state = state.changed(tree=parse(args.filter))
    look = look_with(record, actor, state)
    if look.state.sort.lstrip("-") not in {"", "id", *look.columns}:
        raise Invalid(f"The view sorts by “{look.state.sort}”, which is no longer a column.")
    made = prepare_export(look, args.format, every=args.columns == "all")
    progress = Progress(f"Exporting {record.plural.lower()}", unit="bytes")
    with target(args.output) as out:
        for piece in chunks(made):
            out.write(piece)
            if args.output != "-":
                progress.advance(len(piece))
    return 0


def record_named(name: str):
    """The record type by its name or its plural; raises NotFound naming those there are."""
    from kith.kernel.errors import NotFound
    from kith.kernel.records.registry import registry

    record = registry.get(name) or registry.by_slug(name)
    if record is None:
        raise NotFound(f"There is nothing called “{name}”; there are {', '.join(sorted(r.slug for r in registry))}.")
    return record


@contextmanager
def target(path: str) -> Iterator[BinaryIO]:
    """Standard output, or the file, which appears only when it is whole."""
    import os

    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    draft = f"{path}.part"
    with open(draft, "wb") as out:
        yield out
    os.replace(draft, path)
