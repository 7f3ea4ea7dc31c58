"""Two workers at the same time, on a database where things are committed."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.capture import accepting, processing
from kith.capture.models import Submission
from kith.capture.tests.forms import checklist, send
from kith.contacts.models import Person
from kith.kernel.jobs.inline import run_waiting_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Nobody posted anything lately, and this machine may be slow."""
    monkeypatch.setattr(accepting, "_asked", [float("-inf")])
    monkeypatch.setattr(accepting, "BURST", 60)


def test_posts_that_follow_closely_cost_one_statement_and_none_of_them_is_forgotten():
    checklist()
    send()
    with CaptureQueriesContext(connection) as captured:
        send(email="rolf@fjordheim.example", name="Rolf Berg")
    said = [query["sql"] for query in captured]
    assert sum("capture_submission" in sql for sql in said) == 1 and not any("procrastinate" in sql for sql in said)
    run_waiting_jobs()  # as if it ran between the two posts and a third
    send(email="marta@fjordheim.example", name="Marta Berg")
    assert Submission.objects.filter(state="new").count() == 1
    run_waiting_jobs(now=timezone.now() + dt.timedelta(seconds=4))
    assert Person.objects.count() == 3 and not Submission.objects.exclude(state="done").exists()


def test_two_workers_make_one_person_of_the_same_stranger():
    checklist()
    for n in range(8):
        send(why=f"Message {n}")
    start = threading.Barrier(4)

    def work():
        try:
            start.wait()
            processing.process_waiting(limit=1)
            processing.process_waiting(limit=1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    processing.process_waiting()
    assert Person.objects.count() == 1
    assert set(Submission.objects.values_list("state", flat=True)) == {"done"}
