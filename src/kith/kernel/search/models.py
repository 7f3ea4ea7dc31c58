"""The dictionary of distinct words in all records, for forgiving a typo without a database extension."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Word(models.Model):
    word = models.CharField(max_length=60, primary_key=True)
    trigrams = ArrayField(models.CharField(max_length=3))

    class Meta:
        indexes = [GinIndex(fields=["trigrams"], name="word_trigrams")]
