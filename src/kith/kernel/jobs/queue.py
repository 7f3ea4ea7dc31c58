"""`enqueue()`: the one way to put a job on the queue, an insert in the caller's own transaction.

In a worker procrastinate swaps its connector for one outside Django's transactions, so its own `.defer()` would leave
a job behind when the caller rolls back. Here the insert always goes through Django's connection. Its queueing lock has
two more faults that matter when every write enqueues "deliver": writers would wait for each other's commits, and a
waiting job could be taken by a worker before the commit of the writer that relied on it. See `_join` and `_add`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job as QueuedJob
from procrastinate.manager import JobManager
from psycopg.types.json import Jsonb

from kith.kernel.jobs.declare import JOBS, Job


def manager() -> JobManager:
    """The queue as seen through Django's connection, hence inside the caller's transaction."""
    return JobManager(DjangoConnector(alias="default"))


def enqueue(
    job: Job | str,
    /,
    *,
    key: str | None = None,
    lock: str | None = None,
    at: datetime | timedelta | None = None,
    queue: str | None = None,
    **arguments: Any,
) -> int | None:
    """Put `job` (or the one of that name) on the queue with `arguments`; returns its id.

    `at`: not before this moment, or this long from now. `key`: at most one job with this key waits at a time; when one
    already does, nothing is added and None is returned; it will run after this transaction's commit. (While another
    transaction is adding one under the same key, one more is added rather than waiting for it.) `lock`: while a job with
    this lock runs, the others that have it wait on the queue, and keep no worker from other work. Dates and ids among the
    arguments become text.
    """
    row = _row(_find(job), arguments, key=key, lock=lock, at=at, queue=queue)
    if key is None:
        return manager().defer_job(row).id
    with transaction.atomic():  # the locks below live as long as the caller's transaction, or this one
        while not _join(key):
            if added := _add(row):
                return added
    return None


def enqueue_many(job: Job | str, arguments: Iterable[Mapping[str, Any]], *, queue: str | None = None) -> list[int]:
    """Put one job per entry of `arguments` on the queue in a single statement; returns their ids in order."""
    found = _find(job)
    rows = [_row(found, each, queue=queue) for each in arguments]
    return [row.id for row in manager().batch_defer_jobs(rows) if row.id] if rows else []


# A share lock keeps workers from taking the waiting job before our commit, without keeping other writers from joining it.
# The worker may have looked at it meanwhile and gone to sleep, so it is woken at our commit.
JOIN = """
    WITH waiting AS (
        SELECT id, queue_name FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo' FOR SHARE SKIP LOCKED
    )
    SELECT pg_notify(channel, json_build_object('type', 'job_inserted', 'job_id', waiting.id)::text)
    FROM waiting, LATERAL (VALUES ('procrastinate_any_queue_v1'), ('procrastinate_queue_v1#' || queue_name)) AS c (channel)
"""
# Who cannot have the key's advisory lock adds a job without the key: a second run is harmless, waiting is not.
ADD = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
    SELECT %(queue)s, %(task)s, %(priority)s, %(lock)s,
        CASE WHEN pg_try_advisory_xact_lock(hashtextextended('kith.job:' || %(key)s, 0)) THEN %(key)s END,
        %(arguments)s, %(at)s
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
    RETURNING id
"""


def _join(key: str) -> bool:
    """Whether a job with this key waits and will run after our commit."""
    with connection.cursor() as cursor:
        cursor.execute(JOIN, [key])
        return cursor.fetchone() is not None


def _add(row: QueuedJob) -> int | None:
    """Add the job; None when one with its key was committed in this very moment."""
    given: dict[str, Any] = {
        "queue": row.queue,
        "task": row.task_name,
        "priority": row.priority,
        "lock": row.lock,
        "key": row.queueing_lock,
        "arguments": Jsonb(row.task_kwargs),
        "at": row.scheduled_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(ADD, given)
        added = cursor.fetchone()
        return added[0] if added else None


def _find(job: Job | str) -> Job:
    if isinstance(job, Job):
        return job
    try:
        return JOBS[job]
    except KeyError:
        raise ValueError(f"There is no job called “{job}”.") from None


def _row(
    job: Job,
    arguments: Mapping[str, Any],
    *,
    key: str | None = None,
    lock: str | None = None,
    at: datetime | timedelta | None = None,
    queue: str | None = None,
) -> QueuedJob:
    return QueuedJob(
        task_name=job.name,
        queue=queue or job.queue,
        priority=job.priority,
        lock=lock,
        queueing_lock=key,
        task_kwargs=json.loads(json.dumps(dict(arguments), cls=DjangoJSONEncoder)),
        scheduled_at=timezone.now() + at if isinstance(at, timedelta) else at,
    )
