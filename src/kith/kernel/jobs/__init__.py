"""Background work: a queue in the same PostgreSQL, so that enqueuing is an insert in the caller's own transaction.

Packages declare jobs in their `jobs.py` with `@job`, enqueue them with `enqueue()` (never procrastinate's `.defer()`,
which leaves the transaction inside a worker), and guard effects with `once()`, because every job may run twice.
"""

from kith.kernel.jobs.declare import QUICK, Job, job
from kith.kernel.jobs.once import current_job, once
from kith.kernel.jobs.queue import enqueue, enqueue_many

__all__ = ["QUICK", "Job", "current_job", "enqueue", "enqueue_many", "job", "once"]
