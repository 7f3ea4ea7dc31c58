"""Forms under load: how soon the page comes, how many posts a second are taken, how soon each is somebody, and that none
is lost when the worker is killed in the middle.

    python -m benchmarks --only capture     200 posts a second for 15 seconds, on a server of its own
"""

from __future__ import annotations

import http.client
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import psutil

from benchmarks.process import Figure, ProcessResult, line
from benchmarks.site import Site
from benchmarks.table import machine

PAGE, SOON = 15, 5  # aims: ms; seconds from a post to somebody
KEY, SENDERS, PAGES = "leak-risk-checklist", 12, 400
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


def run(rate: int, seconds: int, site: Site) -> Iterator[Figure]:
    """On the database that Django is set up for, which `site` serves with a worker."""
    _form()
    page = _pages(site)
    yield Figure("the public page of a form", f"p95 {page} ms of {PAGES}", f"p95 under {PAGE} ms", page < PAGE)
    plain = _posts(site, rate, seconds, "plain")
    words = f"{plain['rate']} a second, p95 {plain['p95']} ms, {plain['refused']} refused"
    yield Figure("posts accepted", words, f"{rate} a second", plain["rate"] >= 0.99 * rate and not plain["refused"])
    done = _processed("plain", rate * seconds)
    words = f"p95 {done['p95']} s, longest {done['most']} s; {done['done']:,} of {plain['sent']:,}"
    yield Figure("from post to person", words, f"within {SOON} s", done["p95"] is not None and done["p95"] <= SOON)
    killed = _posts(site, rate, max(seconds // 2, 4), "killed", kill=True)
    after = _processed("killed", killed["sent"])
    words = f"{after['done']:,} of {killed['sent']:,} posts, {after['people']:,} people, {after['events']:,} events; longest {after['most']} s"
    whole = killed["sent"] == after["done"] == after["people"] == after["events"]
    yield Figure("the same with the worker killed midway", words, "none lost, none doubled", whole)


def _form() -> None:
    from kith.kernel.access.actor import system
    from kith.kernel.records import actions
    from kith.kernel.records.action import ACTIONS
    from kith.kernel.records.registry import registry

    by = system("cli")
    form = actions.create(registry["form"], {"name": "Leak-risk checklist", "per_network": 10**8}, by=by)
    ACTIONS["form.publish"].run(form, by=by)


def _pages(site: Site) -> float:
    """Milliseconds in which nineteen of twenty pages came, one after the other."""
    connection = site.connect()
    took = sorted(site.ask("GET", f"/f/{KEY}", on=connection).seconds * 1000 for _n in range(PAGES))
    return round(took[int(PAGES * 0.95)], 1)


def _posts(site: Site, rate: int, seconds: int, mark: str, *, kill: bool = False) -> dict[str, Any]:
    """Post at a steady rate from several connections; each is somebody else, of one of a hundred companies."""
    count, took, refused, lock = rate * seconds, [], [], threading.Lock()
    began = time.monotonic()

    def send(mine: range) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
        for n in mine:
            if (wait := n / rate - (time.monotonic() - began)) > 0:
                time.sleep(wait)
            body = urlencode({"name": f"Elin {mark}{n}", "email": f"elin{n}@{mark}{n % 100}.example", "company": f"House {mark} {n % 100}",
                              "why": "Our insurer asks for sensors by summer."})  # fmt: skip
            at = time.perf_counter()
            connection.request("POST", f"/f/{KEY}", body, HEADERS)
            answer = connection.getresponse()
            answer.read()
            with lock:
                took.append((time.perf_counter() - at) * 1000)
                if answer.status != 200:
                    refused.append(answer.status)

    threads = [threading.Thread(target=send, args=(range(k, count, SENDERS),)) for k in range(SENDERS)]
    for thread in threads:
        thread.start()
    if kill:
        time.sleep(seconds / 2)
        kill_worker(site)
    for thread in threads:
        thread.join()
    reached = round(count / (time.monotonic() - began))
    took.sort()
    return {
        "rate": reached,
        "p95": round(took[int(count * 0.95)], 1),
        "refused": len(refused),
        "sent": count - len(refused),
    }


def kill_worker(site: Site) -> None:
    for process in psutil.Process(site.process.pid).children(recursive=True):
        if " worker" in " ".join(process.cmdline()):
            os.kill(process.pid, signal.SIGKILL)


def _processed(mark: str, expected: int) -> dict[str, Any]:
    """Wait until everything is somebody, two minutes at most."""
    from kith.capture.models import Submission
    from kith.contacts.models import Person
    from kith.kernel.timeline.models import Event

    rows = Submission.objects.filter(email__contains=f"@{mark}")
    until = time.monotonic() + 120
    while rows.filter(state="done").count() < expected and time.monotonic() < until:
        time.sleep(0.2)
    waits = sorted(
        (end - start).total_seconds()
        for start, end in rows.filter(state="done").values_list("created_at", "settled_at")
    )
    people = Person.objects.filter(email__contains=f"@{mark}").values_list("pk", flat=True)
    events = Event.objects.filter(verb="form.submitted", record_id__in=list(people)).count()
    return {
        "done": len(waits), "people": len(people), "events": events,
        "p95": round(waits[int(len(waits) * 0.95)], 2) if waits else None, "most": round(waits[-1], 2) if waits else None,
    }  # fmt: skip


def measured(rate: int, seconds: int, command: str) -> ProcessResult:
    """All of it, on an installation made for it; prints each figure as it comes."""
    result = ProcessResult(0, 0, command, machine())
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        os.chmod(folder, 0o711)  # the database server may run as another user
        environment = {**os.environ, "KITH_DATA": folder}
        os.environ["KITH_DATA"] = folder
        from kith.cli.session import database

        with database():
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            with Site(environment) as site:
                time.sleep(3)
                for figure in run(rate, seconds, site):
                    result.figures.append(figure)
                    print(line(figure), flush=True)
    return result
