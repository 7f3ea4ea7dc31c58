"""Imports: each run, what became of each of its rows, and links that wait for rows of another file.

A run reads its file twice at most: once for the dry run and once to write. Rows are kept as they stood in the file, so
that columns nobody mapped are not lost and rejected rows can be handed back with the reason beside them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    NEW = "new", _("Waiting for its columns")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Stopped")
    CANCELLED = "cancelled", _("Given up")
    UNDOING = "undoing", _("Being taken back")
    UNDONE = "undone", _("Taken back")


class Verdict(models.TextChoices):
    CREATE = "create", _("New")
    UPDATE = "update", _("Changed")
    UNCHANGED = "unchanged", _("As it was")
    REJECT = "reject", _("Rejected")


class ImportRun(models.Model):
    """One file on its way in. `position` is the last row finished in the present pass: a restarted job goes on there."""

    target = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.NEW)
    file_name = models.CharField(_("File"), max_length=300)
    file = models.CharField(max_length=500, default="", blank=True)  # where it lies; "" once it is no longer needed
    size = models.BigIntegerField(default=0)
    headers = models.JSONField(default=list)
    unit = models.CharField(max_length=10, default="line")  # what row numbers count
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)  # verdict -> rows, and "waiting" -> links
    notes = models.JSONField(default=list)  # sentences about how the file was read
    position = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)  # rows in the file, known after the first pass
    seconds = models.FloatField(default=0)  # spent writing
    problem = models.TextField(default="", blank=True)
    operation = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        indexes = [models.Index(fields=["user", "-id"], name="import_run_user")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"


class ImportRow(models.Model):
    """A row of the file. `values`: what a rejected row or a dry run meant to write; `changes`: {column: [old, new]} of an
    update. What a created row was given stands in its own history."""

    pk = models.CompositePrimaryKey("run_id", "number")
    run = models.ForeignKey(ImportRun, models.CASCADE, db_index=False, related_name="rows")
    number = models.BigIntegerField()
    cells = models.JSONField()
    extra = models.JSONField(null=True)
    values = models.JSONField(null=True)
    changes = models.JSONField(null=True)
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    reasons = models.JSONField(default=list)
    record_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["run", "verdict", "number"], name="import_row_verdict"),
            models.Index(fields=["record_id"], name="import_row_record", condition=models.Q(record_id__isnull=False)),
        ]


class ImportKey(models.Model):
    """What a row of this file is recognised by, so that a later row of the same file is seen to be the same."""

    pk = models.CompositePrimaryKey("run_id", "key")
    run = models.ForeignKey(ImportRun, models.CASCADE, db_index=False, related_name="+")
    key = models.CharField(max_length=400)
    number = models.BigIntegerField()


class Unresolved(models.Model):
    """Words of a column that could not be taken as they are: links to nothing, spellings that look wrong."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, models.CASCADE, db_index=False, related_name="unresolved")
    column = models.CharField(max_length=200)  # name in the file
    to = models.CharField(max_length=80)  # where it goes
    value = models.CharField(max_length=300)
    why = models.CharField(max_length=12)  # "missing", "several", "choice", "spelling"
    rows = models.BigIntegerField()
    suggestions = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "column", "to", "value"], name="unresolved_once")]
        indexes = [models.Index(fields=["run", "-rows", "id"], name="unresolved_often")]


class PendingLink(models.Model):
    """A link whose other end has not come yet. `by` "id": `value` is an id of `source`; "name": a folded name. `tied`:
    the operation that found it; when that is taken back, the link waits again."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="waiting")
    record = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    column = models.CharField(max_length=80)
    target = models.CharField(max_length=40)
    by = models.CharField(max_length=4)
    source = models.CharField(max_length=60, default="", blank=True)
    value = models.CharField(max_length=300)
    words = models.CharField(max_length=300)
    tied = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "record_id", "column"], name="waits_for_one")]
        indexes = [
            models.Index(fields=["target", "by", "value"], name="pending_link_open", condition=models.Q(tied=None)),
            models.Index(fields=["tied"], name="pending_link_tied", condition=models.Q(tied__isnull=False)),
        ]


class SavedMapping(models.Model):
    """A mapping kept under a name, for the next file of the same shape; everybody who imports may use it. The document's
    own name is the name it had when it was kept; this one counts."""

    target = models.CharField(max_length=40)
    name = models.CharField(_("Name"), max_length=120)
    document = models.JSONField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)  # when a file was last read with it

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["target", "name"], name="one_mapping_of_a_name")]

    def __str__(self) -> str:
        return self.name
