"""A real worker process is killed while it sends: everybody gets one mail, nobody two, and what is in doubt is said."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from kith.engagement.mailings import batches, starting
from kith.engagement.models import Batch, Mailing, Recipient
from kith.engagement.tests.mailcast import gather, guest, mailing
from tests.cast import actor
from tests.mailcast import smtp_running

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 40
WORKER = """
import django, sys
django.setup()
from django.conf import settings
from django.db import connections
connections["default"].settings_dict.update(eval(sys.argv[3]))
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[2])
settings.DEFAULT_FROM_EMAIL = "hello@tidewell.example"
from kith.engagement.mailings import handing
handing.work(int(sys.argv[1]))
"""


def worker(row, port):
    database = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "kith.settings"}
    command = [sys.executable, "-c", WORKER, str(row.pk), str(port), repr(database)]
    return subprocess.Popen(command, env=environment)


def test_a_killed_worker_sends_nobody_a_second_mail_and_leaves_one_in_doubt_at_most(settings):
    ines = actor("ines")
    with smtp_running() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        people = [guest(ines, f"P{n}") for n in range(MANY)]
        row = starting.begin(mailing(ines, gather(ines, "Hotels", *people)), by=ines)
        first = worker(row, box.port)
        deadline = time.monotonic() + 60
        while len(box.kept) < 10 and time.monotonic() < deadline:
            time.sleep(0.002)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        held = Batch.objects.get()
        assert 0 < held.place < MANY  # it was in the middle
        until = time.monotonic() + 20
        while time.monotonic() < until:  # until the server has noticed, the lock of the connection stands
            with batches.alone(row.pk) as mine:
                if mine:
                    break
            time.sleep(0.1)
        second = worker(row, box.port)
        assert second.wait(60) == 0
        assert Mailing.objects.get().state == "sent"
        got = [str(m["To"]) for m in box.kept]
        doubtful = list(Recipient.objects.filter(state="doubt").values_list("address", flat=True))
        assert len(got) == len(set(got)), "somebody got two"
        assert len(doubtful) <= 1
        assert {p.email for p in people} - set(got) <= set(doubtful), "somebody got none, and it is not said"
