"""An API token from the command line, for scripts and for the first look at the API."""

from __future__ import annotations

import argparse
import sys

NAME = "token"
HELP = "print a new API token of a person"
EXAMPLE = "kith token anna@example.org --name 'Night export' --read-only"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL", help="whose rights the token has")
    parser.add_argument("--name", default="Command line", help="what uses it (default: %(default)s)")
    parser.add_argument("--read-only", action="store_true", help="it may read, but change nothing")


def run(args: argparse.Namespace) -> int:
    from kith.cli.user import find
    from kith.kernel.accounts.tokens import TokenScope, issue
    from kith.kernel.errors import KithError

    try:
        user = find(args.email)
    except KithError as error:
        print(error.message, file=sys.stderr)
        return 1
    if not user.is_active:
        print(f"{user.email} is deactivated, so a token would not work.", file=sys.stderr)
        return 1
    print(issue(user, args.name, scope=TokenScope.READ if args.read_only else TokenScope.FULL)[1])
    return 0
