"""What goes together in orders, as it was learned last."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Together(models.Model):
    """One row. `rules`: [[has, product, both, of, lift]], products by id, the surest first; see `suggestions/proposing.py`."""

    rules = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)
