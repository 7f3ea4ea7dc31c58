"""The queue's own jobs: the minute's tick, bringing back what a killed worker left, and throwing old rows away."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kith.kernel.jobs.declare import job
from kith.kernel.jobs.upkeep import purge, sweep_stalled


@app.periodic(cron="* * * * *", periodic_id="kith")
@app.task(name="jobs.tick", queueing_lock="jobs.tick", queue="default", priority=10)
def tick(timestamp: int) -> None:
    """Once a minute, whatever the schedules say: they are read here."""
    from kith.kernel.jobs.schedules import run_due_schedules

    sweep_stalled()
    run_due_schedules()


@job("jobs.purge", every="17 3 * * *", label="Throw away old job rows")
def purge_old_rows() -> None:
    purge()
