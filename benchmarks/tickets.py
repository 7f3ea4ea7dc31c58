"""Support at size: the desk with a queue of so many tickets, a ticket with 500 messages, mail becoming tickets across a kill of
the worker, and clocks of the open ones as their time comes.

    python -m benchmarks --only tickets --tickets 1000000      the set is made once and kept
    python -m benchmarks.tickets make 20000                    fills the database of KITH_DATA
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import dataset, table
from benchmarks.cases import Case
from benchmarks.measure import count_queries, measure
from benchmarks.process import Figure, ProcessResult, line, rest
from benchmarks.site import Site

PAGE, RATE, LATE = 50, 100, 5.0  # aims: ms, mails a second, seconds after a clock's moment
AGENTS, CUSTOMERS, SENDERS, MESSAGES = 30, 20_000, 50, 500
OPEN = 10  # one ticket in so many is unsolved
HELP, TARGET = "help@tidewell.example", 4  # hours of the first answer
LEAD, SPREAD = 45, 60  # seconds until the first clock is due, and over which they are
PATIENCE, PAUSE = 120, 0.05
COUNTED = {
    "tickets": "support_ticket", "entries": "support_entry", "clocks": "support_clock", "messages": "activities_message",
    "events": "timeline_event",
}  # fmt: skip
QUEUE = """SELECT t.id, t.subject, t.state, t.next_step_at, p.name, c.name, u.name FROM support_ticket t
    LEFT JOIN contacts_person p ON p.id = t.person_id LEFT JOIN contacts_company c ON c.id = t.company_id
    LEFT JOIN accounts_user u ON u.id = t.owner_id WHERE t.archived_at IS NULL {} LIMIT {}"""
TALK = """SELECT e.*, u.name FROM support_entry e LEFT JOIN accounts_user u ON u.id = e.author_id
    WHERE e.ticket_id = {} ORDER BY e.at DESC, e.id DESC LIMIT 41"""
LATENESS = """
    SELECT extract(epoch FROM e.recorded_at - c.due_at)::float FROM timeline_event e
    JOIN support_clock c ON c.ticket_id = e.record_id AND c.kind = 'first' AND c.number = 1
    WHERE e.verb = 'ticket.clock_broken' AND e.record = 'ticket' AND e.record_id = ANY(%s) AND e.recorded_at > %s
