"""`kith serve`: database, pages and background jobs in one command.

A small parent that imports no Django keeps two children alive: the web server (`web_process.py`) and the worker.
"""

from __future__ import annotations

import argparse
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING

from kith.kernel.database.embedded import DatabaseError

if TYPE_CHECKING:
    from kith.cli.supervisor import Child, Supervisor
    from kith.kernel.database.embedded import Embedded

NAME = "serve"
HELP = "run Kith: database, pages and background jobs"
EXAMPLE = "kith serve --host 0.0.0.0 --port 8080 --data /srv/kith"
NEEDS_DATABASE = False

LOOK_EVERY = 0.03  # seconds between looks whether the web server is up


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port_number, default=8000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="web processes (default: %(default)s)")
    parser.add_argument("--no-worker", action="store_true", help="leave background jobs to `kith worker` elsewhere")


def run(args: argparse.Namespace) -> int:
    return serve(args.host, args.port, workers=args.workers, worker=not args.no_worker)


def serve(
    host: str = "127.0.0.1", port: int = 8000, *, workers: int = 2, worker: bool = True, greeting: str = ""
) -> int:
    """Serve until SIGTERM or Ctrl-C; returns the exit code. `greeting` is printed below the address once it is up."""
    from kith.cli.session import configuration
    from kith.cli.supervisor import Child, Supervisor

    configuration()  # a wrong one is said once, by us
    if taken(host, port):
        print(f"Something already listens on {host}, port {port}: choose another with --port.", file=sys.stderr)
        return 1
    with Supervisor() as supervisor:
        command = ["--host", host, "--port", str(port), "--workers", str(workers)]
        command = [sys.executable, "-m", "kith.cli.web_process", *command]
        # It loads its modules while the database starts; one that is started again later need not wait.
        web = supervisor.add(Child("web server", [*command, "--when-told"]))
        web.command = command
        return watch(supervisor, web, host, port, worker=worker, greeting=greeting)


def watch(supervisor: Supervisor, web: Child, host: str, port: int, *, worker: bool, greeting: str) -> int:
    """Start the database, let the web server go on, and keep all of it alive until we are told to stop."""
    from kith.cli.session import server
    from kith.cli.supervisor import Child

    with server() as embedded:
        try:
            web.tell()
            if not wait_until_up(supervisor, web, host, port):
                return web.process.returncode if web.process and not web.alive() else 0
            print(f"Kith is at {address(host, port)}", flush=True)
            if greeting:
                print(greeting, flush=True)
            if worker:
                # Only now: the first page should not share the processor with it.
                supervisor.add(Child("worker", [sys.executable, "-m", "kith", "worker", "--supervised"]))
            supervisor.run(look=embedded and partial(keep_alive, embedded))
        finally:
            supervisor.end()  # before the database, which they use
    return 0


def keep_alive(embedded: Embedded) -> None:
    """Bring the database back when it has died; pages and jobs connect again by themselves."""
    try:
        if embedded.revive():
            print("The database had died and was started again.", file=sys.stderr)
    except DatabaseError as error:
        print(f"{error} Trying again.", file=sys.stderr)


def wait_until_up(supervisor: Supervisor, web: Child, host: str, port: int) -> bool:
    """Wait until pages are served; False when the web server ended, or we were told to stop, before that."""
    while web.alive() and not supervisor.stopping:
        if taken(host, port):
            return True
        supervisor.wait(LOOK_EVERY)
    return False


def port_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is not a port from 1 to 65535")
    return int(text)


def taken(host: str, port: int) -> bool:
    """Whether something listens there already; the web server would share the port with it without a word."""
    try:
        with socket.create_connection((reachable(host), port), timeout=1):
            return True
    except OSError:
        return False


def reachable(host: str) -> str:
    """An address of this machine that reaches a server listening on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared, not bound


def address(host: str, port: int) -> str:
    shown = reachable(host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
