"""Run waiting jobs here and now, in this thread and on Django's own connection.

For tests, which look at uncommitted rows, and for commands that must finish before they return.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime

from asgiref.sync import async_to_sync
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status

from kith.kernel.jobs.declare import JOBS, BackOff
from kith.kernel.jobs.models import Failure
from kith.kernel.jobs.once import running
from kith.kernel.jobs.queue import manager

TAKE = """
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = (
        SELECT id FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s) AND task_name = ANY(%s)
        ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, queue_name, task_name, args, attempts
"""


def run_waiting_jobs(*, limit: int = 1000, now: datetime | None = None, names: list[str] | None = None) -> int:
    """Run jobs due by `now`, including those they enqueue, at most `limit`; returns how many ran.

    A job that fails is retried or failed as in a worker; its exception is not raised here.
    """
    count = 0
    with _worker() as worker:
        while count < limit:
            with connection.cursor() as cursor:
                cursor.execute(TAKE, [worker, now or timezone.now(), names or list(JOBS)])
                row = cursor.fetchone()
            if row is None:
                break
            _run(*row)
            count += 1
    return count


@contextmanager
def _worker() -> Iterator[int]:
    """A worker's row for this process, or the sweeper would take our jobs for those of a killed worker.

    Nobody renews its sign of life, so it is given an hour in advance.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour') RETURNING id"
        )
        worker: int = cursor.fetchone()[0]
    try:
        yield worker
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_workers WHERE id = %s", [worker])


def _run(job_id: int, queue: str, name: str, arguments: str | dict, attempts: int) -> None:
    from kith.kernel.organisation.models import refresh

    job, given = JOBS[name], json.loads(arguments) if isinstance(arguments, str) else arguments
    refresh()  # as in a worker: configuration may have changed since this process last looked
    try:
        # Within a transaction (tests) a failed job must not spoil it; otherwise a job commits as it likes.
        with running(job_id, name, attempts), transaction.atomic() if connection.in_atomic_block else nullcontext():
            job.function(**given)
    except Exception as error:  # noqa: BLE001 - a worker survives whatever a job raises, and notes it
        Failure.note(job_id=job_id, job=name, attempt=attempts + 1, error=error)
        row = QueuedJob(id=job_id, queue=queue, lock=None, queueing_lock=None, task_name=name, attempts=attempts)
        decision = BackOff(job.attempts).get_retry_decision(exception=error, job=row)
        if decision and decision.retry_at:
            manager().retry_job_by_id(job_id, retry_at=decision.retry_at)
            return
        _finish(job_id, Status.FAILED)
        return
    _finish(job_id, Status.SUCCEEDED)


def _finish(job_id: int, status: Status) -> None:
    async_to_sync(manager().finish_job_by_id_async)(job_id=job_id, status=status, delete_job=False)
