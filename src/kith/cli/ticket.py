"""`kith ticket`: the queue, one ticket with its talk and clocks, and opening one."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

NAME = "ticket"
HELP = "the queue of tickets, one ticket with its talk and clocks, and opening one"
EXAMPLE = 'kith ticket list --late\n  kith ticket show 4821\n  kith ticket open "Sensor 14 is offline" --person marta@bellevue.example'


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="tickets to do, whoever is due first")
    listed.add_argument("--late", action="store_true", help="only those over their time; 1 where there are any")
    listed.add_argument("--nobody", action="store_true", help="only those that nobody has")
    listed.add_argument("--json", action="store_true", help="print everything for programs")
    show = verbs.add_parser("show", help="what was said, and what each clock says and why")
    show.add_argument("number", type=int, metavar="NUMBER")
    show.add_argument("--json", action="store_true", help="print everything for programs")
    opened = verbs.add_parser("open", help="open a ticket; its words come from standard input")
    opened.add_argument("subject", metavar="SUBJECT")
    opened.add_argument("--person", metavar="ADDRESS", help="who asks, by their e-mail address")
    opened.add_argument("--kind", default="question", help="question, problem, complaint or wish")
    opened.add_argument("--priority", default="normal", help="low, normal, high or urgent")


def run(args: argparse.Namespace) -> int:
    return {"list": _list, "show": _show, "open": _open}[args.verb](args)


def _list(args: argparse.Namespace) -> int:
    from kith.kernel.access.actor import system
    from kith.support.terminal import as_json, queue_lines, to_do

    rows = to_do(system("cli"), late=args.late, nobody=args.nobody)
    if args.json:
        print(json.dumps([as_json(row) for row in rows], ensure_ascii=False, indent=2))
    else:
        print("\n".join(queue_lines(rows)))
    return int(bool(args.late and rows))


def _show(args: argparse.Namespace) -> int:
    from kith.kernel.access.actor import system
    from kith.kernel.records.registry import registry
    from kith.support.terminal import as_json, ticket_lines

    row = registry["ticket"].get(system("cli"), args.number)
    print(
        json.dumps(as_json(row, whole=True), ensure_ascii=False, indent=2)
        if args.json
        else "\n".join(ticket_lines(row))
    )
    return 0


def _open(args: argparse.Namespace) -> int:
    from kith.activities.whose import person_of
    from kith.cli import say
    from kith.kernel.access.actor import system
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry

    text = "" if sys.stdin.isatty() else sys.stdin.read()
    person: Any = person_of(args.person) if args.person else None
    if args.person and person is None:
        return say(f"Nobody here has the address {args.person}; leave it out, or add the person first.", 1)
    raw = {"subject": args.subject, "request": text.strip(), "kind": args.kind, "priority": args.priority}
    record, by = registry["ticket"], system("cli")
    columns = {key: record.columns()[key] for key in raw}
    values = actions.parse_values(record, raw, by=by, columns=columns)
    row = actions.create(record, {**values, "person": person} if person is not None else values, by=by)
    print(row.pk)
    return 0
