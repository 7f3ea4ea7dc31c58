"""The worker process: takes jobs off the queue and runs them; finishes what it runs when it is asked to stop.

Procrastinate's Django app already closes stale database connections around every task.
"""

from __future__ import annotations

from collections.abc import Iterable

from procrastinate.contrib.django import app, connector_params
from procrastinate.psycopg_connector import PsycopgConnector

# Seconds. Procrastinate forgets a notice that comes while it looks for a job and finds none: that job, like those that were put
# off, waits for the next look, which costs a millisecond.
LOOKS_AGAIN = 0.25


def run_worker(
    *, concurrency: int = 4, queues: Iterable[str] | None = None, wait: bool = True, signals: bool = True
) -> None:
    """Run jobs until SIGTERM or SIGINT, or with `wait=False` until none is left. Blocks."""
    connector = PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=concurrency + 2)
    with app.replace_connector(connector) as worker_app:
        worker_app.run_worker(
            concurrency=concurrency,
            queues=list(queues) if queues else None,
            wait=wait,
            fetch_job_polling_interval=LOOKS_AGAIN,
            install_signal_handlers=signals,
        )
