"""What is on the queue: for the jobs page, `kith check` and tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker

from kith.kernel.jobs.declare import JOBS
from kith.kernel.jobs.models import Failure, Schedule
from kith.kernel.jobs.upkeep import STALLED_AFTER

STATES = {"waiting": ("todo",), "running": ("doing",), "failed": ("failed", "aborted"), "done": ("succeeded",)}


@dataclass(frozen=True)
class JobRow:
    """One job on the queue. `attempts` that ended, `at` the moment of its last change, `error` of its last failure."""

    id: int
    name: str
    label: str
    state: str
    queue: str
    attempts: int
    attempts_allowed: int
    arguments: dict[str, Any]
    due: datetime | None
    at: datetime | None
    error: str


def list_jobs(state: str = "", *, limit: int = 100, before: int | None = None) -> list[JobRow]:
    """Jobs in `state` (waiting, running, failed, done; "" for all), newest first, those with an id below `before`."""
    rows = _in_state(state)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    failures = Failure.objects.filter(job_id=OuterRef("pk")).order_by("-at")
    events = ProcrastinateEvent.objects.filter(job_id=OuterRef("pk")).order_by("-id")
    rows = rows.annotate(error=Subquery(failures.values("error")[:1]), changed=Subquery(events.values("at")[:1]))
    return [_job_row(row) for row in rows.order_by("-pk")[:limit]]


def job_counts() -> dict[str, int]:
    """How many jobs are in each state."""
    by_status = dict(
        ProcrastinateJob.objects.order_by().values("status").annotate(n=Count("pk")).values_list("status", "n")
    )
    return {state: sum(by_status.get(status, 0) for status in statuses) for state, statuses in STATES.items()}


def failed_attempts(job_id: int) -> QuerySet[Failure]:
    """The failed attempts of one job, newest first, with their traces."""
    return Failure.objects.filter(job_id=job_id).order_by("-at")


def live_workers() -> int:
    """How many workers gave a sign of life lately."""
    since = timezone.now() - timedelta(seconds=STALLED_AFTER)
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).count()


def oldest_due() -> float:
    """For how many seconds the longest-waiting due job has been waiting; 0 when none is."""
    query = """
        SELECT coalesce(extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at))), 0)
        FROM procrastinate_jobs AS job
        JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
        WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return max(0.0, float(cursor.fetchone()[0]))


def _in_state(state: str) -> QuerySet[ProcrastinateJob]:
    return ProcrastinateJob.objects.filter(status__in=STATES[state]) if state else ProcrastinateJob.objects.all()


def _job_row(row: Any) -> JobRow:
    declared = JOBS.get(row.task_name)
    return JobRow(
        id=row.pk,
        name=row.task_name,
        label=declared.label if declared else row.task_name,
        state=next((state for state, statuses in STATES.items() if row.status in statuses), row.status),
        queue=row.queue_name,
        attempts=row.attempts,
        attempts_allowed=declared.attempts if declared else 1,
        arguments=row.args,
        due=row.scheduled_at,
        at=row.changed,
        error=row.error or "",
    )


def list_schedules() -> list[Schedule]:
    """What repeats by itself, by name."""
    return list(Schedule.objects.all())
