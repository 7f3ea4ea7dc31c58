"""What an administrator can do to a job: run a dead one again, or take a waiting one off the queue."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from kith.kernel.errors import Conflict, NotFound
from kith.kernel.jobs.queue import manager


def retry_job(job_id: int) -> None:
    """Put a failed job back on the queue for one more attempt. Raises NotFound, or Conflict when it has not failed."""
    with transaction.atomic():
        if _locked(job_id).status != "failed":
            raise Conflict(_("This job has not failed, so there is nothing to try again."))
        manager().retry_job_by_id(job_id, retry_at=timezone.now())


def cancel_job(job_id: int) -> None:
    """Take a waiting job off the queue. Raises NotFound, or Conflict when it has already begun."""
    with transaction.atomic():
        _locked(job_id)
        if not manager().cancel_job_by_id(job_id):
            raise Conflict(_("This job has already begun, so it cannot be cancelled."))


def _locked(job_id: int) -> ProcrastinateJob:
    row = ProcrastinateJob.objects.select_for_update(of=("self",)).filter(pk=job_id).first()
    if row is None:
        raise NotFound(_("There is no such job."))
    return row
