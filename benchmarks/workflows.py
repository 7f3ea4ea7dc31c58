"""How soon workflows start: events at a steady rate, a worker beside them, and the time from each event to its run.

    python -m benchmarks.workflows 200 15      (events a second, seconds; an embedded server in a temporary folder)

Twenty workflows listen to every event; one in ten events meets the condition of one of them, which writes a task.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from typing import Any

LISTENING, BATCH, ROWS = 20, 10, 500  # workflows, events written together, deals


def run(rate: int = 200, seconds: int = 15) -> dict[str, Any]:
    """Returns events, rate (as reached), runs, and milliseconds from event to first step: p50, p95, most."""
    deals, by = _prepare()
    worker = subprocess.Popen([sys.executable, "-m", "kith", "worker"])
    try:
        time.sleep(4)
        began, count = time.monotonic(), 0
        while (now := time.monotonic() - began) < seconds:
            if count / rate > now:
                time.sleep(count / rate - now)
            _write(deals, count, by)
            count += BATCH
        reached = count / (time.monotonic() - began)
        waits = _waits(count // 10)
    finally:
        worker.terminate()
        worker.wait(30)
    share = lambda part: round(waits[min(len(waits) - 1, int(len(waits) * part))])  # noqa: E731
    return {
        "events": count, "rate": round(reached), "runs": len(waits),
        "p50_ms": share(0.5), "p95_ms": share(0.95), "most_ms": round(waits[-1]),
    }  # fmt: skip


def _prepare() -> tuple[list[Any], Any]:
    """Deals to change, and the workflows that listen to their changes."""
    from kith.automation import actions as do
    from kith.deals.actions import install_defaults
    from kith.kernel.access.actor import actor_for, system
    from kith.kernel.accounts.models import User
    from kith.kernel.records import actions
    from kith.kernel.records.bulk_create import New, bulk_create
    from kith.kernel.records.registry import registry

    by = actor_for(User.objects.create_user("astrid@tidewell.example", name="Astrid Moe", role="administrator"))
    install_defaults(by=system("cli"))
    bulk_create(
        registry["deal"], [New({"name": f"Deal {n}", "owner": by.user}) for n in range(ROWS)], by=by, refused=_refused
    )
    for n in range(LISTENING):
        draft = {
            "record": "deal", "when": {"event": "deal.changed"}, "if": "competitor.is:matches" if n == 0 else f"competitor.is:c{n}",
            "steps": [{"do": "write", "kind": "task", "inputs": {"subject": "Look at {name}", "owner": "=owner"}}],
        }  # fmt: skip
        made = actions.create(registry["workflow"], {"name": f"Listens {n}", "draft": draft, "per_hour": 10**6}, by=by)
        do.switch_on(do.publish(made, by=by), by=by)
    return list(registry["deal"].model.objects.order_by("pk")), by


def _refused(n: int, problem: Exception) -> None:
    raise problem


def _write(deals: list[Any], count: int, by: Any) -> None:
    """Ten events in one transaction; the first of them meets the condition of the first workflow."""
    from kith.kernel.timeline.change import change_many

    here = [deals[(count + n) % len(deals)] for n in range(BATCH)]

    def put(row: Any) -> None:
        row.competitor = "matches" if row.pk == here[0].pk else "other"
        row.amount = Decimal(count + row.pk)

    change_many(here, put, by=by)


def _waits(expected: int) -> list[float]:
    """Milliseconds from event to first step, in order, once all runs have begun (or a minute has passed)."""
    from kith.automation.models import Run
    from kith.kernel.timeline.models import Event

    until = time.monotonic() + 60
    while Run.objects.filter(started_at__isnull=False).count() < expected and time.monotonic() < until:
        time.sleep(0.5)
    rows = list(Run.objects.filter(started_at__isnull=False).values_list("cause", "started_at"))
    at = dict(Event.objects.filter(pk__in=[cause for cause, _started in rows]).values_list("pk", "recorded_at"))
    return sorted((started - at[cause]).total_seconds() * 1000 for cause, started in rows)


def main(rate: int, seconds: int) -> int:
    import os

    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        os.environ["KITH_DATA"] = folder
        from kith.cli.session import database

        with database():
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            for name, value in run(rate, seconds).items():
                print(f"{name:8} {value:,}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in [*sys.argv[1:], "200", "15"][:2])))
