"""A real worker is killed while it takes mail into tickets: nothing is lost, nothing is there twice."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from kith.activities.models import Message
from kith.kernel.access.actor import system
from kith.kernel.mail.arriving import take_in
from kith.kernel.mail.models import Arrived
from kith.kernel.mail.working import look_again
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.support.models import Clock, Entry, Given, Ticket
from kith.support.tests.cast import level, marta
from tests.cast import actor
from tests.mailcast import letter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
HELP = "help@tidewell.example"
TALKS, STRANGERS, KILLS = 40, 5, 2


def worker(database_url):
    environment = {**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-m", "kith", "worker", "--concurrency", "3"]
    return subprocess.Popen(command, env=environment, cwd="/")


def taken():
    return Arrived.objects.exclude(state="waiting").count()


def until(what, seconds=90):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def mail(key, sender="Marta <marta@bellevue.example>", **headers):
    given = {
        "From": sender,
        "To": HELP,
        "Subject": f"Matter {key}",
        "Message-ID": f"<{key}@bellevue.example>",
        **headers,
    }
    take_in(letter(f"This is {key}.", **given).as_bytes())


def write_in():
    """Every matter, an answer to each, the same mails once more, and people nobody knows; returns how many different ones."""
    for _twice in range(2):
        for n in range(TALKS):
            mail(f"m{n}")
            mail(f"a{n}", **{"In-Reply-To": f"<m{n}@bellevue.example>"})
        for n in range(STRANGERS):
            mail(f"s{n}", f"Elin {n} <elin{n}@fjord{n}.example>")
    return 2 * TALKS + STRANGERS


def test_a_worker_killed_in_the_middle_loses_no_mail_and_makes_no_ticket_twice(database_url):
    ines = actor("ines")
    create(registry["way_in"], {"name": "Help", "through": "mail", "place": HELP}, by=system("cli"))
    create(registry["agent"], {"user": ines.user, "capacity": 10_000}, by=system("cli"))
    level()
    marta(ines)
    mails = write_in()
    for kill in range(1, KILLS + 1):
        process, before = worker(database_url), taken()
        try:
            until(lambda before=before: taken() >= before + 10)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert 0 < taken() < mails, f"kill {kill} was not in the middle"
        look_again(dt.timedelta(0))  # what the minute's job does
    last = worker(database_url)
    try:
        until(lambda: taken() == mails)
    finally:
        last.terminate()
        last.wait()
    assert dict(Counter(Arrived.objects.values_list("state", flat=True))) == {"filed": mails}
    keys = Counter(Entry.objects.values_list("text", flat=True))
    assert len(keys) == mails and set(keys.values()) == {1}, "an entry is lost or there twice"
    assert Message.objects.count() == mails
    assert Ticket.objects.count() == TALKS + STRANGERS == Given.objects.count()
    for row in Ticket.objects.filter(subject__startswith="Matter m").prefetch_related("entries"):
        said = [entry.text for entry in row.entries.order_by("at", "pk")]
        assert sorted(said) == sorted([f"This is {row.subject[7:]}.", f"This is a{row.subject[8:]}."])
        assert row.said == 2
    told = Counter(Event.objects.filter(record="ticket").values_list("verb", flat=True))
    assert (told["ticket.created"], told["ticket.customer_replied"]) == (TALKS + STRANGERS, TALKS)
    assert Clock.objects.filter(kind="first").count() == TALKS + STRANGERS
