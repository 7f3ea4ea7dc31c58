"""`enqueue()`: the one way to put a job on the queue, an insert in the caller's own transaction.

In a worker procrastinate swaps its connector for one outside Django's transactions, so its own `.defer()` would leave
a job behind when the caller rolls back. Here the insert always goes through Django's connection.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job as QueuedJob
from procrastinate.manager import JobManager

from kith.kernel.jobs.declare import JOBS, Job


def manager() -> JobManager:
    """The queue as seen through Django's connection, hence inside the caller's transaction."""
    return JobManager(DjangoConnector(alias="default"))


def enqueue(
    job: Job | str,
    /,
    *,
    key: str | None = None,
    at: datetime | timedelta | None = None,
    queue: str | None = None,
    **arguments: Any,
) -> int | None:
    """Put `job` (or the one of that name) on the queue with `arguments`; returns its id.

    `at`: not before this moment, or this long from now. `key`: at most one job with this key waits at a time; when one
    already does, nothing is added and None is returned. Dates and ids among the arguments become text.
    """
    row = _row(_find(job), arguments, key=key, at=at, queue=queue)
    if key is None:
        return manager().defer_job(row).id
    try:
        with transaction.atomic():  # a refused duplicate must not spoil the caller's transaction
            return manager().defer_job(row).id
    except AlreadyEnqueued:
        return None


def enqueue_many(job: Job | str, arguments: Iterable[Mapping[str, Any]], *, queue: str | None = None) -> list[int]:
    """Put one job per entry of `arguments` on the queue in a single statement; returns their ids in order."""
    found = _find(job)
    rows = [_row(found, each, queue=queue) for each in arguments]
    return [row.id for row in manager().batch_defer_jobs(rows) if row.id] if rows else []


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
    at: datetime | timedelta | None = None,
    queue: str | None = None,
) -> QueuedJob:
    return QueuedJob(
        task_name=job.name,
        queue=queue or job.queue,
        priority=job.priority,
        lock=None,
        queueing_lock=key,
        task_kwargs=json.loads(json.dumps(dict(arguments), cls=DjangoJSONEncoder)),
        scheduled_at=timezone.now() + at if isinstance(at, timedelta) else at,
    )
