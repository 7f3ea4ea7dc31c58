"""How soon workflows start: events at a steady rate, a worker beside them, and the time from each event to its run, and to
the run's first step.

    python -m benchmarks.workflows 200 15 1    (events a second, seconds, every so manyth event starts one; a server of its own)

Twenty workflows listen to every event; events that are to start something meet the condition of one, which writes a task.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from typing import Any

LISTENING, BATCH, ROWS = 20, 40, 500  # workflows, events written together (five groups a second at 200), deals
MARK = "listens"


def run(rate: int, seconds: int, *, every: int = 10) -> dict[str, Any]:
    """On the database that Django is set up for, whose worker runs. Returns events, rate (as reached), runs, and milliseconds
    from event to run (`stands`) and to its first step: p50, p95, most. The workflows are switched off again."""
    by = _author()
    listening, deals = _workflows(by), _deals(by)
    before = _last_run()
    try:
        time.sleep(2)
        began, count = time.monotonic(), 0
        while (now := time.monotonic() - began) < seconds:
            if count / rate > now:
                time.sleep(count / rate - now)
            _write(deals, count, every, by)
            count += BATCH
        reached = count / (time.monotonic() - began)
        stands, waits = _waits(before, count // every)
    finally:
        _switch(listening, False, by)
    told = {"events": count, "rate": round(reached), "runs": len(waits)}
    return told | _shares("stands_", stands) | _shares("", waits)


def _shares(name: str, waits: list[float]) -> dict[str, float]:
    def share(part: float) -> float:
        return _whole(waits[min(len(waits) - 1, int(len(waits) * part))])

    return {f"{name}p50_ms": share(0.5), f"{name}p95_ms": share(0.95), f"{name}most_ms": _whole(waits[-1])}


def _whole(ms: float) -> float:
    return round(ms) if ms < float("inf") else ms


def _author() -> Any:
    from kith.kernel.access.actor import actor_for
    from kith.kernel.accounts.models import User

    user = User.objects.filter(role="administrator", is_active=True).order_by("pk").first()
    return actor_for(
        user or User.objects.create_user("astrid@tidewell.example", name="Astrid Moe", role="administrator")
    )


def _workflows(by: Any) -> list[Any]:
    """Workflows that listen to changes of deals, switched on; the same again when they are there from another time."""
    from kith.automation import actions as do
    from kith.automation.models import Workflow
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry

    for n in range(Workflow.objects.filter(name__startswith=MARK).count(), LISTENING):
        draft = {
            "record": "deal", "when": {"event": "deal.changed"}, "if": "competitor.is:matches" if n == 0 else f"competitor.is:c{n}",
            "steps": [{"do": "write", "kind": "task", "inputs": {"subject": "Look at {name}", "owner": "=owner"}}],
        }  # fmt: skip
        made = actions.create(registry["workflow"], {"name": f"{MARK} {n}", "draft": draft, "per_hour": 10**6}, by=by)
        do.publish(made, by=by)
    every = list(Workflow.objects.filter(name__startswith=MARK).order_by("pk"))
    _switch(every, True, by)
    return every


def _switch(rows: list[Any], on: bool, by: Any) -> None:
    from kith.automation import actions as do

    for row in rows:
        row.refresh_from_db()
        if row.active != on:
            (do.switch_on if on else do.switch_off)(row, by=by)


def _deals(by: Any) -> list[Any]:
    """Deals to change: some that are there, else new ones."""
    from kith.deals.actions import install_defaults
    from kith.kernel.access.actor import system
    from kith.kernel.records.bulk_create import New, bulk_create
    from kith.kernel.records.registry import registry

    rows = registry["deal"].model.objects.filter(status="open").order_by("pk")
    if not rows.exists():
        install_defaults(by=system("cli"))
        items = [New({"name": f"Deal {n}", "owner": by.user}) for n in range(ROWS)]
        bulk_create(registry["deal"], items, by=by, refused=_refused)
    return list(rows[:ROWS])


def _refused(n: int, problem: Exception) -> None:
    raise problem


def _write(deals: list[Any], count: int, every: int, by: Any) -> None:
    """Some events in one transaction; every so manyth of them meets the condition of the first workflow."""
    from kith.kernel.timeline.change import change_many

    here = {deals[(count + n) % len(deals)].pk: n for n in range(BATCH)}
    rows = [deals[(count + n) % len(deals)] for n in range(BATCH)]

    def put(row: Any) -> None:
        row.competitor = "matches" if here[row.pk] % every == 0 else "other"
        row.amount = Decimal(count % 90_000 + row.pk % 10_000)

    change_many(rows, put, by=by)


def _last_run() -> int:
    from kith.automation.models import Run

    return Run.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _waits(after: int, expected: int) -> tuple[list[float], list[float]]:
    """Milliseconds from event to run, and from event to first step, each in order, once all have begun (or two minutes
    have passed)."""
    from kith.automation.models import Run
    from kith.kernel.timeline.models import Event

    runs, until = Run.objects.filter(pk__gt=after, started_at__isnull=False), time.monotonic() + 120
    while runs.count() < expected and time.monotonic() < until:
        time.sleep(0.5)
    rows = list(runs.values_list("cause", "created_at", "started_at"))
    at = dict(Event.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "recorded_at"))
    late = [float("inf")] * (expected - len(rows))  # never begun is no reason to look better

    def since(n: int) -> list[float]:
        return sorted((row[n] - at[row[0]]).total_seconds() * 1000 for row in rows) + late

    return since(1), since(2)


def main(rate: int, seconds: int, every: int) -> int:
    import os

    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        os.environ["KITH_DATA"] = folder
        from kith.cli.session import database

        with database():
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            worker = subprocess.Popen([sys.executable, "-m", "kith", "worker"])
            try:
                time.sleep(4)
                for name, value in run(rate, seconds, every=every).items():
                    print(f"{name:8} {value:,}")
            finally:
                worker.terminate()
                worker.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in [*sys.argv[1:], "200", "15", "10"][:3])))
