"""`kith surveys`: what each asks, what people answered, and asking those whose time has come."""

from __future__ import annotations

import argparse
import json

NAME = "surveys"
HELP = "what surveys found, with intervals, and asking people whose time has come"
EXAMPLE = (
    "kith surveys found --kind nps\n  kith surveys found --kind csat --since 2026-01-01 --json\n  kith surveys ask"
)
NEEDS_DATABASE = True


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    found_ = verbs.add_parser("found", help="who was asked, who answered, and what they said")
    found_.add_argument(
        "--kind", choices=("nps", "csat", "ces"), default="nps", help="the kind of survey (default: nps)"
    )
    found_.add_argument("--since", metavar="DAY", help="of those asked from this day on, such as 2026-01-01")
    found_.add_argument("--json", action="store_true", help="print everything for programs")
    verbs.add_parser("ask", help="ask everybody whose time has come, as the worker does every five minutes")


def run(args: argparse.Namespace) -> int:
    from kith.cli.session import database

    with database():
        return {"found": found, "ask": ask}[args.verb](args)


def found(args: argparse.Namespace) -> int:
    import datetime as dt

    from kith.kernel.access.actor import system
    from kith.kernel.errors import Invalid
    from kith.surveys.figures import figures
    from kith.surveys.telling import as_json

    try:
        since = dt.date.fromisoformat(args.since) if args.since else None
    except ValueError:
        raise Invalid(f"“{args.since}” is no day; write it as 2026-01-31.", "since") from None
    out = figures(system("cli"), args.kind, since=since)
    if args.json:
        print(json.dumps(as_json(out), ensure_ascii=False))
        return 0
    if not out.asked:
        print("Nobody was asked yet.")
        return 0
    from kith.surveys.shown import rate_words, score_words

    print(f"asked {out.asked}, answered {rate_words(out.rate)}")
    print(f"score {score_words(out.kind, out.score)}")
    print(f"low answers {out.loops['all']}, followed up {out.loops['closed']}, late {out.loops['late']}")
    return 0


def ask(args: argparse.Namespace) -> int:
    from kith.surveys import asking

    print(f"asked {asking.send_due()}")
    return 0
