"""Forms under load: how soon the page comes, how many posts a second are taken, how soon each is somebody, and that none
is lost when the worker is killed in the middle.

    python -m benchmarks.capture 200 15     (posts a second, seconds; a server of its own)
"""

from __future__ import annotations

import http.client
import os
import signal
import sys
import tempfile
import threading
import time
from typing import Any
from urllib.parse import urlencode

import psutil

from benchmarks.site import Site

KEY, SENDERS, PAGES = "leak-risk-checklist", 12, 400
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


def run(rate: int, seconds: int, site: Site) -> dict[str, Any]:
    """On the database that Django is set up for, which `site` serves with a worker."""
    _form()
    page = _pages(site)
    plain = _posts(site, rate, seconds, "plain")
    done = _processed("plain", rate * seconds)
    killed = _posts(site, rate, max(seconds // 2, 4), "killed", kill=True)
    after = _processed("killed", killed["sent"])
    return {
        "page p95, ms": page, "posts a second": plain["rate"], "post p95, ms": plain["p95"], "refused": plain["refused"],
        "processed": f"{done['done']} of {plain['sent']}", "p95 from post to person, s": done["p95"], "longest, s": done["most"],
        "with the worker killed": f"{after['done']} of {killed['sent']} processed, {after['people']} people, {after['events']} events",
        "longest with the worker killed, s": after["most"],
    }  # fmt: skip


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


def main(rate: int, seconds: int) -> int:
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
                for name, value in run(rate, seconds, site).items():
                    print(f"{name:<36} {value}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in [*sys.argv[1:], "200", "15"][:2])))
