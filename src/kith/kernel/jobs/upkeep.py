"""Keep the queue healthy: bring back jobs of killed workers, give up on those that keep killing them, delete old rows."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from procrastinate.jobs import Status

from kith.kernel.jobs.declare import JOBS
from kith.kernel.jobs.models import Failure
from kith.kernel.jobs.queue import manager

STALLED_AFTER = 30.0  # seconds without a heartbeat
ATTEMPTS_OF_UNKNOWN = 3
KEEP_DONE, KEEP_FAILED, KEEP_EFFECTS, KEEP_PROGRESS = 7, 90, 365, 30  # days

FINISHED_LONG_AGO = """
    DELETE FROM procrastinate_jobs AS job
    WHERE status::text = ANY(%s) AND NOT EXISTS (
        SELECT 1 FROM procrastinate_events AS event WHERE event.job_id = job.id AND event.at > now() - %s * interval '1 day'
    ) AND NOT EXISTS (SELECT 1 FROM procrastinate_periodic_defers AS defer WHERE defer.job_id = job.id)
"""


def sweep_stalled(seconds: float = STALLED_AFTER) -> int:
    """Put jobs whose worker died back on the queue, or fail those that used up their attempts; returns how many."""
    queue = manager()
    stalled = async_to_sync(queue.get_stalled_jobs)(seconds_since_heartbeat=seconds)
    count = 0
    for row in stalled:
        declared = JOBS.get(row.task_name)
        allowed = declared.attempts if declared else ATTEMPTS_OF_UNKNOWN
        count += 1
        if row.id is None:
            continue
        if row.attempts + 1 < allowed:
            queue.retry_job_by_id(row.id, retry_at=timezone.now())
            continue
        error = RuntimeError(f"The worker running it stopped {row.attempts + 1} times, so it is not tried again.")
        Failure.note(job_id=row.id, job=row.task_name, attempt=row.attempts + 1, error=error)
        async_to_sync(queue.finish_job_by_id_async)(job_id=row.id, status=Status.FAILED, delete_job=False)
    return count


def purge() -> None:
    """Delete rows that nobody will ask for again: jobs done a week ago, failures of last quarter, old effects."""
    with connection.cursor() as cursor:
        cursor.execute(FINISHED_LONG_AGO, [["succeeded", "cancelled"], KEEP_DONE])
        cursor.execute(FINISHED_LONG_AGO, [["failed", "aborted"], KEEP_FAILED])
        cursor.execute(
            "DELETE FROM jobs_failure AS failure WHERE at < now() - interval '1 day' AND NOT EXISTS "
            "(SELECT 1 FROM procrastinate_jobs WHERE id = failure.job_id)"
        )
        cursor.execute("DELETE FROM jobs_effect WHERE at < now() - %s * interval '1 day'", [KEEP_EFFECTS])
        cursor.execute("DELETE FROM jobs_progress WHERE updated_at < now() - %s * interval '1 day'", [KEEP_PROGRESS])
