"""`kith sandbox`: a second Kith with this configuration, to try changes in; nothing leaves it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

NAME = "sandbox"
HELP = "make a second Kith with this configuration to try changes in; no mail and no call leaves it"
EXAMPLE = "kith sandbox /srv/trial --sample"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="the data folder of the new Kith; it must not be there yet")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--sample", action="store_true", help="with the sample company's customers")
    what.add_argument("--empty", action="store_true", help="without any customer (the default)")
    parser.add_argument("--people", type=int, default=300, metavar="N", help="of the sample (default: %(default)s)")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)  # the half that runs in the new Kith


def run(args: argparse.Namespace) -> int:
    folder = Path(args.folder).expanduser().absolute()
    if args.fill:
        return _fill(folder, args.people if args.sample else 0)
    from kith.configuration.sandbox import pack
    from kith.kernel.access.actor import system
    from kith.kernel.organisation.models import refresh

    refresh()
    print(f"{pack(folder, by=system('cli', name='Command line')):,} files of the configuration come along.", flush=True)
    inside = ["sandbox", str(folder), "--fill", "--data", str(folder), "--people", str(args.people)]
    command = [sys.executable, "-m", "kith", *inside, *(["--sample"] if args.sample else [])]
    env = {key: said for key, said in os.environ.items() if key not in ("KITH_DATA", "DATABASE_URL", "KITH_EMAIL_URL")}
    done = subprocess.run(command, env=env, check=False)
    if done.returncode:
        print(f"The sandbox is not complete; mend what is said above, remove {folder} and try again.", file=sys.stderr)
        return done.returncode
    print(f"Start it: kith serve --data {folder} --port 8001")
    print("Bring what proved itself back: kith config export FOLDER --data … there, then kith config diff FOLDER here.")
    return 0


def _fill(folder: Path, people: int) -> int:
    """In the sandbox itself."""
    from kith.cli.demo import ready
    from kith.configuration.actions import Refused
    from kith.configuration.sandbox import fill
    from kith.kernel.access.actor import system
    from kith.kernel.organisation.models import refresh
    from kith.starters.actions import install_sample

    by = system("cli", name="Command line")
    if not ready():
        print("The folder has a Kith of another version in it; name a new folder.", file=sys.stderr)
        return 1
    refresh()
    if people:
        install_sample(by=by, people=people)
    try:
        email, password = fill(folder, by=by)
    except Refused as problem:
        print("\n".join(problem.sentences), file=sys.stderr)
        return 1
    print(f"Sign in as {email} with the password {password}")
    return 0
