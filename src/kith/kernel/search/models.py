"""The dictionary of distinct words in all records, for forgiving a typo without a database extension; recent visits."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Word(models.Model):
    word = models.CharField(max_length=60, primary_key=True)
    trigrams = ArrayField(models.CharField(max_length=3))

    class Meta:
        indexes = [GinIndex(fields=["trigrams"], name="word_trigrams")]


class Visit(models.Model):
    """The last time a person opened a record, for "recent" in the palette."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    record = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "record", "record_id"], name="one_visit_per_row")]
        indexes = [models.Index(fields=["user", "-at"], name="visit_recent")]
