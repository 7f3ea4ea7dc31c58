"""`kith handover`: won customers whom nobody has taken over, one dossier, and how long taking over takes."""

from __future__ import annotations

import argparse
import json

from kith.cli.report import read_as

NAME = "handover"
HELP = "won customers whom nobody has taken over yet, what is handed over with one, and how long it takes"
EXAMPLE = "kith handover list --late\n  kith handover show 381\n  kith handover times --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="won customers whom nobody has taken over, who should be first")
    listed.add_argument("--late", action="store_true", help="only those beyond their time; 1 where there are any")
    show = verbs.add_parser("show", help="what was handed over with a customer, or would be")
    show.add_argument("number", type=int, metavar="NUMBER", help="of the journey, as in the list")
    times = verbs.add_parser("times", help="working time until accepted, and how often something was missing")
    for one in (listed, show, times):
        one.add_argument("--json", action="store_true", help="print everything for programs")
        read_as(one)


def run(args: argparse.Namespace) -> int:
    from kith.cli.report import reader
    from kith.kernel.organisation.models import refresh
    from kith.kernel.records.registry import registry
    from kith.process.handovers import terminal
    from kith.process.handovers.late import late_ones, open_ones

    refresh()
    by, code = reader(args.email), 0
    if args.verb == "list":
        found = late_ones(by) if args.late else open_ones(by)
        told, lines = [terminal.open_json(one) for one in found], terminal.open_lines(found)
        code = int(bool(args.late and found))
    elif args.verb == "show":
        row = registry["journey"].get(by, args.number)
        told, lines = terminal.dossier_json(by, row), terminal.dossier_lines(by, row)
    else:
        told, lines = terminal.times_json(by), terminal.times_lines(by)
    print(json.dumps(told, ensure_ascii=False, indent=2) if args.json else "\n".join(lines))
    return code
