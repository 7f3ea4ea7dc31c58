"""What keeps segments current beside the pages: marked rows at once, whole segments when they change, and those that
follow the calendar every hour.
"""

from __future__ import annotations

from kith.kernel.jobs import enqueue, job
from kith.kernel.segments import evaluating, settling
from kith.kernel.segments.models import Dirty, Exclusion, Segment, Why
from kith.kernel.segments.timing import name_what_time_did
from kith.kernel.segments.trees import seen, segments_named, tree_of
from kith.kernel.segments.watching import SETTLE

AT_ONCE = 20  # batches of one job; the rest is another job's, so that others have their turn


@job(SETTLE, label="Look again at rows that something happened to", priority=5)
def settle() -> None:
    """Running it twice changes nothing the second time."""
    for _n in range(AT_ONCE):
        if not settling.settle():
            return
    if Dirty.objects.exists():
        enqueue(SETTLE, key=SETTLE, lock=SETTLE)


@job("segments.rebuild", label="Look at everybody for a segment")
def rebuild(segment: int, why: str = Why.RULE) -> None:
    """The segments that lean on this one follow, where somebody came or left."""
    moved = evaluating.rebuild(segment, why)
    if moved is None or not (moved.n_came or moved.n_gone):
        return
    if why == Why.TIME:
        name_what_time_did(segment)
    for pk in leaning_on(segment):
        enqueue("segments.rebuild", key=f"segments.rebuild:{pk}", segment=pk, why=why)


@job("segments.calendar", every="3 * * * *", label="Look again at segments that follow the calendar")
def calendar() -> None:
    """Only those whose conditions speak of days that move, and those that could not be used and may be mended by now."""
    for subject in seen().order.values():
        for pk in subject:
            one = Segment.objects.filter(pk=pk).only("timed", "problem").first()
            if one is not None and (one.timed or one.problem):
                rebuild.function(segment=pk, why=Why.TIME)


@job("segments.night", every="23 3 * * *", label="Look again at every segment")
def night() -> None:
    """Once a night at everybody: a change that was under way while a segment was being made may not have marked its rows."""
    for subject in seen().order.values():
        for pk in subject:
            if (moved := evaluating.rebuild(pk, Why.TIME)) is not None and (moved.n_came or moved.n_gone):
                name_what_time_did(pk)


def leaning_on(pk: int) -> list[int]:
    """Ids of segments that speak of this one, in conditions or as an exclusion."""
    one = Segment.objects.filter(pk=pk).first()
    if one is None:
        return []
    others = Segment.objects.filter(archived_at__isnull=True, subject=one.subject).exclude(pk=pk)
    shut = set(Exclusion.objects.filter(other=one).values_list("segment_id", flat=True))
    return [s.pk for s in others if s.pk in shut or {one.key, one.name} & segments_named(tree_of(s))]
