"""An API token from the command line, for scripts and for the first look at the API."""

from __future__ import annotations

import argparse

NAME = "token"
HELP = "print a new API token of a person"
EXAMPLE = "kith token anna@example.org --name 'Night export' --read-only"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL", help="whose rights the token has")
    parser.add_argument("--name", default="Command line", help="what uses it (default: %(default)s)")
    parser.add_argument("--read-only", action="store_true", help="it may read, but change nothing")


def run(args: argparse.Namespace) -> int:
    from kith.cli.user import find
    from kith.kernel.access.actor import system
    from kith.kernel.accounts.actions import make_token
    from kith.kernel.accounts.models import TokenScope

    scope = TokenScope.READ if args.read_only else TokenScope.FULL
    print(make_token(find(args.email), name=args.name, scope=scope, by=system("cli")))
    return 0
