"""The process at size, against its aims: pages of many colleagues, the gate, the map against a scan, audit, mining, workflows.

`measure_process` needs the set of `journeys.py`; everything else than pages is a `Figure`, one line of a table.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks import dataset, logs, table, workflows
from benchmarks.cases import Case, days
from benchmarks.measure import Found, count_queries, measure, share
from benchmarks.site import Site

READERS, DOZEN = 36, 12  # colleagues who ask for their day, one after the other; in a team
GATES = 400  # journeys whose gate is asked for
TODAY, LARGE, MAP, GATE, START = 60, 250, 400, 5, 1000  # aims in ms
AUDIT, MINE = 60, 20  # aims in seconds
LONGEST_REST = 1800  # seconds
A_MINUTE = 65.0  # seconds
BUSY = """
    SELECT 1 FROM procrastinate_jobs
    WHERE status = 'doing' OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) LIMIT 1
"""
COUNTED = {
    "journeys": "process_journey", "stays in a stage": "process_stay", "events": "timeline_event", "links of events": "timeline_eventlink",
    "passages": "process_passage", "sums": "process_counted", "activities": "activities_activity", "deals": "deals_deal",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One measure: what, how much in words, the aim in words, whether it is met (None: nothing was aimed at)."""

    what: str
    measured: str
    aim: str = ""
    met: bool | None = None


@dataclass
class ProcessResult:
    journeys: int
    made_in: int
    command: str
    machine: str
    counts: dict[str, tuple[int, float]] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)


def run(journeys: int, command: str, *, quick: bool) -> ProcessResult:
    """Everything about the process; makes the set when it is missing."""
    import psycopg

    from kith.kernel.database.embedded import Embedded

    home = dataset.ensure_journeys(journeys)
    dataset.use(home)
    result = ProcessResult(journeys, dataset.seconds_of(home), command, table.machine())
    with (
        Embedded(home / "database") as server,
        psycopg.connect(server.conninfo("kith"), autocommit=True) as database,
    ):
        from kith.cli.session import set_up_django

        set_up_django()
        with Site(dataset.environment(home)) as site:
            rest(database)
            measure_process(result, site, database, quick=quick)
        for what, name in COUNTED.items():
            rows = database.execute(f"SELECT count(*), pg_total_relation_size('{name}') FROM {name}").fetchone()
            result.counts[what] = rows[0], rows[1] / 1e6
    return result


def rest(database: Any) -> None:
    """Wait until nothing is left to do of what waited since the set was made: nights that were missed, everybody's health. A
    figure taken beside it would be of both. The worker looks at its schedules once a minute."""
    time.sleep(A_MINUTE)
    until = time.monotonic() + LONGEST_REST
    while database.execute(BUSY).fetchone():
        if time.monotonic() > until:
            raise SystemExit("The worker is still busy with what waited since the set was made; begin again later.")
        time.sleep(1)


def measure_process(result: ProcessResult, site: Site, database: Any, *, quick: bool) -> None:
    """Fills `found` and `figures`, and prints each as it comes."""
    from kith.kernel.accounts.models import User

    helena = _client(User.objects.get(email="helena@tidewell.example"))
    site.session = helena.cookies["sessionid"].value
    print(table.head(), flush=True)
    for case in pages(_desks(), helena.user):
        found = measure(site, case, database, quick)
        found.queries = 0 if found.problem else count_queries(case, helena)
        result.found.append(found)
        print(table.line(found), flush=True)
    events = 20_000 if quick else 1_000_000
    for figure in (
        *same_as_a_scan(), gate(), *audited(dataset.environment(dataset.folder(result.journeys, "journeys"))),
        *started(10 if quick else 30), *mined(events),
    ):  # fmt: skip
        result.figures.append(figure)
        print(line(figure), flush=True)


def line(figure: Figure) -> str:
    return f"{figure.what:<48} {figure.measured:>40}  {verdict(figure)}"


def verdict(figure: Figure) -> str:
    return figure.aim if figure.met is None else f"{'met' if figure.met else 'missed'}: {figure.aim}"


def _client(user: Any) -> Any:
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def _desks() -> list[Any]:
    """Colleagues with thousands of relationships each, as many as there are or READERS, in teams of a dozen."""
    from kith.kernel.accounts.models import Team, User

    users = list(User.objects.filter(email__startswith="desk", is_active=True).order_by("pk")[:READERS])
    for n, user in enumerate(users):
        team, _made = Team.objects.get_or_create(name=f"Desk {n // DOZEN + 1}")
        user.teams.set([team])
    return users


