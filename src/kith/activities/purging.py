"""Notices go some time after they were read, and much later where nobody read them; a mail that waits keeps its own."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from kith.activities.models import Notice

BATCH, MOST = 5_000, 500_000  # notices in one statement, and in one night


def purge_notices(most: int = MOST) -> int:
    """Delete notices older than they are kept, batch by batch; returns how many went."""
    now, old = timezone.now(), Q(pk__in=[])
    if read := settings.KEEP_DAYS["READ_NOTICES"]:
        old |= Q(read_at__lt=now - dt.timedelta(days=read))
    if unread := settings.KEEP_DAYS["NOTICES"]:
        old |= Q(read_at=None, at__lt=now - dt.timedelta(days=unread))
    ids = list(Notice.objects.filter(old, mail="").order_by("pk").values_list("pk", flat=True)[:most])
    for start in range(0, len(ids), BATCH):
        Notice.objects.filter(old, pk__in=ids[start : start + BATCH]).delete()
    return len(ids)
