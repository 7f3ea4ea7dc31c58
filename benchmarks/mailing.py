"""Mail to many: how many mails a second a worker hands to a mail server, and that everybody gets one, once, when the worker is
killed in the middle.

    python -m benchmarks --only mailing     100,000 people, on a server and a mail server of its own
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks.capture import kill_worker
from benchmarks.process import Figure, ProcessResult, line
from benchmarks.site import Site
from benchmarks.table import machine

RATE = 300  # aim: mails a second

PEOPLE = """
    INSERT INTO contacts_person (given_name, family_name, name, sort_name, job_title, language, time_zone, preferred_channel,
      source, about_text, created_at, updated_at, version, custom, search, next_step, emails, email, phones, phone, links,
      addresses, city, country, tags, identifiers)
    SELECT 'Elin', 'Nr ' || n, 'Elin Nr ' || n, 'elin nr ' || n, 'Curator', CASE WHEN n %% 3 = 0 THEN 'de' ELSE '' END, '', '', '',
      '', now(), now(), 1, '{}', 'elin', '', jsonb_build_array(jsonb_build_object('value', 'elin' || n || '@house.example')),
      'elin' || n || '@house.example', '[]', '', '[]', '[]', '', '', '{}', '{}' FROM generate_series(1, %s) n RETURNING id
"""
CONSENT = """
    INSERT INTO consent_consent (person_id, purpose_id, state, at, address, wording, language, through, source, page, reason, proof)
    SELECT id, %s, 'given', now(), email, '', '', 'form', '', '', '', '{}' FROM contacts_person
"""
LISTED = (
    "INSERT INTO segments_listed (segment_id, record, row_id, at) SELECT %s, 'person', id, now() FROM contacts_person"
)
INSIDE = """
    INSERT INTO segments_membership (segment_id, row_id, came_at, came_why, came_part, left_why, left_part)
    SELECT %s, id, now(), 'built', '', '', '' FROM contacts_person ON CONFLICT DO NOTHING
"""


class Sink(asyncio.Protocol):
    """A mail server that takes everything and counts per receiver."""

    got: Counter[str] = Counter()
    first = last = 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport, self.rest, self.to, self.reading = transport, b"", "", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while True:
            end = b"\r\n.\r\n" if self.reading else b"\r\n"
            line, found, rest = self.rest.partition(end)
            if not found:
                return
            self.rest = rest
            self._taken() if self.reading else self._command(line)

    def _taken(self) -> None:
        self.reading = False
        Sink.got[self.to] += 1
        Sink.last = time.monotonic()
        Sink.first = Sink.first or Sink.last
        self.transport.write(b"250 kept\r\n")

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.to = line.partition(b"<")[2].partition(b">")[0].decode()
        self.reading = verb == b"DATA"
        self.transport.write(
            b"354 go on\r\n" if self.reading else b"221 bye\r\n" if verb == b"QUIT" else b"250 yes\r\n"
        )


def listening() -> int:
    """A port on which a sink listens, in a thread of its own."""
    port: list[int] = []
    ready = threading.Event()

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    ready.wait()
    return port[0]


def prepared(people: int) -> Any:
    """A mailing to so many people who agreed to it, in two languages, ready to be sent."""
    from django.db import connection

    from kith.kernel.access.actor import system
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry

    by = system("cli")
    purpose = actions.create(registry["purpose"], {"name": "Newsletter", "wording": "Write to me"}, by=by)
    segment = actions.create(registry["segment"], {"name": "Houses", "how": "static", "subject": "person"}, by=by)
    body = 'Dear {{ person.given_name | "friend" }},\n\nour **autumn sensors** are there, {{ person.job_title | "also for you" }}.\n\n- one\n- two'
    text = {"name": "Autumn", "subject": "Sensors for {{ person.name }}", "body": body, "language": "en",
            "translations": [{"language": "de", "subject": "Sensoren", "body": f"Auf Deutsch. {body}"}]}  # fmt: skip
    template = actions.create(registry["template"], text, by=by)
    with connection.cursor() as cursor:
        for statement, given in ((PEOPLE, people), (CONSENT, purpose.pk), (LISTED, segment.pk), (INSIDE, segment.pk)):
            cursor.execute(statement, [given])
        cursor.execute("ANALYZE")
    values = {"name": "Autumn sensors", "template": template, "purpose": purpose, "audience": [segment.key]}
    return actions.create(registry["mailing"], values, by=by)


def run(people: int, site: Site) -> Iterator[Figure]:
    """On the database that Django is set up for, which `site` serves with a worker."""
    from django.db.models import Count

    from kith.engagement.models import Recipient
    from kith.kernel.access.actor import system
    from kith.kernel.records.action import ACTIONS
    from kith.kernel.timeline.models import Event

    row = prepared(people)
    began = time.monotonic()
    ACTIONS["mailing.check"].run(row, by=system("cli"))
    checked = time.monotonic() - began
    began = time.monotonic()
    ACTIONS["mailing.send"].run(row, sure=True, by=system("cli"))
    while len(Sink.got) < people // 2:
        time.sleep(0.05)
    half = len(Sink.got) / (Sink.last - Sink.first)
    kill_worker(site)
    killed = time.monotonic()
    waiting = Recipient.objects.filter(mailing=row, state__in=["waiting", "handing"])
    taken, resumed = len(Sink.got), 0.0
    while waiting.exists() and time.monotonic() - began < 120 + people / 50:
        time.sleep(0.5)
        if not resumed and len(Sink.got) > taken + 200:
            resumed = time.monotonic() - killed
    states = dict(Recipient.objects.filter(mailing=row).values_list("state").annotate(n=Count("pk")))
    yield Figure(f"check of {people:,} people before sending", f"{checked:.1f} s")
    yield Figure("from sending to the first mail", f"{Sink.first - began:.1f} s")
    rate = people / max(Sink.last - Sink.first - resumed, 1e-9)
    words = (
        f"{half:,.0f} a second until the worker was killed, {rate:,.0f} all in all without the pause of {resumed:.1f} s"
    )
    yield Figure("mails handed to a local mail server", words, f"{RATE} a second", min(half, rate) >= RATE)
    twice, told = sum(n > 1 for n in Sink.got.values()), Event.objects.filter(verb="mailing.reached").count()
    words = f"{len(Sink.got):,} got one, {twice:,} more than one; {told:,} on stories; {states}"
    # One that the kill fell on may be in doubt: the mail server has it, and nothing can tell Kith so. It is not sent again.
    known = told + states.get("doubt", 0)
    yield Figure(
        "exactly one for everybody across the kill",
        words,
        "each exactly one",
        len(Sink.got) == people == known and not twice,
    )


def measured(people: int, command: str) -> ProcessResult:
    """All of it, on an installation made for it; prints each figure as it comes."""
    result = ProcessResult(0, 0, command, machine())
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        os.chmod(folder, 0o711)  # the database server may run as another user
        os.environ["KITH_DATA"] = folder
        os.environ["KITH_EMAIL_URL"] = f"smtp://127.0.0.1:{listening()}?from=hello@tidewell.example"
        from kith.cli.session import database

        with database():
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            with Site(dict(os.environ)) as site:
                time.sleep(3)
                for figure in run(people, site):
                    result.figures.append(figure)
                    print(line(figure), flush=True)
    return result
