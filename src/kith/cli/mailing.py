"""`kith mailing`: mail to many from the terminal: what there is, what a check finds, send, pause, resume."""

from __future__ import annotations

import argparse
import json
from typing import Any

NAME = "mailing"
HELP = "mail to many: list, show, check beforehand, send, pause, resume"
EXAMPLE = (
    "kith mailing check 'Autumn sensors'\n  kith mailing send 'Autumn sensors' --yes\n  kith mailing show 3 --json"
)
VERBS = {
    "list": "the mailings there are",
    "show": "how far one is, and what became of it",
    "check": "how many would get it, who is held back and why; sends nothing",
    "send": "begin now; asks for --yes",
    "pause": "let it rest",
    "resume": "let it go on",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=VERBS, help="; ".join(f"{key}: {words}" for key, words in VERBS.items()))
    parser.add_argument("name", metavar="MAILING", nargs="?", default="", help="its name or id")
    parser.add_argument("--yes", action="store_true", help="send: write to everybody of the audience now")
    parser.add_argument("--json", action="store_true", help="print everything for programs")


def run(args: argparse.Namespace) -> int:
    from kith.engagement.mailings.telling import as_json, every, found, told
    from kith.kernel.access.actor import system
    from kith.kernel.errors import Invalid
    from kith.kernel.organisation.models import refresh
    from kith.kernel.records.action import ACTIONS

    refresh()
    by = system("cli", name="Command line")
    if args.verb == "list":
        rows = [as_json(row, by) for row in every(by)]
        _print(
            rows,
            args.json,
            lambda: "\n".join(f"{r['id']:>6}  {r['state']:<10} {r['name']}" for r in rows) or "None yet.",
        )
        return 0
    row = found(by, args.name)
    if args.verb == "send" and not args.yes:
        raise Invalid("This writes to everybody of the audience; look with `kith mailing check` first, then say --yes.")
    if args.verb != "show":
        ACTIONS[f"mailing.{args.verb}"].run(row, **({"sure": True} if args.verb == "send" else {}), by=by)
        row.refresh_from_db()
    _print(as_json(row, by), args.json, lambda: told(row, by))
    return 0


def _print(value: Any, programs: bool, words: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str) if programs else words())
