"""Customers who stay, at size: their health after bursts of events and worked out in full, and lifetime value fitted on orders.

    python -m benchmarks --only loyalty                      200,000 customers, half of whom buy again and again
    python -m benchmarks --only loyalty --customers 20000

The set is made once and kept. Customers have contacts, tickets, counts of use and of payment; purchases are drawn as the
models of lifetime value believe, so that what they find can be held against what was put in.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import dataset, logs, table
from benchmarks.process import Figure, ProcessResult, line

BURSTS, ROUNDS = (1, 100, 1000), 5
BURST, FULL, FIT = 2.0, 300.0, 60.0  # aims in seconds
BATCH = 5000
CONTACTS, WEEKS = 3, 6  # events a customer, and weeks in which their use was counted; every third has a ticket
TRUE = {"r": 0.25, "alpha": 4.5, "a": 0.8, "b": 2.4}
NEAR = 0.15  # how far, relative, each parameter may lie from what was put in; of a set of the full size
FULL_SIZE = 100_000
KNOWN = 78  # weeks of purchases
COUNTED = {
    "companies": "contacts_company", "events": "timeline_event", "counts of use": "retention_usage", "tickets": "support_ticket",
    "orders": "conversion_order", "customers with health": "retention_care",
}  # fmt: skip
USED = """
    INSERT INTO retention_usage (company_id, counter, day, amount)
    SELECT c.id, 'sessions', current_date - 7 * w, 10 + (c.id * 7 + w * 3) %% 40 FROM contacts_company c, generate_series(1, %s) w
    UNION ALL SELECT c.id, 'days_overdue', current_date - 5, CASE WHEN c.id %% 9 = 0 THEN 20 ELSE 0 END FROM contacts_company c
"""


# --- the set ----------------------------------------------------------------------------------------------------------


def make(customers: int, say: Callable[[str], None]) -> None:
    """Fill an empty database that is migrated; Django is set up."""
    from django.db import connection

    from kith.kernel.access.actor import system
    from kith.retention.health.dirty import forget
    from kith.retention.health.parts import bring

    _companies(customers)
    say("customers")
    with connection.cursor() as cursor:
        cursor.execute(USED, [WEEKS])
    _tickets(customers)
    say("use and tickets")
    for n in range(CONTACTS):
        for pks in _batches():
            _happened(pks, days=10 + 40 * n)
    say("events")
    _orders(customers // 2)
    say("orders")
    bring(system("cli"))
    forget()


def _companies(customers: int) -> None:
    from kith.contacts.models import Company

    today = dt.date.today()
    for start in range(0, customers, BATCH):
        made = [
            Company(name=f"Customer {n}", customer_since=today - dt.timedelta(days=200 + n % 900))
            for n in range(start, min(start + BATCH, customers))
        ]
        for row in made:
            row.derive()
        Company.objects.bulk_create(made)


def _tickets(customers: int) -> None:
    from django.utils import timezone

    from kith.support.models import Ticket

    now = timezone.now()
    for pks in _batches():
        Ticket.objects.bulk_create(
            Ticket(subject="It drips", company_id=pk, kind="complaint" if pk % 30 == 0 else "problem", state="solved",
                   opened_at=now - dt.timedelta(days=pk % 120))
            for pk in pks if pk % 3 == 0
        )  # fmt: skip


def _batches() -> Iterator[list[int]]:
    from kith.contacts.models import Company

    pks = list(Company.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        yield pks[start : start + BATCH]


def _happened(pks: list[int], days: float = 0.0) -> None:
    """Somebody spoke with each of these customers, so many days ago."""
    from django.db import transaction
    from django.utils import timezone

    from kith.activities.events import CallLogged
    from kith.kernel.access.actor import system
    from kith.kernel.timeline.write import Entry, write_events

    now = timezone.now()
    with transaction.atomic():
        entries = [
            Entry("company", pk, says=CallLogged(minutes=10), at=now - dt.timedelta(days=days + pk % 30 if days else 0))
            for pk in pks
        ]
        write_events(entries, by=system("cli"))


def _orders(customers: int) -> None:
    """Purchases as BG/NBD has them: each customer buys at a rate of their own, and may be gone after each purchase."""
    import numpy as np

    from kith.conversion.models import Order

    rng = np.random.default_rng(7)
    rates = rng.gamma(TRUE["r"], 1 / TRUE["alpha"], customers)
    leaves = rng.beta(TRUE["a"], TRUE["b"], customers)
    until = dt.date.today()
    rows: list[Any] = []
    pks = [pk for some in _batches() for pk in some][:customers]
    for pk, rate, gone in zip(pks, rates, leaves, strict=True):
        known = rng.uniform(KNOWN / 2, KNOWN)
        spent = rng.gamma(6.0, 1 / rng.gamma(3.8, 1 / 15.0))
        for at in _purchases(rng, known, rate, gone):
            day = until - dt.timedelta(days=int((known - at) * 7))
            row = Order(name="Sensors", company_id=pk, placed_on=day, total=round(max(spent, 0.01), 2))
            row.derive()
            rows.append(row)
        if len(rows) > BATCH:
            Order.objects.bulk_create(rows)
            rows = []
    Order.objects.bulk_create(rows)


def _purchases(rng: Any, known: float, rate: float, gone: float) -> Iterator[float]:
    """Weeks at which one customer buys, the first at 0."""
    at = 0.0
    yield at
    while (at := at + rng.exponential(1 / max(rate, 1e-9))) < known:
        yield at
        if rng.random() < gone:
            return


# --- measuring --------------------------------------------------------------------------------------------------------


def run(customers: int, command: str, *, quick: bool) -> ProcessResult:
    """Makes the set when it is missing."""
    import psycopg

    from kith.kernel.database.embedded import Embedded

    home = dataset.ensure_loyalty(customers)
    dataset.use(home)
    result = ProcessResult(customers, dataset.seconds_of(home), command, table.machine())
    with (
        Embedded(home / "database") as server,
        psycopg.connect(server.conninfo("kith"), autocommit=True) as database,
    ):
        from kith.cli.session import set_up_django

        set_up_django()
        for figure in (*full(customers), *bursts(2 if quick else ROUNDS), *fits(home, customers // 2)):
            result.figures.append(figure)
            print(line(figure), flush=True)
        for what, name in COUNTED.items():
            rows = database.execute(f"SELECT count(*), pg_total_relation_size('{name}') FROM {name}").fetchone()
            result.counts[what] = rows[0], rows[1] / 1e6
    return result


def full(customers: int) -> Iterator[Figure]:
    """Everybody's health for the first time, and once more."""
    from kith.retention.health.sweeping import everybody
    from kith.retention.models import Care

    Care.objects.all().delete()
    for words in ("for the first time", "again"):
        began = time.perf_counter()
        changed = everybody()
        took = time.perf_counter() - began
        told = f"{took:.1f} s, {changed:,} changed"
        yield Figure(f"health of {customers:,} customers, {words}", told, f"under {FULL:.0f} s", took < FULL)


