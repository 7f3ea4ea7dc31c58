"""`kith worker`: background jobs alone, for a service of its own beside `kith serve --no-worker`."""

from __future__ import annotations

import argparse

NAME = "worker"
HELP = "run background jobs until stopped; finishes the running ones first"
EXAMPLE = "kith worker --concurrency 2"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--concurrency", type=int, default=4, metavar="N", help="jobs run at the same time (default: %(default)s)"
    )
    parser.add_argument(
        "--queue",
        action="append",
        metavar="NAME",
        help="only this queue: default, quick, mail or calls (may be repeated)",
    )
    parser.add_argument("--until-empty", action="store_true", help="stop when no job is waiting")
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    from kith.kernel.jobs.worker import run_worker

    if args.supervised:
        from kith.cli.supervisor import hold_lifeline

        hold_lifeline()
    run_worker(concurrency=args.concurrency, queues=args.queue, wait=not args.until_empty)
    return 0
