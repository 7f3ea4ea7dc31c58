"""The worker process: takes jobs off the queue and runs them; finishes what it runs when it is asked to stop.

One hand more than asked for is kept for the queue `QUICK`: what somebody waits for is begun at once, however long the other
jobs take that a worker is at. Procrastinate's Django app already closes stale database connections around every task.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from procrastinate import App
from procrastinate.contrib.django import app, connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from kith.kernel.jobs.declare import QUICK

# Seconds. Procrastinate forgets a notice that comes while it looks for a job and finds none: that job, like those that were put
# off, waits for the next look, which costs a millisecond.
LOOKS_AGAIN = 0.25


def run_worker(
    *, concurrency: int = 4, queues: Iterable[str] | None = None, wait: bool = True, signals: bool = True
) -> None:
    """Run jobs until SIGTERM or SIGINT, or with `wait=False` until none is left. Blocks."""
    # A connection for each job that ends or is looked for, and one for each hand that listens.
    connector = PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=concurrency + 4)
    options: dict[str, Any] = {
        "concurrency": concurrency, "queues": list(queues) if queues else None, "wait": wait,
        "fetch_job_polling_interval": LOOKS_AGAIN, "install_signal_handlers": signals,
    }  # fmt: skip
    with app.replace_connector(connector) as worker_app:
        asyncio.run(_work(worker_app, options))


async def _work(worker_app: App, options: dict[str, Any]) -> None:
    async with worker_app.open_async():
        everything = asyncio.create_task(worker_app.run_worker_async(**options))
        running = {everything}
        if options["wait"] and options["queues"] is None:
            quick = options | {"concurrency": 1, "queues": [QUICK], "install_signal_handlers": False}
            running.add(asyncio.create_task(worker_app.run_worker_async(**quick)))
        # The one hears of the signal, and either may fail: then the other ends what it is at, too.
        done, others = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for task in done:
            task.result()
