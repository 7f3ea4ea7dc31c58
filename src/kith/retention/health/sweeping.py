"""Everybody again, in batches by key: at night, because days pass, and after what health is made of changed."""

from __future__ import annotations

from django.db import transaction

from kith.kernel.jobs.progress import report_progress
from kith.retention.customers import RECORDS, batches, rows
from kith.retention.health.computing import keep
from kith.retention.models import Care

BATCH = 2000
PROGRESS = "retention.everybody"


def everybody() -> int:
    """Work everybody's health out again; returns how many changed. A second run on the same day changes nothing."""
    from kith.retention.churn.applying import keep as keep_chances

    changed = done = 0
    for batch in batches(BATCH):
        with transaction.atomic():
            changed += keep(batch)
            keep_chances(batch)
        done += len(batch)
        report_progress(PROGRESS, done, 0)
    forget_gone()
    return changed


def forget_gone() -> None:
    """Rows of those who are customers no more go; their history stays."""
    for record in RECORDS:
        gone = Care.objects.filter(**{f"{record}__isnull": False})
        gone.exclude(**{f"{record}__in": rows(record).values("pk")}).delete()
