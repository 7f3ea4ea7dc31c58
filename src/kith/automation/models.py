"""Workflows, their published versions, and what became of each run, step by step.

A version never changes, so a run in flight goes on as it was begun. A run points at its row by type and id, as events do.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.records.models import RecordModel
from kith.kernel.timeline.ids import uuid7

PER_HOUR = 200  # runs that a new workflow starts within an hour at most


class Workflow(RecordModel):
    """`draft` is edited, `number` names the version that counts. `author` is whose rights it acts with: who published
    last. `since`: what happened before starts nothing. `problem`: why Kith itself switched it off."""

    name = models.CharField(_("Name"), max_length=120)
    description = models.TextField(_("What it is for"), default="", blank=True)
    draft = models.JSONField(_("Draft"), default=dict, blank=True)
    active = models.BooleanField(_("On"), default=False)
    number = models.PositiveIntegerField(_("Version"), null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Acts as")
    )
    problem = models.CharField(_("Switched off because"), max_length=500, default="", blank=True)
    per_hour = models.PositiveIntegerField(_("Runs an hour, at most"), default=PER_HOUR)
    since = models.DateTimeField(null=True, blank=True)
    fired_at = models.DateTimeField(null=True, blank=True)  # when its schedule last came round
    secret_round = models.PositiveIntegerField(default=1)  # a new one ends old addresses and signatures
    shipped = models.CharField(max_length=60, default="", blank=True)  # key of one that comes with Kith
    # What a stage does by itself belongs to it, and is changed by publishing its process (`stages/keeping.py`).
    process = models.ForeignKey(
        "process.Process", models.CASCADE, null=True, blank=True, related_name="workflows", verbose_name=_("Of process")
    )
    stage = models.CharField(_("Of stage"), max_length=60, default="", blank=True)
    process_number = models.PositiveIntegerField(null=True, blank=True)  # version of the process it was last settled by

    DERIVED: ClassVar[frozenset[str]] = frozenset({"process", "stage"})

    class Meta:
        verbose_name, verbose_name_plural = _("workflow"), _("workflows")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="workflow_name_once", condition=models.Q(archived_at__isnull=True, process__isnull=True),
                violation_error_message=_("Another workflow has this name; choose a different one."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def search_parts(self) -> list[str | None]:
        return [self.name, self.description]


class Version(models.Model):
    """What was published; never changed."""

    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "number"], name="workflow_version_once")]


class RunState(models.TextChoices):
    QUEUED = "queued", _("About to run")
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_STATES = (RunState.QUEUED, RunState.WAITING)
# A run that goes on, whatever it waited for.
GOES_ON: dict[str, Any] = {"state": RunState.QUEUED, "waits_for": "", "waits_until": None, "why": "", "asked": None}


class Run(RecordModel):
    """One time a workflow runs, about one row or none. `cause` is the event it follows from (or a mark of its own, where
    none did), which every event it writes names; `at_step` its place in the version's line; `key` says what started it,
    once."""

    name = models.CharField(_("Workflow’s name"), max_length=120, default="", blank=True)
    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="runs", verbose_name=_("Workflow"))
    version_number = models.PositiveIntegerField(_("Version"), null=True, blank=True)
    record = models.CharField(_("About"), max_length=40, default="", blank=True)
    record_id = models.BigIntegerField(_("Row"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    why = models.CharField(_("Why"), max_length=500, default="", blank=True)
    note = models.TextField(_("Note"), default="", blank=True)
    waits_until = models.DateTimeField(_("Waits until"), null=True, blank=True)
    started_at = models.DateTimeField(_("Started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("Ended"), null=True, blank=True)
    waits_for = models.CharField(max_length=60, default="", blank=True)  # an event's verb, "answer" or "approval"
    at_step = models.IntegerField(default=0)
    steps_done = models.IntegerField(default=0)
    cause = models.UUIDField(default=uuid7)
    key = models.CharField(max_length=160, null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)  # what a webhook sent
    afresh = models.JSONField(
        default=list, blank=True
    )  # places whose step failed after it was done; -1 as `at_step` does them
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    DERIVED: ClassVar[frozenset[str]] = frozenset({
        "name", "version_number", "record", "state", "why", "waits_until", "started_at", "ended_at", "workflow", "record_id",
    })  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("run"), _("runs")
        constraints = [models.UniqueConstraint(fields=["workflow", "key"], name="run_once")]
        indexes = [
            models.Index(fields=["id"], name="run_queued", condition=models.Q(state="queued")),
            models.Index(fields=["waits_until"], name="run_waiting", condition=models.Q(state="waiting")),
            models.Index(
                fields=["record", "record_id", "waits_for"], name="run_waits_for", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["cause", "workflow"], name="run_cause"),
            models.Index(fields=["workflow", "-created_at"], name="run_of_workflow"),
            models.Index(fields=["record", "record_id"], name="run_of_row"),
        ]

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.name = self.name or self.workflow.name
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name]


class StepState(models.TextChoices):
    DONE = "done", _("Done")
    WAITING = "waiting", _("Waiting")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Passed over")
    UNDONE = "undone", _("Taken back")


class RunStep(models.Model):
    """What became of one step. `operation` takes back what it did; `attempts` counts tries of a call."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    position = models.IntegerField()  # in the version's line
    kind = models.CharField(max_length=20, default="", blank=True)  # "webhook": what `do` says
    number = models.CharField(max_length=40)  # as people read it: "2", "2a.1"
    state = models.CharField(max_length=10, choices=StepState.choices)
    what = models.TextField()
    result = models.TextField(default="", blank=True)
    error = models.TextField(default="", blank=True)
    operation = models.BigIntegerField(null=True)
    wrote = models.BigIntegerField(null=True)  # the message, where it was a mail
    attempts = models.SmallIntegerField(default=1)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["run", "id"], name="run_steps"),
            models.Index(fields=["-id"], condition=models.Q(kind="webhook", state="failed"), name="run_call_given_up"),
            models.Index(
                fields=["ended_at"], condition=models.Q(kind="webhook", state="done"), name="run_call_answered"
            ),
        ]


class Matched(models.Model):
    """A row that met the filter of a workflow when last looked at; one that is new here has just begun to."""

    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="+")
    row_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "row_id"], name="matched_once")]


class Pause(models.Model):
    """All automation rests from one moment to another."""

    began_at = models.DateTimeField(default=timezone.now)
    began_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
