"""Which condition the passing of time decided: named on the stays that a look at everybody began and ended."""

from __future__ import annotations

import datetime as dt

from django.db.models.functions import Now
from django.utils import timezone

from kith.kernel.lookups.tree import to_text
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.segments.judging import judge
from kith.kernel.segments.models import INSIDE, Membership, Segment, Why
from kith.kernel.segments.settling import parts_of
from kith.kernel.segments.trees import KITH, is_timed
from kith.kernel.zones import zone

BATCH = 5000
JUST = dt.timedelta(hours=1)


def name_what_time_did(pk: int) -> None:
    """Of conditions that follow the calendar: the first that those who just left do not meet any more, and for those who came
    the one there is. Where several could have let somebody in, none is named."""
    segment = Segment.objects.filter(pk=pk).first()
    timed = [part for part in parts_of(segment) if is_timed(segment.subject, part)] if segment is not None else []
    if segment is None or not timed:
        return
    stays, since = Membership.objects.filter(segment=segment), Now() - JUST  # stays are written by the database's clock
    if len(timed) == 1:
        came = stays.filter(INSIDE, came_why=Why.TIME, came_part="", came_at__gte=since)
        came.update(came_part=to_text(timed[0]))
    left = list(stays.filter(left_why=Why.TIME, left_part="", left_at__gte=since).order_by("pk"))
    for start in range(0, len(left), BATCH):
        batch = left[start : start + BATCH]
        with timezone.override(zone(current().time_zone)):
            truth = judge(registry[segment.subject], timed, [stay.row_id for stay in batch], KITH)
        for stay in batch:
            met = truth.get(stay.row_id, [])
            stay.left_part = next((to_text(p) for p, yes in zip(timed, met, strict=False) if yes is not True), "")
        Membership.objects.bulk_update(batch, ["left_part"], batch_size=1000)
