"""`kith insight`: what customers were worth and will be, the same as on its page and over the API."""

from __future__ import annotations

import argparse
import json

from kith.cli.report import read_as

NAME = "insight"
HELP = "print what customers are worth (clv): fitted parameters, log-likelihoods, what is expected of them"
EXAMPLE = "kith insight clv --until 2026-06-30 --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=["clv"], help="clv: lifetime value")
    parser.add_argument(
        "--until", metavar="DAY", default="", help="orders up to this day, like 2026-06-30 (default: the last order's)"
    )
    parser.add_argument("--weeks", metavar="N", type=int, default=52, help="how far ahead (default: 52)")
    parser.add_argument("--customers", action="store_true", help="with --json: every customer as well")
    parser.add_argument("--json", action="store_true", help="print everything for programs")
    read_as(parser)


def run(args: argparse.Namespace) -> int:
    from kith.cli.report import reader
    from kith.insight.lifetime import costs
    from kith.insight.lifetime.asking import read_ask
    from kith.insight.lifetime.orders import read_orders
    from kith.insight.lifetime.telling import as_json, as_text, customers_of
    from kith.insight.lifetime.worth import work_out
    from kith.kernel.organisation.models import refresh

    refresh()
    ask = read_ask({"until": args.until, "weeks": str(args.weeks)})
    by = reader(args.email)
    out = work_out(read_orders(by, ask.until), ask.until, ask.weeks)
    if args.json:
        told = (
            as_json(out)
            | {"costs": costs.as_json(costs.costs_of(by, out.until))}
            | ({"data": customers_of(out)} if args.customers else {})
        )
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print(as_text(out), end="")
    return 0
