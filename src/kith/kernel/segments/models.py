"""Tables of segments: what gathers, what a list holds, who is kept out, who was in from when to when, and what waits to be
looked at again.

A membership is a stay: it begins with why somebody came and ends with why they left, so that members and history are one
table. Rows are meant by the segment's type and their id, since a segment gathers rows of any one type.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.records.models import Owned, RecordModel, list_indexes
from kith.kernel.text import fold

INSIDE = models.Q(left_at__isnull=True)


class How(models.TextChoices):
    DYNAMIC = "dynamic", _("By conditions")
    STATIC = "static", _("By a list")


class Why(models.TextChoices):
    """Why somebody came or left."""

    BUILT = "built", _("when the segment was made")
    CHANGE = "change", _("by a change")
    NEW = "new", _("when it was added to Kith")
    TIME = "time", _("by the passing of time")
    RULE = "rule", _("when the segment was changed")
    LISTED = "listed", _("put on the list, or taken off it")
    SHUT = "shut", _("by an exclusion")
    GONE = "gone", _("archived")


class Segment(RecordModel, Owned):
    """`conditions` is a filter tree in its text form; `problem` says why the members stand still; `members` is how many
    there were when it was last looked at; `timed`: the passing of time alone may change who is in."""

    name = models.CharField(_("Name"), max_length=120)
    key = models.SlugField(_("Key"), max_length=80, default="", blank=True, db_index=False)
    subject = models.CharField(_("Of"), max_length=40, default="person")
    how = models.CharField(_("Gathered"), max_length=8, choices=How.choices, default=How.DYNAMIC)
    conditions = models.TextField(_("Conditions"), default="", blank=True)
    about_text = models.TextField(_("What it is for"), default="", blank=True)
    members = models.IntegerField(_("Members"), default=0)
    timed = models.BooleanField(_("Follows the calendar"), default=False)
    evaluated_at = models.DateTimeField(_("Looked at"), null=True, blank=True)
    problem = models.TextField(_("Stands still because"), default="", blank=True)

    DERIVED = frozenset({"key", "members", "timed", "evaluated_at", "problem"})

    class Meta:
        verbose_name, verbose_name_plural = _("segment"), _("segments")
        indexes = list_indexes("segment", "name", "updated_at", "owner", "members")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="segment_key_once",
                violation_error_message=_("There is a segment of this name already; choose another name."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.key = self.key or slugify(fold(self.name))[:80]
        super().derive()

    def search_parts(self) -> list[str | None]:
        return [self.name, self.key]

    def verify(self) -> None:
        if not self.key:
            raise Invalid(__("Give the segment a name with at least one letter or digit."), "name")


class Listed(models.Model):
    """A row on the list of a static segment, whether an exclusion keeps it out or not."""

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="listed", db_index=False)
    record = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["segment", "row_id"], name="segment_listed_once"),
            models.Index(fields=["row_id", "record"], name="segment_listed_row"),
        ]


class Exclusion(models.Model):
    """Kept out whatever the conditions say: everybody of another segment, an address, or one row."""

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="exclusions")
    other = models.ForeignKey(Segment, models.CASCADE, null=True, related_name="keeps_out")
    identifier = models.CharField(max_length=260, default="")
    record = models.CharField(max_length=40, default="")
    row_id = models.BigIntegerField(null=True)
    words = models.CharField(max_length=300, default="")  # as it was typed, or the name it had
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["row_id", "record"], name="segment_shut_row", condition=models.Q(row_id__gt=0))]


class Membership(models.Model):
    """A stay in a segment. `came_part`, `left_part`: the condition (text form) that decided; the events that did it."""

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(  # the database need not look for each of a million rows that the segment is there
        Segment, models.CASCADE, related_name="memberships", db_index=False, db_constraint=False
    )
    row_id = models.BigIntegerField()
    came_at = models.DateTimeField(default=timezone.now)
    came_why = models.CharField(max_length=8, choices=Why.choices, default=Why.BUILT)
    came_part = models.TextField(default="")
    came_event = models.UUIDField(null=True)
    left_at = models.DateTimeField(null=True)
    left_why = models.CharField(max_length=8, choices=Why.choices, default="")
    left_part = models.TextField(default="")
    left_event = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "row_id"], name="segment_member_once", condition=INSIDE)
        ]
        indexes = [
            models.Index(fields=["row_id"], name="segment_member_row"),
            models.Index(fields=["segment", "-left_at"], name="segment_left", condition=~INSIDE),
            models.Index(
                fields=["segment", "-came_at"], name="segment_came", condition=INSIDE & ~models.Q(came_why=Why.BUILT)
            ),
        ]


class Dirty(models.Model):
    """A row that something happened to, so that segments look at it again; written in the change's own transaction."""

    id = models.BigAutoField(primary_key=True)
    record = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    event = models.UUIDField(null=True)
