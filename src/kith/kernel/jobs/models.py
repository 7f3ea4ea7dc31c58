"""What the queue itself does not remember: schedules, effects already had, progress, and why a job failed."""

from __future__ import annotations

import traceback

from django.db import models
from django.utils.translation import gettext_lazy as _

TRACE_LONGEST = 20_000


class Schedule(models.Model):
    """A job that repeats. The row is made from the declaration and then belongs to the administrators."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    job = models.CharField(_("Job"), max_length=128)
    cron = models.CharField(
        _("When"), max_length=100, help_text=_("Minute, hour, day, month, weekday on the organisation's clock.")
    )
    enabled = models.BooleanField(_("On"), default=True)
    last_run_at = models.DateTimeField(_("Last run"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Effect(models.Model):
    """One effect that has been had; `once()` writes it in the effect's own transaction."""

    key = models.TextField(primary_key=True)
    at = models.DateTimeField(db_index=True)


class Progress(models.Model):
    """How far a long job is, for pages and the command line. `total` is None while it is unknown."""

    key = models.CharField(max_length=200, primary_key=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    note = models.TextField(default="", blank=True)
    updated_at = models.DateTimeField(db_index=True)


class Failure(models.Model):
    """One failed attempt: the sentence for people, the trace for engineers."""

    job_id = models.BigIntegerField()
    job = models.CharField(max_length=128)
    attempt = models.IntegerField()
    error = models.TextField()
    trace = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["job_id", "-at"], name="jobs_failure_job")]

    @classmethod
    def note(cls, *, job_id: int, job: str, attempt: int, error: BaseException) -> Failure:
        """Remember a failed attempt, outside the transaction that failed."""
        # NUL cannot be stored in PostgreSQL, and it may well be what the job failed at.
        text = str(error).replace("\0", "�") or type(error).__name__
        trace = "".join(traceback.format_exception(error)).replace("\0", "�")
        return cls.objects.create(
            job_id=job_id, job=job, attempt=attempt, error=text[:TRACE_LONGEST], trace=trace[-TRACE_LONGEST:]
        )
