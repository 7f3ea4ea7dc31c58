"""The chances of everybody, after something was learned: in batches by key, each a transaction."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kith.kernel.records.registry import registry
from kith.qualification.predicting.applying import document, forget, keep

BATCH = 2000
MARGIN = 7  # days by which a night may have been missed


def apply_to_everybody() -> int:
    """Write everybody's chance; returns of how many people. Where nothing is predicted, chances are taken away."""
    if document() is None:
        return forget()
    return _keep_all(registry["person"].model._default_manager.filter(archived_at__isnull=True))


def let_age() -> int:
    """Write the chances of those anew for whom nothing is decided yet and whom the days that passed may have moved."""
    age = (document() or {}).get("ageing")
    if not age or not age["shifts"]:
        return 0
    since = timezone.now() - dt.timedelta(days=age["shifts"][-1][0] + MARGIN)
    return _keep_all(registry["person"].model._default_manager.filter(archived_at__isnull=True, created_at__gt=since))


def _keep_all(rows: QuerySet[Any]) -> int:
    last, done = 0, 0
    while people := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            keep(people)
        last, done = people[-1], done + len(people)
    return done
