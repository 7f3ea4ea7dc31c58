"""The one append-only timeline, its links to records, deliveries to readers, and operations that can be undone.

Timelines of people, companies and deals are filters over `EventLink`. The database itself refuses to change or
delete an event (migration 0002), except inside an erasure that says so.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.ids import uuid7


class Event(models.Model):
    """Something that happened. `at`: when it happened; `recorded_at`: when Kith learned of it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, default="")
    channel = models.CharField(max_length=12)
    verb = models.CharField(max_length=60)
    record = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    changes = models.JSONField(default=dict)  # {column key: [old, new]} in the kinds' JSON form
    payload = models.JSONField(default=dict)
    cause = models.UUIDField(null=True)
    operation = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["verb", "at"], name="event_verb_at"),
            models.Index(fields=["operation"], name="event_operation", condition=models.Q(operation__isnull=False)),
        ]


class EventLink(models.Model):
    """An event shows on this record's timeline. `chip` is the kind of entry, for the timeline's filter chips."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="links")
    record = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    at = models.DateTimeField()
    chip = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(fields=["record", "record_id", "-at", "-event"], name="event_link_timeline"),
            models.Index(fields=["event"], name="event_link_event"),  # what an event is about: workflows, replay, undo
        ]


class Delivery(models.Model):
    """One reader still has to see one event; written in the event's own transaction, done when `done_at` is set."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.DO_NOTHING, db_constraint=False)
    reader = models.CharField(max_length=40)
    done_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "reader"], name="delivered_once")]
        indexes = [
            models.Index(fields=["reader", "id"], name="delivery_open", condition=models.Q(done_at__isnull=True))
        ]


class Operation(models.Model):
    """A change that can be taken back as a whole: an edit, a stage move, a merge, an import, a bulk edit."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=60)
    label = models.CharField(_("What"), max_length=300)
    at = models.DateTimeField(default=timezone.now)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, default="")
    channel = models.CharField(max_length=12)
    record = models.CharField(max_length=40, default="")
    count = models.IntegerField(default=0)
    data = models.JSONField(default=dict)  # what the kind's own undo needs
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, default="")
    conflicts = models.JSONField(default=list)  # values that an undo left alone because they were edited since

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="operation_at"),
            models.Index(fields=["actor_id", "-at"], name="operation_actor"),
        ]
