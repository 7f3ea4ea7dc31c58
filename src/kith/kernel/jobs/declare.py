"""`@job`: what a job is called, where it queues, how often it is tried again and, if it repeats, when.

A `Job` can be called like the function it wraps (tests, other jobs); only `enqueue()` puts it on the queue.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job as QueuedJob

from kith.kernel.errors import Conflict, KithError
from kith.kernel.jobs.once import running

JOBS: dict[str, Job] = {}
QUICK = "quick"  # the queue of short jobs that somebody waits for, for which every worker keeps a hand free
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0  # seconds


@dataclass(frozen=True)
class Job:
    """A declared job. `every` is a cron text (on the organisation's clock) when it repeats by itself; `attempts` counts the first one."""

    name: str
    function: Callable[..., Any]
    queue: str
    attempts: int
    priority: int
    every: str
    label: str
    options: dict[str, Any] = field(default_factory=dict)

    def __call__(self, **arguments: Any) -> Any:
        return self.function(**arguments)


class BackOff(BaseRetryStrategy):
    """Ten seconds, then four times as long each time, an hour at most, with a tenth of chance so that jobs spread out.

    A refusal by a rule is final: trying again would be refused again. A conflict is not.
    """

    def __init__(self, attempts: int):
        self.attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        refused = isinstance(exception, KithError) and not isinstance(exception, Conflict)
        if refused or job.attempts + 1 >= self.attempts:
            return None
        pause = min(FIRST_PAUSE * 4**job.attempts, LONGEST_PAUSE) * random.uniform(0.95, 1.05)  # noqa: S311
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=pause))


def job(
    name: str, *, queue: str = "default", attempts: int = 5, priority: int = 0, every: str = "", label: str = ""
) -> Callable[[Callable[..., Any]], Job]:
    """Declare the function below as the job `name` ("room.verb"). It takes keyword arguments that JSON can hold.

    `label` is what people read on the jobs page; `every` makes a schedule row that administrators may change.
    """

    def declare(function: Callable[..., Any]) -> Job:
        if name in JOBS:
            raise ValueError(
                f"Two jobs are called “{name}”: {JOBS[name].function.__module__} and {function.__module__}."
            )
        made = Job(name, function, queue, attempts, priority, every, label or name)
        JOBS[name] = made
        app.task(name=name, queue=queue, priority=priority, retry=BackOff(attempts), pass_context=True)(_runner(made))
        return made

    return declare


def _runner(made: Job) -> Callable[..., Any]:
    def run(context: JobContext, **arguments: Any) -> Any:
        from kith.kernel.organisation.models import refresh

        assert context.job.id is not None  # it came off the queue
        refresh()  # a worker lives long, and has no requests that would tell it that configuration changed
        with running(context.job.id, made.name, context.job.attempts):
            try:
                return made.function(**arguments)
            except Exception as error:
                from kith.kernel.jobs.models import Failure

                Failure.note(job_id=context.job.id, job=made.name, attempt=context.job.attempts + 1, error=error)
                raise

    return run
