"""`kith report`: the figures of a report, the same as on its page and over the API."""

from __future__ import annotations

import argparse
import datetime as dt
import json

NAME = "report"
HELP = "print a report: deals (won, lost, open, win rate, value, cycle, stages), activity (calls, meetings, notes, tasks), attribution (what brought the money), promises (how they are kept), speed (how long leads waited) or coverage (whom nobody has spoken with)"
EXAMPLE = (
    "kith report deals --period 2026-Q1 --by owner,month\n  kith report deals --from 2025-01-01 --to 2025-06-30 --json"
)
ASKED = ("period", "from", "to", "by", "filter", "sort", "limit")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="deals, activity, attribution, promises, coverage or speed")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print everything for programs, with definitions and the addresses of the rows",
    )
    parser.add_argument(
        "--period",
        metavar="WORD",
        default="",
        help="all, this_quarter, last_90_days, 2025, 2025-Q1, 2025-03, … (default: all)",
    )
    parser.add_argument("--from", metavar="DAY", default="", help="first day, like 2025-01-31")
    parser.add_argument("--to", metavar="DAY", default="", help="last day")
    parser.add_argument(
        "--by",
        metavar="WHAT",
        default="",
        help="owner, team, product, account, sector, month, quarter, … parted by commas (default: each of them)",
    )
    parser.add_argument(
        "--filter", metavar="TEXT", default="", help="a filter as in the list's address: amount.over:1000"
    )
    parser.add_argument(
        "--sort", metavar="FIGURE", default="", help="won, -win_rate, name, …; - puts the largest first"
    )
    parser.add_argument("--limit", metavar="N", default="", help="rows of each table (default: 1000 as JSON, else 20)")
    parser.add_argument(
        "--model",
        metavar="MODEL",
        default="",
        help="of attribution: first, last, linear, position or decay (default: linear)",
    )
    parser.add_argument("--half-life", metavar="DAYS", default="", help="of the model decay (default: 30)")
    read_as(parser)


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from kith.insight.reports import as_json, make, read_ask
    from kith.insight.text import as_text
    from kith.kernel.organisation.models import refresh
    from kith.kernel.zones import zone

    params = {name: getattr(args, name) for name in ASKED}
    if not (args.json or args.limit):
        params["limit"] = "20"
    with timezone.override(zone(refresh().time_zone)):
        if args.name in ("promises", "coverage"):
            return _figures(args)
        if args.name == "attribution":
            return _attribution(args, params)
        if args.name == "speed":
            return _speed(args, params)
        found = make(args.name, reader(args.email), read_ask(params))
        if args.json:
            print(json.dumps(as_json(found), ensure_ascii=False, indent=2))
        else:
            print(as_text(found), end="")
    return 0


def _figures(args: argparse.Namespace) -> int:
    from django.core.serializers.json import DjangoJSONEncoder

    from kith.conversion.telling import keeping_json, keeping_lines
    from kith.retention.telling import coverage_json, coverage_lines

    who = reader(args.email)
    asked = (args.by or "owner", _day(getattr(args, "from"))) if args.name == "promises" else ()
    told, lines = (keeping_json, keeping_lines) if args.name == "promises" else (coverage_json, coverage_lines)
    if args.json:
        print(json.dumps(told(who, *asked), ensure_ascii=False, indent=2, cls=DjangoJSONEncoder))
    else:
        print("\n".join(lines(who, *asked)))
    return 0


def _day(text: str) -> dt.date | None:
    from kith.kernel.errors import Invalid

    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"“{text}” is no day; write it like 2026-01-31.", "from") from None


def _attribution(args: argparse.Namespace, params: dict[str, str]) -> int:
    from kith.insight.attribution.report import as_json, as_text, make, read_ask

    found = make(reader(args.email), read_ask({**params, "model": args.model, "half_life": args.half_life}))
    print(
        json.dumps(as_json(found), ensure_ascii=False, indent=2) if args.json else as_text(found),
        end="\n" if args.json else "",
    )
    return 0


def _speed(args: argparse.Namespace, params: dict[str, str]) -> int:
    from kith.capture.telling import speed_json, speed_lines
    from kith.insight.period import read_period

    by, period = reader(args.email), read_period(params)
    by.require("lead_clock.see")
    told = speed_json(by, period.start, period.end)
    print(json.dumps(told, ensure_ascii=False, indent=2) if args.json else "\n".join(speed_lines(told)))
    return 0


def read_as(parser: argparse.ArgumentParser) -> None:
    """Whose eyes it is read with; see `reader`."""
    parser.add_argument(
        "--as", dest="email", metavar="EMAIL", default="", help="as this colleague sees it (default: everything)"
    )


def reader(email: str):
    """Whose eyes it is read with."""
    from kith.cli.user import find
    from kith.kernel.access.actor import actor_for, system

    return actor_for(find(email), "cli") if email else system("cli", name="Command line")
