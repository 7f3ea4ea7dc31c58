"""`kith today`: whom a colleague is to turn to now, as on their page Today."""

from __future__ import annotations

import argparse
import json

NAME = "today"
HELP = "print a colleague's day: late, due today, stalled, silent, without a next step"
EXAMPLE = "kith today ines@tidewell.example --team"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL", help="whose day")
    parser.add_argument("--team", action="store_true", help="everyone in their teams")
    parser.add_argument("--json", action="store_true", help="print everything for programs, as the API does")


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from kith.cli.user import find
    from kith.kernel.access.actor import actor_for
    from kith.kernel.zones import zone
    from kith.today.page import as_json, as_text, day_of
    from kith.today.scope import ME, TEAM, scope_of

    user = find(args.email)
    actor = actor_for(user, "cli")
    actor.require("activity.see")
    with timezone.override(zone(user.time_zone)):
        day = day_of(actor, scope_of(actor, TEAM if args.team else ME))
        print(json.dumps(as_json(day), ensure_ascii=False, indent=2) if args.json else as_text(day))
    return 0
