"""`kith meetings`: booking pages, what is free on one, and what was booked."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from typing import Any

NAME = "meetings"
HELP = "booking pages, the times that are free on one, and what was booked"
EXAMPLE = (
    "kith meetings pages\n  kith meetings free first-talk --days 7 --zone Europe/Berlin\n  kith meetings booked --json"
)
NEEDS_DATABASE = True


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("pages", help="every booking page: address, lengths, whether it is open")
    offered = verbs.add_parser("free", help="the times that strangers are offered on a page")
    offered.add_argument("page", metavar="ADDRESS", help="the page's address, such as first-talk")
    offered.add_argument("--minutes", type=int, metavar="N", help="which of its lengths (default: the first)")
    offered.add_argument("--days", type=int, default=14, metavar="N", help="how many days from now (default: 14)")
    offered.add_argument("--zone", default="", metavar="ZONE", help="on the clocks of a time zone (default: yours)")
    coming = verbs.add_parser("booked", help="meetings to come")
    for one in (listed, offered, coming):
        one.add_argument("--json", action="store_true", help="print everything for programs")


def run(args: argparse.Namespace) -> int:
    from kith.cli.session import database

    with database():
        return {"pages": pages, "free": free, "booked": booked}[args.verb](args)


def _print(args: argparse.Namespace, rows: list[dict[str, Any]], nothing: str) -> int:
    if args.json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        print("\n".join("  ".join(str(v) for v in row.values()) for row in rows) or nothing)
    return 0


def pages(args: argparse.Namespace) -> int:
    from kith.kernel.access.actor import system
    from kith.kernel.records.registry import registry

    rows = registry["booking_page"].rows(system("cli"), archived=False).order_by("key")
    told = [
        {"address": p.key, "title": p.name, "minutes": p.lengths, "open": "open" if p.open else "closed"} for p in rows
    ]
    return _print(args, told, "There is no booking page yet.")


def free(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from kith.cli import say
    from kith.engagement.meetings.availability import times
    from kith.engagement.meetings.choosing import zone_asked
    from kith.kernel.access.actor import system
    from kith.kernel.records.registry import registry

    page = registry["booking_page"].rows(system("cli"), archived=False).filter(key=args.page).first()
    if page is None:
        return say(f"There is no booking page “{args.page}”; `kith meetings pages` lists them.", 1)
    zone, problem = zone_asked(args.zone, "")
    if problem:
        return say(problem, 1)
    minutes, now = args.minutes or page.minutes()[0], timezone.now()
    if minutes not in page.minutes():
        return say(f"“{page.key}” offers {page.lengths} minutes; choose one of these.", 1)
    found = times(page, minutes, now, now + dt.timedelta(days=max(args.days, 0)))
    rows = [
        {"at": at.astimezone(zone).strftime("%Y-%m-%d %H:%M %z"), "with": ", ".join(found.users[pk].name for pk in ids)}
        for at, ids in found.free.items()
    ]
    return _print(args, rows, "Nothing is free on these days.")


def booked(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from kith.kernel.access.actor import system
    from kith.kernel.records.registry import registry

    rows = registry["booking"].rows(system("cli"), archived=False).filter(state="booked", starts_at__gt=timezone.now())
    told = [
        {
            "at": row.starts_at.isoformat(),
            "page": row.page.key,
            "who": row.name,
            "with": row.host.name,
            "reply": row.reply,
        }
        for row in rows.select_related("page", "host").order_by("starts_at")
    ]
    return _print(args, told, "Nothing is booked.")
