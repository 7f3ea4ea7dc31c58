"""The chances of everybody, after something was learned: in batches by key, each a transaction."""

from __future__ import annotations

from django.db import transaction

from kith.kernel.records.registry import registry
from kith.qualification.predicting.applying import document, forget, keep

BATCH = 2000


def apply_to_everybody() -> int:
    """Write everybody's chance; returns of how many people. Where nothing is predicted, chances are taken away."""
    if document() is None:
        return forget()
    rows, last, done = registry["person"].model._default_manager.filter(archived_at__isnull=True), 0, 0
    while people := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            keep(people)
        last, done = people[-1], done + len(people)
    return done