"""


# --- the set ----------------------------------------------------------------------------------------------------------


def make(tickets: int) -> None:
    """So many tickets in an empty database that is migrated: the first by the product, the others as copies of it, their clocks
    and next steps by the product again."""
    from django.db import connection

    from kith.kernel.accounts.models import Role, User
    from kith.support.clocks.keeping import follow
    from kith.support.models import UNSOLVED, Entry, Ticket

    users = [
        User.objects.create(email=f"agent{n}@tidewell.example", name=f"Agent {n}", role=Role.ADMINISTRATOR)
        for n in range(AGENTS)
    ]
    first = _by_hand(users)
    customers = min(CUSTOMERS, max(100, tickets // 50))
    with connection.cursor() as cursor:
        cursor.execute(_copies("contacts_company", first.company_id, customers // 5, NAMED.format("House")))
        companies = _ids(cursor, "contacts_company")
        place = f"({companies}::bigint[])[1 + g % {customers // 5}]"
        cursor.execute(_copies("contacts_person", first.person_id, customers, NAMED.format("Elin"), company_id=place))
        owner = (
            f"CASE WHEN g % 20 > 0 THEN {users[0].pk} + g / {OPEN} % {AGENTS} END"  # unsolved ones too are everybody's
        )
        solved = f"g % {OPEN} > 0"
        cursor.execute(_copies(
            "support_ticket", first.pk, tickets, "subject = 'Sensor ' || g || ' is offline', search = 'sensor ' || g || ' offline'",
            person_id=f"(SELECT min(id) FROM contacts_person) + 1 + g % {customers}", owner_id=owner,
            state=f"CASE WHEN {solved} THEN 'closed' WHEN g % 40 = 0 THEN 'new' ELSE 'open' END",
            kind="(ARRAY['question','problem','complaint','wish'])[1 + g % 4]",
            priority="(ARRAY['low','normal','high','urgent'])[1 + g % 4]",
            opened_at=f"now() - g % {30 * 86400} * interval '1 second'", updated_at=f"now() - g % {30 * 86400} * interval '1 second'",
            solved_at=f"CASE WHEN {solved} THEN now() - g % 86400 * interval '1 second' END",
            next_step=f"CASE WHEN {solved} THEN '' ELSE 'Answer' END", next_step_at="NULL::timestamptz",
        ))  # fmt: skip
        entry = Entry.objects.get(ticket=first)
        cursor.execute(
            f"INSERT INTO support_entry (ticket_id, at, side, channel, person_id, name, text)"
            f" SELECT id, opened_at, 'them', 'mail', person_id, '', '{entry.text}' FROM support_ticket WHERE id > {first.pk}"
        )
        cursor.execute("ANALYZE")
    pks = list(Ticket.objects.filter(UNSOLVED).order_by("pk").values_list("pk", flat=True))
    follow(pks)
    _long_talk(first, users[0])


NAMED = "name = '{0} ' || g, sort_name = lower('{0}') || ' ' || g"


def _by_hand(users: list[Any]) -> Any:
    """What a copy is made of, and what the desk needs: a way in, a service level, agents, senders who are known."""
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry
    from kith.support.opening import open_ticket

    by = _system()
    for user in users[:5]:
        actions.create(registry["agent"], {"user": user, "capacity": 30_000}, by=by)
    actions.create(registry["way_in"], {"name": "Help", "through": "mail", "place": HELP, "acknowledge": False}, by=by)
    level = {"name": "Everybody", "first": f"{TARGET} h", "resolution": "14 days", "chain": "75 % owner\n100 % owner"}
    actions.create(registry["service_level"], level, by=by)
    house = actions.create(registry["company"], {"name": "House"}, by=by)
    people = [
        actions.create(registry["person"], {"given_name": "Elin", "family_name": f"Sender {n}", "company": house,
                                            "emails": [{"value": f"elin{n}@house.example", "label": ""}]}, by=by)
        for n in range(SENDERS)
    ]  # fmt: skip
    return open_ticket(subject="Sensors", text="They are offline.", channel="mail", by=by, person=people[-1])


def _copies(name: str, template: int, count: int, values: str, **more: str) -> str:
    """An INSERT of so many copies of a row, with these columns as expressions of `g`."""
    from django.apps import apps

    given = dict(part.split(" = ", 1) for part in values.split(", ")) | more
    model = next(model for model in apps.get_models() if model._meta.db_table == name)
    fields = model._meta.local_concrete_fields
    columns = [f.column for f in fields if not f.primary_key and f.column != "tsv"]
    shown = ", ".join(given.get(column, f"t.{column}") for column in columns)
    return (
        f"INSERT INTO {name} ({', '.join(columns)}) SELECT {shown} FROM {name} t, generate_series(1, {count}) g"
        f" WHERE t.id = {template} ORDER BY g"
    )


def _ids(cursor: Any, name: str) -> str:
    cursor.execute(f"SELECT array_agg(id ORDER BY id)::text FROM {name}")
    return f"'{cursor.fetchone()[0]}'"


def _long_talk(ticket: Any, user: Any) -> None:
    from kith.kernel.access.actor import actor_for
    from kith.support.answering import answer, customer_said

    by = actor_for(user)
    for n in range(MESSAGES // 2):
        customer_said(ticket, f"Message {n}: it is offline still.", by=_system(), channel="mail", person=ticket.person)
        answer(ticket, f"Answer {n}: we look at it.", by=by, mail=False)


def _system() -> Any:
    from kith.kernel.access.actor import system

    return system("cli")


# --- what is measured -------------------------------------------------------------------------------------------------


def run(tickets: int, command: str, *, quick: bool) -> ProcessResult:
    """All of it, on the set of so many tickets; makes the set when it is missing."""
    import psycopg

    from kith.kernel.database.embedded import Embedded

    home = dataset.ensure_tickets(tickets)
    dataset.use(home)
    result = ProcessResult(tickets, dataset.seconds_of(home), command, table.machine())
    with (
        Embedded(home / "database") as server,
        psycopg.connect(server.conninfo("kith"), autocommit=True) as database,
    ):
        from kith.cli.session import set_up_django

        set_up_django()
        with Site(dataset.environment(home)) as site:
            rest(database)
            _pages(result, site, database, quick=quick)
            for figures in (clocks(60 if quick else 1000), mails(site, 60 if quick else 3000)):
                for figure in figures:
                    result.figures.append(figure)
                    print(line(figure), flush=True)
        for what, name in COUNTED.items():
            rows = database.execute(f"SELECT count(*), pg_total_relation_size('{name}') FROM {name}").fetchone()
            result.counts[what] = rows[0], rows[1] / 1e6
    return result


def _pages(result: ProcessResult, site: Site, database: Any, *, quick: bool) -> None:
    from benchmarks.process import _client
    from kith.kernel.accounts.models import User
    from kith.support.models import Ticket

    client = _client(User.objects.get(email="agent0@tidewell.example"))
    site.session = client.cookies["sessionid"].value
    long = Ticket.objects.filter(said__gt=MESSAGES).order_by("-said").first()
    print(table.head(), flush=True)
    for case in cases(client.user.pk, long.pk):
        found = measure(site, case, database, quick)
        found.queries = 0 if found.problem else count_queries(case, client)
        result.found.append(found)
        print(table.line(found), flush=True)


def cases(me: int, long: int) -> Iterator[Case]:
    """The desk, its queues, the list sorted and filtered, a ticket of many messages."""
    unsolved = "AND t.state IN ('new', 'open', 'waiting')"
    due = f"{unsolved} AND t.next_step_at IS NOT NULL {{}} ORDER BY t.next_step_at, t.id"
    yield Case("tickets, queue", "/tickets/desk/?list=1", (QUEUE.format(due.format(""), 26),), most=PAGE)
    mine = due.format(f"AND t.owner_id = {me}")
    yield Case("tickets, my queue", "/tickets/desk/?list=1&queue=mine", (QUEUE.format(mine, 26),), most=PAGE)
    nobody = due.format("AND t.owner_id IS NULL")
    yield Case("tickets, nobody's queue", "/tickets/desk/?list=1&queue=nobody", (QUEUE.format(nobody, 26),), most=PAGE)
    newest = "ORDER BY t.opened_at DESC, t.id DESC"
    yield Case("tickets, list, newest first", "/tickets/?sort=-opened_at", (QUEUE.format(newest, 51),), most=PAGE)
    by_subject = "AND t.subject > '' ORDER BY t.subject, t.id"
    yield Case("tickets, list by subject", "/tickets/?sort=subject", (QUEUE.format(by_subject, 51),), most=PAGE)
    complaints = f"{unsolved} AND t.kind = 'complaint' AND t.next_step_at IS NOT NULL ORDER BY t.next_step_at, t.id"
    yield Case("tickets, list of complaints", "/tickets/?view=complaints", (QUEUE.format(complaints, 51),), most=PAGE)
    talk = (TALK.format(long),)
    yield Case(f"ticket, talk of {MESSAGES} messages", f"/tickets/{long}/talk", talk, most=PAGE)
    yield Case(f"ticket, page of {MESSAGES} messages", f"/tickets/{long}", talk, most=PAGE)


def clocks(count: int) -> Iterator[Figure]:
    """How late clocks are acted on whose time runs out one after the other, among those of all open tickets; and how long it takes
    to make all of them afresh, as after hours were changed."""
    import datetime as dt

    from django.db import connection
    from django.utils import timezone

    from kith.support.clocks.keeping import follow, running_batches
    from kith.support.models import UNSOLVED, Clock, Ticket

    began, seen = time.perf_counter(), 0
    for pks in running_batches():
        follow(pks)
        seen += len(pks)
    took = time.perf_counter() - began
    yield Figure("clocks of open tickets made afresh", f"{seen:,} tickets in {took:.1f} s, {seen / took:,.0f} a second")
    rows = Ticket.objects.filter(UNSOLVED, first_answered_at=None, last_side__in=("", "them")).order_by("-pk")
    pks = list(rows.values_list("pk", flat=True)[:count])
    asked_at = timezone.now()
    start = asked_at + dt.timedelta(seconds=LEAD) - dt.timedelta(hours=TARGET)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE support_ticket t SET opened_at = %s + g.n * interval '1 second' * %s"
            " FROM unnest(%s::bigint[]) WITH ORDINALITY AS g (id, n) WHERE t.id = g.id",
            [start, SPREAD / len(pks), pks],
        )
        Clock.objects.filter(ticket__in=pks).delete()  # told already, as their time was over long ago
        follow(pks)
        late: list[float] = []
        until = time.monotonic() + LEAD + SPREAD + PATIENCE
        while len(late) < len(pks) and time.monotonic() < until:
            time.sleep(1)
            cursor.execute(LATENESS, [pks, asked_at])
            late = sorted(seconds for (seconds,) in cursor.fetchall())
    p95 = late[max(0, int(len(late) * 0.95) - 1)] if late else float(PATIENCE)
    most = late[-1] if late else float(PATIENCE)
    words = f"median {statistics.median(late or [most]):.1f} s, p95 {p95:.1f} s, latest {most:.1f} s; {len(late)} of {len(pks)}"
    yield Figure(f"clocks acted on after their moment, of {seen:,}", words, f"within {LATE:.0f} s",
                 len(late) == len(pks) and most <= LATE)  # fmt: skip


def mails(site: Site, count: int) -> Iterator[Figure]:
    """Mails that open tickets, then as many that answer them while the worker is killed in the middle."""
    from benchmarks.capture import kill_worker
    from kith.support.models import Entry, Ticket

    stamp = f"{time.time():.0f}"
    kept, seconds = _arrive([_raw(n, f"{stamp}.{n}") for n in range(count)])
    yield Figure("mails taken in and kept whole", f"{kept:,.0f} a second")
    rate = count / seconds
    yield Figure("mails that open a ticket, dealt out", f"{rate:,.0f} a second", f"{RATE} a second", rate >= RATE)
    answers = [_raw(n, f"{stamp}.{n}.a", f"In-Reply-To: <{stamp}.{n}@measured.example>\r\n") for n in range(count)]
    _kept, seconds = _arrive(answers, halfway=lambda: kill_worker(site))
    made = Ticket.objects.filter(subject__startswith=f"Measured {stamp}.")
    entries = Entry.objects.filter(ticket__in=made).count()
    right = made.count() == count and entries == 2 * count and not made.exclude(said=2).exists()
    words = f"{count / seconds:,.0f} a second; {entries:,} of {2 * count:,} in {made.count():,} tickets"
    yield Figure("mails that answer, the worker killed midway", words, "none lost, none doubled", right)


def _raw(n: int, key: str, more: str = "") -> bytes:
    return (
        f"From: elin{n % SENDERS}@house.example\r\nTo: {HELP}\r\nSubject: Measured {key.removesuffix('.a')}\r\n"
        f"Message-ID: <{key}@measured.example>\r\n{more}\r\nSensor {key} is offline.\r\n"
    ).encode()


def _arrive(messages: list[bytes], halfway: Any = None) -> tuple[float, float]:
    """(how many a second were kept, seconds from the first until all are filed)"""
    from kith.kernel.mail.arriving import take_in
    from kith.kernel.mail.models import Arrived

    began = time.perf_counter()
    ids = []
    for n, raw in enumerate(messages):
        ids.append(take_in(raw).pk)
        if halfway is not None and n == len(messages) // 2:
            halfway()
    kept = len(ids) / (time.perf_counter() - began)
    waiting = Arrived.objects.filter(pk__in=ids, state="waiting")
    while waiting.exists() and time.perf_counter() - began < PATIENCE + len(ids):
        time.sleep(PAUSE)
    return kept, time.perf_counter() - began


if __name__ == "__main__":
    from kith.cli.session import database

    with database():
        make(int(sys.argv[2]))
