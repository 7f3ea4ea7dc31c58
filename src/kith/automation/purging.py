"""Runs that ended long ago go, with the notes of their steps; the events they wrote stay on the timelines.

A run that is under way never goes, however long it waits. How long others are kept is the operator's to say.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kith.automation.models import OPEN_STATES, Run, RunStep

BATCH, MOST = 1_000, 200_000  # runs in one transaction, and in one night


def purge_runs(most: int = MOST) -> int:
    """Delete what ended longer ago than is kept, batch by batch; returns how many runs went. It can be stopped and begun
    again."""
    days = settings.KEEP_DAYS["RUNS"]
    if not days:
        return 0
    ended = Run.objects.filter(ended_at__lt=timezone.now() - dt.timedelta(days=days)).exclude(state__in=OPEN_STATES)
    ids, gone = list(ended.order_by("pk").values_list("pk", flat=True)[:most]), 0
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            held = ended.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids[start : start + BATCH])
            batch = list(held.values_list("pk", flat=True))  # one that is tried again at this moment stays
            RunStep.objects.filter(run__in=batch).delete()
            Run.objects.filter(pk__in=batch).delete()
        gone += len(batch)
    return gone
