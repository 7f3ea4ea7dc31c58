"""Everybody again, in batches by key: after rules changed, and at night for what fades or looks at dates."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from kith.kernel.jobs.progress import report_progress
from kith.kernel.records.registry import registry
from kith.qualification.checklist import companies
from kith.qualification.checklist.keeping import keep as keep_answers
from kith.qualification.models import Lead
from kith.qualification.scoring.computing import keep
from kith.qualification.scoring.rules import move_with_time

BATCH = 500  # what happens meanwhile waits for one batch at most
PROGRESS = "qualification.rescore"


def everybody() -> int:
    """Work all scores out again; returns how many changed. A second run changes nothing."""
    rows = registry["person"].model._default_manager.filter(archived_at__isnull=True)
    companies.everybody()
    return _batches(rows, "pk", answers=True)


def fading() -> int:
    """Those whose points lose weight with time; everybody while a rule looks at dates."""
    return everybody() if move_with_time() else _batches(Lead.objects.filter(fades=True), "person_id", answers=False)


def _batches(rows: Any, key: str, *, answers: bool) -> int:
    changed, last, done = 0, 0, 0
    while True:
        people = list(rows.filter(**{f"{key}__gt": last}).order_by(key).values_list(key, flat=True)[:BATCH])
        if not people:
            return changed
        with transaction.atomic():
            changed += keep(people)
            if answers:
                keep_answers(people)
        last, done = people[-1], done + len(people)
        report_progress(PROGRESS, done, 0)
