"""`kith demo`: the sample company, once, and a way to sign in."""

from __future__ import annotations

import argparse
import sys

NAME = "demo"
HELP = "fill in the sample company Tidewell, once, and print a sign-in"
EXAMPLE = "kith demo --people 1200 --serve"
NEEDS_DATABASE = False  # `--serve` needs the address of the server it starts itself


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=size, default=1200, metavar="N", help="how many people (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=1203, help="another seed tells another story (default: %(default)s)"
    )
    parser.add_argument("--serve", action="store_true", help="then serve it")
    parser.add_argument("--port", type=int, default=8000, help="port for --serve (default: %(default)s)")
    parser.add_argument("--remove", action="store_true", help="take the sample company away again")


def size(text: str) -> int:
    if not text.replace("_", "").isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of people")
    return int(text)


def run(args: argparse.Namespace) -> int:
    from kith.cli.session import database

    with database():
        if args.remove:
            return remove()
        if not ready():
            print("The database is behind this version: run `kith migrate` first.", file=sys.stderr)
            return 1
        greeting = fill(args.people, args.seed)
        if not args.serve:
            print(greeting)
            return 0
        from kith.cli.serve import serve

        return serve("127.0.0.1", args.port, greeting=greeting)


def ready() -> bool:
    """An empty database is brought to this version by itself; one with data is left to `kith migrate`."""
    from kith.kernel.database.schema import State, apply_migrations, pending, state

    if state() is State.EMPTY:
        apply_migrations()
    return not pending()


def fill(people: int, seed: int) -> str:
    """Fill it in when it is not there yet; returns the line that says how to sign in."""
    from kith.cli.progress import Progress
    from kith.kernel.access.actor import system
    from kith.kernel.organisation.models import refresh
    from kith.starters.actions import install_sample, sample_sign_in

    if not refresh().sample:
        progress = Progress("Telling the story of Tidewell", people, "people")
        counts = install_sample(by=system("cli"), people=people, seed=seed, progress=progress.set)
        print(", ".join(f"{n:,} {what}" for what, n in counts.items()) + " are there.")
    email, password = sample_sign_in()
    return f"Sign in as {email} with the password {password}"


def remove() -> int:
    from kith.kernel.access.actor import system
    from kith.starters.actions import remove_sample

    print(f"The sample company is gone: {remove_sample(by=system('cli')):,} rows with their stories.")
    return 0
