"""`kith process`: what really happened, from the event log of any system."""

from __future__ import annotations

import argparse
import json
import sys

NAME = "process"
HELP = "read what really happened from an event log of any system: steps, ways, rework, waiting"
EXAMPLE = (
    "kith process mine helpdesk.csv --case ticket --activity action --time at\n  kith process mine orders.xes.gz --json"
)
NEEDS_DATABASE = False


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    mine = verbs.add_parser(
        "mine",
        help="cases, activities, what follows what, variants, rework and waiting times of a log",
        description="Read an event log (CSV, XLSX, JSON lines or XES; plain or gzip) and say what happened in it.",
        epilog=f"example:\n  {EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    mine.add_argument("log", metavar="LOG", help="the file")
    mine.add_argument("--case", metavar="COLUMN", default="", help="what the event belongs to, like a ticket's number")
    mine.add_argument("--activity", metavar="COLUMN", default="", help="what was done")
    mine.add_argument("--time", metavar="COLUMN", default="", help="when; with --end, when it began")
    mine.add_argument("--end", metavar="COLUMN", default="", help="when it ended, where the log knows both")
    mine.add_argument("--skip-broken", action="store_true", help="leave out rows without case, activity or time")
    mine.add_argument("--top", metavar="N", type=int, default=15, help="rows of each table (default: %(default)s)")
    mine.add_argument("--json", action="store_true", help="print everything for programs; times in seconds")


def run(args: argparse.Namespace) -> int:
    from kith.cli.progress import progress
    from kith.cli.session import set_up_django

    set_up_django()
    from kith.process.mining import Choice, mine, read_log
    from kith.process.mining.shown import as_json, as_text

    choice = Choice(args.case, args.activity, args.time, args.end)
    with progress("Reading the log", unit="events") as bar:
        log = read_log(args.log, choice, skip_broken=args.skip_broken, heard=bar.set)
    found = mine(log)
    if args.json:
        json.dump(as_json(found), sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        print(as_text(found, args.top), end="")
    return 0
