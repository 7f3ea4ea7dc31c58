"""What somebody sent to be reviewed, until it is applied or another one comes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Proposal(models.Model):
    """`files`: {path: text}; `faults`: sentences of a rehearsal when it came. One a person."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    files = models.JSONField()
    faults = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
