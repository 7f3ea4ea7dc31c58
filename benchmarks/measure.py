"""Measuring one case: the page over HTTP and the bare SQL turn by turn, so that both meet the same noise."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.cases import Case
from benchmarks.site import Site

ROUNDS, SECONDS, CLIENTS, EACH = 40, 4.0, 8, 5
BRACKETS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SET TRANSACTION")
SLOW = 0.5  # seconds from which each is asked less often


@dataclass
class Found:
    """Seconds of the page at one client, of the bare SQL beside it, and of the page at eight clients.

    `cpu`: processor seconds of web server and database for one page, which other work on the machine hardly changes.
    """

    case: Case
    page: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    crowd: list[float] = field(default_factory=list)
    cpu: float = float("nan")
    queries: int = 0
    kilobytes: float = 0.0
    problem: str = ""


def share(times: list[float], part: float) -> float:
    """The quantile in milliseconds; NaN when nothing was measured."""
    if not times:
        return float("nan")
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


def measure(site: Site, case: Case, database: Any, quick: bool) -> Found:
    found = Found(case)
    kept = site.connect()
    first = _ask(site, case, 0, kept)
    if first.status >= 400:
        found.problem = f"answered {first.status}"
        return found
    found.kilobytes = len(first.body) / 1000
    for n in range(1, 4 if first.seconds < SLOW else 2):
        _ask(site, case, n, kept)
        _bare(case, database)
    site.watch({database.info.backend_pid})
    began, n, worked = time.monotonic(), 4, 0.0
    while n < (14 if quick else ROUNDS) + 4 and time.monotonic() - began < SECONDS:
        before = site.worked()
        found.page.append(_ask(site, case, n, kept).seconds)
        worked += site.worked() - before
        found.bare.append(_bare(case, database))
        n += 1
    found.cpu = worked / max(len(found.page), 1)
    slow = sorted(found.page)[len(found.page) // 2] >= SLOW
    _crowd(site, case, found, 1 if slow else 4 if quick else EACH)
    return found


def _ask(site: Site, case: Case, n: int, kept: Any) -> Any:
    form = case.form(n) if case.form else None
    path, session = case.path(n) if callable(case.path) else case.path, case.session(n) if case.session else ""
    return site.ask(case.method, path, form, case.headers, kept, session)


def _bare(case: Case, database: Any) -> float:
    began = time.perf_counter()
    for statement in case.sql:
        database.execute(statement).fetchall()
    return time.perf_counter() - began


def _crowd(site: Site, case: Case, found: Found, each: int) -> None:
    def client(number: int) -> None:
        kept = site.connect()
        times = [_ask(site, case, 1000 * (number + 1) + n, kept).seconds for n in range(each)]
        found.crowd += times

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def count_queries(case: Case, client: Any) -> int:
    """SQL statements of a warm request, in this process; those that only begin and end a transaction are not counted."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def ask(n: int) -> None:
        path = case.path(n) if callable(case.path) else case.path
        headers = {k: v for k, v in (case.headers or {}).items() if k != "Content-Type"}
        kind = (case.headers or {}).get("Content-Type", "application/x-www-form-urlencoded")
        if case.method == "GET":
            client.get(path, headers=headers)
        else:
            client.post(path, case.form(n) if case.form else "", content_type=kind, headers=headers)

    ask(90_001)
    with CaptureQueriesContext(connection) as captured:
        ask(90_002)
    return len([q for q in captured.captured_queries if not q["sql"].startswith(BRACKETS)])
