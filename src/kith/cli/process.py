"""`kith process`: how the customer process is meant to run (definitions as files) and how it runs, here and elsewhere."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

NAME = "process"
HELP = "the customer process: definitions as files, publishing, the audit of journeys, mining of event logs"
MINE = (
    "kith process mine helpdesk.csv --case ticket --activity action --time at\n  kith process mine orders.xes.gz --json"
)
AUDIT = "kith process audit --process lead-to-loyalty --since 2025-01-01"
EXAMPLE = (
    f"kith process export lead-to-loyalty ours.yaml\n  kith process import ours.yaml --publish\n  {AUDIT}\n  {MINE}"
)
NEEDS_DATABASE = False  # mining needs none; the others open it themselves


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    _definitions(verbs)
    _audit(verbs)
    _review(verbs)
    _mine(verbs)


def _definitions(verbs: Any) -> None:
    def verb(name: str, help: str, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name, help=help, description=f"{help[:1].upper()}{help[1:]}.", epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        return made

    listed = verb("list", "the processes there are, and the starters that Kith ships", "kith process list --json")
    listed.add_argument("--json", action="store_true", help="for programs")
    show = verb("show", "the stages of a process, with their gates and clocks", "kith process show lead-to-loyalty")
    show.add_argument("name", metavar="NAME", help="key or name of a process or starter")
    show.add_argument("--draft", action="store_true", help="the draft instead of the version in force")
    show.add_argument("--json", action="store_true", help="for programs")
    export = verb("export", "write a process to a readable file", "kith process export lead-to-loyalty ours.yaml")
    export.add_argument("name", metavar="NAME", help="key or name of a process or starter")
    export.add_argument("file", metavar="FILE", help="where to (- for the terminal)")
    export.add_argument("--draft", action="store_true", help="the draft instead of the version in force")
    bring = verb("import", "read a process from a file as a draft", "kith process import ours.yaml --publish")
    bring.add_argument("file", metavar="FILE", help="the file, or the name of a starter")
    bring.add_argument("--publish", action="store_true", help="put it in force at once")
    bring.add_argument("--check", action="store_true", help="only say whether it could be used")
    publish = verb(
        "publish", "put the draft of a process in force", "kith process publish lead-to-loyalty --note 'Trial added'"
    )
    publish.add_argument("name", metavar="NAME", help="key or name of the process")
    for one in (bring, publish):
        one.add_argument("--note", default="", help="what changes, in a sentence")
        one.add_argument(
            "--moves", default="", metavar="OLD=NEW,…", help="where relationships of stages that are gone go"
        )
        one.add_argument("--default", action="store_true", help="new customers begin here from now on")
    publish.add_argument("--preview", action="store_true", help="only say what would happen")


def _audit(verbs: Any) -> None:
    audit = verbs.add_parser(
        "audit",
        help="how every journey went against how it was meant to go: done, skipped, repeated, out of order, late",
        description="Judge every journey by the version of the process that held at the time, and say where time is lost.",
        epilog=f"example:\n  {AUDIT}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    audit.add_argument(
        "--process", metavar="NAME", default="", help="key or name of one process (default: all in force)"
    )
    audit.add_argument("--since", metavar="DATE", default="", help="only journeys opened since, like 2025-01-31")
    audit.add_argument("--json", action="store_true", help="print everything for programs; times in seconds")


def _review(verbs: Any) -> None:
    review = verbs.add_parser(
        "review",
        help="the last review of a process: figures against last time, proposals, decisions, what came of it",
        description="Print the last review of a process.",
        epilog="example:\n  kith process review lead-to-loyalty --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    review.add_argument(
        "name", metavar="NAME", nargs="?", default="", help="key or name (default: where new customers begin)"
    )
    review.add_argument("--json", action="store_true", help="print everything for programs; times in seconds")


def _mine(verbs: Any) -> None:
    mine = verbs.add_parser(
        "mine",
        help="cases, activities, what follows what, variants, rework and waiting times of a log",
        description="Read an event log (CSV, XLSX, JSON lines or XES; plain or gzip) and say what happened in it.",
        epilog=f"example:\n  {MINE}",
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
    if args.verb == "mine":
        return mined(args)
    from kith.cli.session import database

    with database():
        from kith.process import terminal
        from kith.process.evidence import report
        from kith.process.review import shown

        verbs = {
            "audit": report.audited, "review": shown.reviewed,
            "list": terminal.listed, "show": terminal.shown, "export": terminal.exported,
            "import": terminal.imported, "publish": terminal.published,
        }  # fmt: skip
        return verbs[args.verb](args)


def mined(args: argparse.Namespace) -> int:
    """What really happened, from the event log of any system."""
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
