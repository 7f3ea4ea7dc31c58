"""How often people are contacted: the organisation's limits, and what machines sent of their own accord."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Limits(models.Model):
    """The one row: how many mails and calls one person gets in seven days; empty for any number."""

    id = models.SmallAutoField(primary_key=True)
    mails = models.PositiveSmallIntegerField(null=True, blank=True)
    calls = models.PositiveSmallIntegerField(null=True, blank=True)


class Contact(models.Model):
    """A mail that a machine sent somebody of its own accord: through what, and the row that says more. Mails and calls of
    colleagues stand on their stories already, and are counted there."""

    person = models.ForeignKey("contacts.Person", models.CASCADE, related_name="outreach")
    at = models.DateTimeField(default=timezone.now)
    through = models.CharField(max_length=20)
    name = models.CharField(max_length=200, default="", blank=True)
    record = models.CharField(max_length=40, default="", blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at"], name="outreach_person"),
            models.Index(fields=["at"], name="outreach_at"),
        ]
