"""`python -m benchmarks`: make the data, ask every page beside its bare SQL, print the table.

python -m benchmarks                     a million people, then each part below; the data is made once and kept
python -m benchmarks --quick             20,000 of each and fewer rounds
python -m benchmarks --only search       the cases whose name holds the word
python -m benchmarks --only process      the process alone
python -m benchmarks --only capture      forms under load, on a server of its own
python -m benchmarks --only mailing      mail to 100,000 people, on a server and a mail server of its own
python -m benchmarks --only steps        the first four steps: segments, scores, mail, form; each alone by its name
python -m benchmarks --only loyalty      health and lifetime value of 200,000 customers, or of --customers N
python -m benchmarks --only tickets      support: queue, talk, clocks and mail of 1,000,000 tickets; --tickets N for others
python -m benchmarks --write             also puts the table into docs/performance.md
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Any

from benchmarks import capture, dataset, loyalty, mailing, process, report, steps, table, tickets
from benchmarks.cases import cases
from benchmarks.facts import learn, prepare
from benchmarks.measure import count_queries, measure
from benchmarks.site import Site, first_start

PROCESS, CAPTURE, MAILING, STEPS, LOYALTY, TICKETS = "process", "capture", "mailing", "steps", "loyalty", "tickets"
PARTS = (STEPS, PROCESS, CAPTURE, MAILING, LOYALTY, TICKETS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Kith at size, beside bare SQL.")
    parser.add_argument("--people", type=int, default=1_000_000, metavar="N", help="default: %(default)s")
    parser.add_argument("--journeys", type=int, default=1_000_000, metavar="N", help="default: %(default)s")
    parser.add_argument("--customers", type=int, default=200_000, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--tickets", type=int, default=0, metavar="N", help="default: 1,000,000, or 20,000 with --quick"
    )
    parser.add_argument("--quick", action="store_true", help="20,000 people and journeys, and fewer rounds")
    parser.add_argument(
        "--only", default="", metavar="WORD", help="cases whose name holds this; “process”: the process"
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--no-import", action="store_true", help="leave the import out")
    args = parser.parse_args()
    if args.only in (*PARTS, *steps.PARTS):
        return of_part(args)
    done = of_pages(args)
    if done or args.only:
        return done
    # Each is an installation of its own, and a process of Python knows one.
    words = [*(["--quick"] if args.quick else []), *(["--write"] if args.write else [])]
    words += ["--journeys", str(args.journeys), "--customers", str(args.customers), "--tickets", str(args.tickets)]
    return max(
        subprocess.run([sys.executable, "-m", "benchmarks", "--only", which, *words], check=False).returncode
        for which in PARTS
    )


def of_pages(args: argparse.Namespace) -> int:
    people = 20_000 if args.quick else args.people
    home = dataset.ensure(people)
    dataset.use(home)
    result = report.Result(people=people, command=_command(), machine=table.machine())
    if not args.only:
        result.first_start = first_start()
    run(result, args)
    if not args.only and not args.no_import:
        result.imported = imported(20_000 if args.quick else 100_000)
    for text in report.sentences(result):
        print(text)
    if args.write:
        report.write(result)
    return 0


def of_part(args: argparse.Namespace) -> int:
    """One of the parts that have a set, or an installation, of their own."""
    quick, command = args.quick, _command()
    journeys = 20_000 if quick else args.journeys
    if args.only == PROCESS:
        result = process.run(journeys, command, quick=quick)
    elif args.only == CAPTURE:
        result = capture.measured(200, 5 if quick else 15, command)
    elif args.only == MAILING:
        result = mailing.measured(10_000 if quick else 100_000, command)
    elif args.only == LOYALTY:
        result = loyalty.run(5_000 if quick else args.customers, command, quick=quick)
    elif args.only == TICKETS:
        result = tickets.run(args.tickets or (20_000 if quick else 1_000_000), command, quick=quick)
    else:
        result = steps.run(journeys, command, only=args.only, quick=quick)
    for text in report.process_sentences(result):
        print(text)
    if args.write and args.only in PARTS:
        report.write_part(args.only, result)
    return 0


def _command() -> str:
    return " ".join(["python -m benchmarks", *sys.argv[1:]])


def run(result: report.Result, args: argparse.Namespace) -> None:
    """Everything that needs the served data."""
    import psycopg

    from kith.kernel.database.embedded import Embedded

    home = dataset.folder(result.people)
    with (
        Embedded(home / "database") as server,
        psycopg.connect(server.conninfo("kith"), autocommit=True) as database,
    ):
        prepare(database)
        client = signed_in(database, result.people)
        with Site(dataset.environment(home)) as site:
            result.later_start = site.seconds
            site.session = client.cookies["sessionid"].value
            print(table.head(), flush=True)
            for case in cases(client.known):
                if args.only in case.name:
                    found = measure(site, case, database, args.quick)
                    if not found.problem:
                        found.queries = count_queries(case, client)
                    result.found.append(found)
                    print(table.line(found), flush=True)
            result.weights = {
                path: site.weigh(path)
                for path in ("/people/", "/deals/?view=open", f"/people/{client.known['person']}")
            }
            result.memory = site.memory()
        result.learn_from(database)


def signed_in(database: Any, people: int) -> Any:
    """A client of this process with a session that the served site knows too, and `known`: facts about the data."""
    from kith.cli.session import set_up_django

    set_up_django()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    custom_field()
    known = learn(database, people)
    client = Client()
    client.force_login(known["user"])
    client.known = known
    return client


def custom_field() -> None:
    """The field “Size” of people, with its index."""
    from kith.kernel.access.actor import system
    from kith.kernel.customfields.actions import define
    from kith.kernel.customfields.jobs import index
    from kith.kernel.customfields.models import CustomField

    field = CustomField.objects.filter(record="person", key="size").first()
    field = field or define(record="person", label="Size", kind="integer", indexed=True, by=system("cli"))
    index(field=field.pk)


def imported(people: int) -> dict[str, str]:
    """What importing.py prints, from a process of its own with an empty database."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing", str(people)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return {}
    return dict(text.split(maxsplit=1) for text in done.stdout.splitlines() if len(text.split()) == 2)


if __name__ == "__main__":
    sys.exit(main())
