"""Where a value was found: one row for each value that a provider gave and nobody has changed since."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Provenance(models.Model):
    """`value` is what was written, in JSON form: once the row holds another one, this tells nothing of it."""

    id = models.BigAutoField(primary_key=True)
    record = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    column = models.CharField(max_length=80)
    value = models.JSONField(null=True)
    provider = models.CharField(max_length=40)
    source = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "record_id", "column"], name="contacts_provenance_once")
        ]
