"""Mails whose reader agreed that it is noted whether they opened them and which links they followed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class TrackedMail(models.Model):
    """One mail that carries an image and links of ours: of a mailing (`recipient`) or of a sequence (`step`). `at` is when it
    was made ready to leave; `machines` counts what was perhaps a machine's, and nothing else does."""

    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="tracked_mails")
    recipient = models.OneToOneField("engagement.Recipient", models.CASCADE, null=True, related_name="tracked")
    step = models.OneToOneField("engagement.Step", models.CASCADE, null=True, related_name="tracked")
    at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    opens = models.PositiveIntegerField(default=0, db_default=0)
    clicks = models.PositiveIntegerField(default=0, db_default=0)
    machines = models.PositiveIntegerField(default=0, db_default=0)


class TrackedLink(models.Model):
    """A link of such a mail that was asked for, once however often: the address stands here and in no event, so that it can be
    forgotten."""

    mail = models.ForeignKey(TrackedMail, models.CASCADE, related_name="links", db_index=False)
    url = models.CharField(max_length=1500)
    at = models.DateTimeField(default=timezone.now)
    clicks = models.PositiveIntegerField(default=0, db_default=0)
    machines = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mail", "url"], name="tracked_link_once")]
