"""`kith onboarding`: new customers on their way to a first result, one plan, and how long it takes."""

from __future__ import annotations

import argparse
import json

from kith.cli.report import read_as

NAME = "onboarding"
HELP = "new customers on their way to a first result, the plan of one, and how long it takes"
EXAMPLE = "kith onboarding list --late\n  kith onboarding show 12\n  kith onboarding times --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="plans on their way, whose first result is due first")
    listed.add_argument("--late", action="store_true", help="only late first results; 1 where there are any")
    listed.add_argument("--theirs", action="store_true", help="only where the customer has something overdue to do")
    show = verbs.add_parser("show", help="the steps of a plan, whose they are, and the customer's page")
    show.add_argument("number", type=int, metavar="NUMBER")
    times = verbs.add_parser("times", help="days until the first result, and how much each colleague carries")
    for one in (listed, show, times):
        one.add_argument("--json", action="store_true", help="print everything for programs")
        read_as(one)


def run(args: argparse.Namespace) -> int:
    from kith.cli.report import reader
    from kith.kernel.organisation.models import refresh
    from kith.kernel.records.registry import registry
    from kith.onboarding import terminal

    refresh()
    by, code = reader(args.email), 0
    if args.verb == "list":
        found = terminal.on_their_way(by, late=args.late, theirs=args.theirs)
        told, lines = [terminal.as_json(plan) for plan in found], terminal.plan_lines(found)
        code = int(bool(args.late and found))
    elif args.verb == "show":
        plan = registry["onboarding_plan"].get(by, args.number)
        told, lines = terminal.as_json(plan, whole=True), terminal.whole_lines(plan)
    else:
        told, lines = terminal.times_json(by), terminal.times_lines(by)
    print(json.dumps(told, ensure_ascii=False, indent=2) if args.json else "\n".join(lines))
    return code
