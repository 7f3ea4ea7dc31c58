"""The web server's process: brings database and style sheets up to date, loads Django once, then forks its workers.

Loading before the fork makes the first page quick and lets the workers share memory.
"""

from __future__ import annotations

import argparse
import os
import sys

from kith.cli import WRONG_CONFIGURATION, say


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--when-told", action="store_true", help="wait for a line before using the database")
    args = parser.parse_args()

    from kith.cli.session import database, set_up_django
    from kith.cli.statics import prepare_statics
    from kith.config import ConfigError
    from kith.kernel.database.embedded import DatabaseError

    try:
        prepare_statics()
        set_up_django()
        warm_up()
        if args.when_told and not os.read(0, 1):
            return 0  # whoever started us is gone
        with database():
            return serve(args)
    except ConfigError as error:
        return say(error, WRONG_CONFIGURATION)
    except DatabaseError as error:
        return say(error, 1)


def serve(args: argparse.Namespace) -> int:
    from django.db import connections

    from kith.kernel.database.schema import State, apply_migrations, pending, state

    found = state()
    if found is State.EMPTY:
        print("Preparing the database, once…", flush=True)
        apply_migrations()
    elif found is State.INTERRUPTED_RESTORE:
        return say("A restore was interrupted: run `kith restore FILE` again before you serve.", 1)
    elif waiting := pending():
        return say(f"The database is {len(waiting)} changes behind this version: run `kith migrate` first.", 1)
    connections.close_all()  # a connection must not be shared by forked processes
    listen(args)
    return 0


def warm_up() -> None:
    """Load what the first page needs, so that forked workers have it already."""
    from django.template import engines
    from django.urls import get_resolver

    import kith.web.asgi  # noqa: F401 - loads the middleware

    _ = get_resolver().url_patterns
    engines.all()


def listen(args: argparse.Namespace) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    from kith.cli.supervisor import hold_lifeline

    server = Granian(
        "kith.web.asgi:application",
        address=args.host,
        port=args.port,
        interface=Interfaces.ASGI,
        workers=args.workers,
        http=HTTPModes.auto,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    )
    server.on_startup(hold_lifeline)
    server.serve()


if __name__ == "__main__":
    sys.exit(main())
