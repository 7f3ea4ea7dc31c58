"""Fields that an organisation adds to a record type; values live in the row's `custom` JSON under a stable key."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomField(models.Model):
    record = models.CharField(max_length=40)
    key = models.SlugField(max_length=40)
    label = models.CharField(_("Label"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=20)
    options = models.JSONField(
        default=dict, blank=True
    )  # choice: {"choices": {"key": "Label"}}, link: {"target": "company"}
    help = models.CharField(max_length=300, default="", blank=True)
    section = models.CharField(max_length=120, default="", blank=True)
    required = models.BooleanField(default=False)
    indexed = models.BooleanField(default=False)  # filterable and sortable at full speed
    personal = models.CharField(max_length=120, default="", blank=True)
    position = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["record", "key"], name="custom_key_once")]

    def __str__(self) -> str:
        return self.label