def pages(desks: list[Any], most: Any) -> Iterator[Case]:
    """Today of one colleague after the other, as each first opens it and then again, of who has most, of their teams, and
    the map."""
    own, team = days({"me": most.pk})
    sessions = [_client(user).cookies["sessionid"].value for user in desks]
    large = sum(one.members.count() for one in most.teams.all())

    def turn(n: int) -> str:
        return sessions[n % len(sessions)]

    yield Case("process, Today of many, from a cold disk", "/", own.sql, session=turn, most=LARGE)
    yield Case("process, Today of many", "/", own.sql, session=turn, most=TODAY)
    yield Case("process, Today of who has most", "/", own.sql, most=TODAY)
    yield Case(
        "process, Today of a team of twelve, as teams first open it", "/?of=team", team.sql, session=turn, most=LARGE
    )
    yield Case("process, Today of a team of twelve", "/?of=team", team.sql, session=turn, most=TODAY)
    yield Case(f"process, Today of a team of {large}", "/?of=team", team.sql, most=LARGE)
    sums = """SELECT what, stage, "to", kind, sum(n) FROM process_counted
        WHERE monthly AND day > now() - interval '365 days' GROUP BY 1, 2, 3, 4"""
    yield Case("process, map of a year", "/process/map", (sums,), most=MAP)
    few = "SELECT count(*) FROM process_journey WHERE owner_id = {0} AND opened_at > now() - interval '365 days'"
    yield Case(
        "process, map of one's own year",
        "/process/map?filter=owner.is:me",
        (few.format(most.pk),),
        session=turn,
        most=MAP,
    )


def same_as_a_scan() -> Iterator[Figure]:
    """The sums of a year against a scan of everything; and how many came to each stage against the stays themselves."""
    import datetime as dt

    from django.db import connection
    from django.utils import timezone

    from kith.process.evidence.reading import counted, scanned
    from kith.process.models import Journey, Process

    process = Process.objects.get(is_default=True).pk
    until = timezone.localdate()
    since = until - dt.timedelta(364)
    began = time.monotonic()
    sums = counted(process, since, until)
    middle = time.monotonic()
    scan = scanned(process, Journey.objects.filter(process=process), since, until)
    end = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(CAME, [since, until])
        came = dict(cursor.fetchall())
    told = {cell.stage: n for cell, n in sums.items() if cell.what == "came"}
    words = f"{(middle - began) * 1000:.0f} ms, scan {end - middle:.1f} s, {len(sums)} figures"
    yield Figure("sums of a year against a scan of all passages", words, "equal", sums == scan)
    yield Figure(
        "came to each stage, against all stays", f"{sum(came.values()):,} of {len(came)} stages", "equal", told == came
    )


CAME = """SELECT stage, count(*) FROM (
    SELECT journey_id, stage, min(entered_at) AS at FROM process_stay GROUP BY 1, 2) first
    WHERE (at AT TIME ZONE (SELECT time_zone FROM organisation_organisation))::date BETWEEN %s AND %s GROUP BY 1"""


def gate() -> Figure:
    """What the gate of the next stage asks of one customer, for customers of all stages by turns."""
    from django.db.models import F, Window
    from django.db.models.functions import RowNumber

    from kith.process.gates import gate_of
    from kith.process.models import RUNNING, Journey
    from kith.process.versions import definition_of

    place = Window(RowNumber(), partition_by=[F("stage")], order_by=F("pk").asc())
    chosen = Journey.objects.filter(
        RUNNING, pk__in=random.Random(1).sample(range(1, Journey.objects.latest("pk").pk), GATES * 5)
    )
    journeys = list(chosen.annotate(place=place).order_by("place")[:GATES])
    times = []
    for journey in journeys:
        definition = definition_of(journey.process_id, journey.held_to)
        after = [s for s in definition.stages if definition.order[s.key] > definition.order[journey.stage]]
        began = time.perf_counter()
        gate_of(journey, definition, after[0] if after else None)
        times.append(time.perf_counter() - began)
    words = f"p50 {share(times, 0.5):.1f} ms, p95 {share(times, 0.95):.1f} ms"
    return Figure(f"gate check, {len(times)} customers", words, f"under {GATE} ms", share(times, 0.95) < GATE)


def audited(environment: dict[str, str]) -> Iterator[Figure]:
    told = logs.command("process", "audit", "--json", environment=environment)
    yield Figure("`kith process audit`, all journeys", _took(told), f"under {AUDIT} s", told["seconds"] < AUDIT)


def mined(events: int) -> Iterator[Figure]:
    for kind, told in logs.run(events).items():
        yield Figure(
            f"`kith process mine`, {events:,} events, {kind}", _took(told), f"under {MINE} s", told["seconds"] < MINE
        )


def _took(told: dict[str, Any]) -> str:
    return f"{told['seconds']:.1f} s ({told['cpu']:.1f} s of its own processor time), {told['mb']:.0f} MB"


def started(seconds: int) -> Iterator[Figure]:
    """From the commit of an event to the run that it starts, and to the first step of that, beside the worker of the served
    site. A step writes, and what it writes is told in its turn: a worker does some hundred and fifty a second."""
    for every, words in ((10, "one in ten starts a workflow"), (1, "each starts a workflow")):
        told = workflows.run(200, seconds, every=every)
        for name, what in (("stands_", ""), ("", ": first step done")):
            p95 = told[f"{name}p95_ms"]
            measured = (
                f"p50 {told[f'{name}p50_ms']} ms, p95 {p95} ms, most {told[f'{name}most_ms']} ms of {told['runs']:,}"
            )
            yield Figure(
                f"events, {told['rate']} a second, {words}{what}", measured, f"p95 under {START} ms", p95 < START
            )