def bursts(rounds: int) -> Iterator[Figure]:
    """From the commit of events until the health of everybody they are about is kept."""
    from kith.retention.health import dirty

    pks = [pk for some in _batches() for pk in some]
    for size in BURSTS:
        some = min(size, len(pks))
        took = []
        for n in range(rounds):
            _happened(pks[n::rounds][:some])
            began = time.perf_counter()
            dirty.work_off()
            took.append(time.perf_counter() - began)
        words = f"median {sorted(took)[len(took) // 2]:.2f} s, longest {max(took):.2f} s of {len(took)}"
        yield Figure(f"health after a burst of {some:,} events", words, f"under {BURST:.0f} s", max(took) < BURST)


def fits(home: Path, customers: int) -> Iterator[Figure]:
    """`kith insight clv` with its start, and how near its parameters come to those that were put in."""
    environment = dataset.environment(home)
    told = logs.command("insight", "clv", "--json", environment=environment)
    words = f"{told['seconds']:.1f} s ({told['cpu']:.1f} s of its own processor time), {told['mb']:.0f} MB"
    yield Figure(f"`kith insight clv`, {customers:,} customers", words, f"under {FIT:.0f} s", told["seconds"] < FIT)
    found = _found(environment)["parameters"]
    said = ", ".join(f"{name} {found[name]:.3g} of {true:g}" for name, true in TRUE.items())
    near = all(abs(found[name] / true - 1) < NEAR for name, true in TRUE.items())
    enough = customers >= FULL_SIZE
    yield Figure(
        "parameters found of those put in", said, f"within {NEAR:.0%}" if enough else "", near if enough else None
    )


def _found(environment: dict[str, str]) -> Any:
    with tempfile.TemporaryFile() as out:
        subprocess.run(
            [sys.executable, "-m", "kith", "insight", "clv", "--json"], env=environment, stdout=out, check=True
        )
        out.seek(0)
        return json.load(out)


def main(customers: int) -> int:
    from kith.cli.session import database

    began = time.monotonic()
    with database():
        make(customers, lambda words: print(f"{time.monotonic() - began:7.0f} s  {words}", flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
