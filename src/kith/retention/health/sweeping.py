"""Everybody again, in batches by key: at night, because days pass, and after what health is made of changed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from kith.kernel.jobs.progress import report_progress
from kith.retention.customers import RECORDS, batch_of, batches, rows
from kith.retention.health.computing import in_a_row, keep
from kith.retention.models import Care

BATCH = 2000
PROGRESS = "retention.everybody"


def everybody() -> int:
    """Work everybody's health out again; returns how many changed. A second run on the same day changes nothing."""
    from kith.retention.churn.applying import keep as keep_chances

    changed = done = 0
    for found in batches(BATCH):
        with transaction.atomic():
            in_a_row()
            batch = batch_of(found.every())  # some may have left or joined a company while this waited
            changed += keep(batch)
            keep_chances(batch)
        done += len(found)
        report_progress(PROGRESS, done, 0)
    forget_gone()
    return changed


@transaction.atomic
def forget_gone() -> None:
    """Rows of those who are customers no more go; their history stays."""
    in_a_row()
    for record in RECORDS:
        there = rows(record).order_by().filter(pk=OuterRef(record))
        Care.objects.filter(~Exists(there), **{f"{record}__isnull": False}).delete()
