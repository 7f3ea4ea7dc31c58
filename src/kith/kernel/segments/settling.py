"""Marked rows in batches: every segment of their type looks at them again, in the order in which segments lean on each
other, and what moved is explained from the event that did it.

A batch is taken off the list only when all segments have looked, so that a killed worker leaves it for the next one;
looking twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kith.kernel.lookups.finding import AnyOf
from kith.kernel.lookups.tree import Group, to_text
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.segments.evaluating import Moved, differing, lock, lock_free, look_again
from kith.kernel.segments.judging import judge
from kith.kernel.segments.models import INSIDE, Dirty, How, Listed, Membership, Segment, Why
from kith.kernel.segments.trees import KITH, Seen, seen, tree_of
from kith.kernel.segments.watching import LOOKERS
from kith.kernel.timeline.models import Event
from kith.kernel.zones import zone

BATCH = 5000
Rows = dict[int, UUID | None]  # ids with the last event that spoke of each


def settle() -> int:
    """Look at one batch of marked rows; returns how many marks it held, 0 when none waits."""
    marks = list(Dirty.objects.order_by("pk").values_list("pk", "record", "row_id", "event")[:BATCH])
    if not marks:
        return 0
    rows: dict[str, Rows] = {}
    for _pk, record, row_id, event in marks:
        rows.setdefault(record, {})[row_id] = event
    found = seen()
    with timezone.override(zone(current().time_zone)):
        _segments_look(found, rows)
        for looker in LOOKERS:  # after the segments: what they keep may ask who is in one
            changed = {
                record: {pk: _event(rows, record, pk) for pk in pks} for record, pks in looker.look(rows).items() if pks
            }
            if changed:  # and the other way round, once: two that lean on each other do not go on for ever
                _segments_look(found, changed)
    Dirty.objects.filter(pk__in=[pk for pk, *_rest in marks]).delete()
    return len(marks)


def _event(rows: dict[str, Rows], record: str, pk: int) -> UUID | None:
    return rows.get(record, {}).get(pk)


def _segments_look(found: Seen, rows: dict[str, Rows]) -> None:
    for subject, segments in found.order.items():
        for part in _pieces(concerned(subject, found.via[subject], rows)):
            done = _look_at_plain([pk for pk in segments if pk in found.plain], part)
            for pk in segments:
                if pk not in done:
                    _look(pk, part)


def concerned(subject: str, via: Iterable[tuple[str, str]], rows: dict[str, Rows]) -> Rows:
    """Marked rows of a type, and those that link to a marked row by a column that conditions read."""
    out = dict(rows.get(subject, {}))
    model = registry[subject].model
    for link, target in via:
        if marked := rows.get(target):
            through = model._default_manager.filter(AnyOf(f"{link}_id", list(marked)), archived_at__isnull=True)
            for pk, linked in through.values_list("pk", f"{link}_id"):
                out.setdefault(pk, marked[linked])
    return out


def _pieces(rows: Rows) -> Iterator[Rows]:
    every = list(rows.items())
    for start in range(0, len(every), BATCH):
        yield dict(every[start : start + BATCH])


def _look_at_plain(segments: list[int], rows: Rows) -> set[int]:
    """Look with all plain segments at once, and closer with those for which somebody comes or goes; returns those that are
    done. Segments that somebody else looks at just now are left, to be waited for. Asked under their locks: what a look
    that was under way missed is seen here."""
    if not segments:
        return set()
    with transaction.atomic():
        free = lock_free(segments)
        found = Segment.objects.filter(pk__in=free, archived_at__isnull=True, evaluated_at__isnull=False).order_by("pk")
        for segment in differing(list(found), list(rows)):
            _move(segment, rows)
    return free


def _look(pk: int, rows: Rows) -> None:
    with transaction.atomic():
        lock(pk)
        segment = Segment.objects.filter(pk=pk, archived_at__isnull=True).first()
        if (
            segment is not None and segment.evaluated_at is not None
        ):  # else its first look at everybody is still to come
            _move(segment, rows)


def _move(segment: Segment, rows: Rows) -> None:
    moved = look_again(segment, list(rows))
    if moved is not None and (moved.came or moved.gone):
        explain(segment, moved, rows)


def explain(segment: Segment, moved: Moved, rows: Rows) -> None:
    """Write to the stays that just began and ended which condition decided, and which event did it."""
    parts = parts_of(segment)
    events = {e.pk: e for e in Event.objects.filter(pk__in={event for event in rows.values() if event})}
    stays = Membership.objects.filter(segment=segment)
    came = list(stays.filter(INSIDE, AnyOf("row_id", list(moved.came))))
    for stay in came:
        event = events.get(rows.get(stay.row_id))  # type: ignore[arg-type]
        stay.came_event = event.pk if event else None
        stay.came_why, stay.came_part = _why_in(segment, parts, event, stay.row_id)
    Membership.objects.bulk_update(came, ["came_event", "came_why", "came_part"], batch_size=1000)
    gone = _just_left(segment, moved.gone)
    truth = judge(registry[segment.subject], parts, moved.gone, KITH) if gone else {}
    kept = _still(segment, moved.gone) if gone else set()
    for stay in gone:
        stay.left_event = rows.get(stay.row_id)
        stay.left_why, stay.left_part = _why_out(segment, parts, truth.get(stay.row_id, []), stay.row_id in kept)
    Membership.objects.bulk_update(gone, ["left_event", "left_why", "left_part"], batch_size=1000)


def _just_left(segment: Segment, pks: Sequence[int]) -> list[Membership]:
    left = Membership.objects.filter(AnyOf("row_id", list(pks)), segment=segment, left_at__isnull=False)
    return list(left.order_by("row_id", "-left_at", "-pk").distinct("row_id"))


def _still(segment: Segment, pks: Iterable[int]) -> set[int]:
    """Rows that are not archived, and on the list where there is one: what keeps them out is an exclusion or a condition."""
    rows = registry[segment.subject].model._default_manager.filter(AnyOf("pk", list(pks)), archived_at__isnull=True)
    if segment.how == How.STATIC:
        rows = rows.filter(pk__in=Listed.objects.filter(segment=segment).values("row_id"))
    return set(rows.values_list("pk", flat=True))


def parts_of(segment: Segment) -> list[Group]:
    """The conditions that must all hold, each as a tree of its own; none for a list."""
    if segment.how == How.STATIC:
        return []
    tree = tree_of(segment)
    if tree.how != "all":
        return [tree]
    return [part if isinstance(part, Group) else Group("all", (part,)) for part in tree.parts]


def _why_in(segment: Segment, parts: list[Group], event: Any, pk: int) -> tuple[str, str]:
    if segment.how == How.STATIC:
        return Why.LISTED, ""
    if event is None:  # something was worked out again: a score, how well they fit
        told = next((part for part in parts if _is_worked_out(segment, part)), None)
        return (Why.CHANGE, to_text(told)) if told is not None else (Why.RULE, "")
    if event.record == segment.subject and event.record_id == pk and event.verb.endswith(".created"):
        return Why.NEW, ""
    told = next((part for part in parts if _speaks_of(segment, part, event, pk)), None)
    return Why.CHANGE, to_text(told) if told is not None else ""


def _is_worked_out(segment: Segment, part: Group) -> bool:
    """Does the condition read what jobs keep about the row, and no event tells?"""
    columns = registry[segment.subject].columns()
    asked = [(columns.get(c.column), c.values) for c in part.conditions()]
    return any(c is not None and c.expr is not None and not c.kind.told_by(values) for c, values in asked)


def _speaks_of(segment: Segment, part: Group, event: Any, pk: int) -> bool:
    """Could this event have changed what the condition says of the row?"""
    columns = registry[segment.subject].columns()
    own = event.record == segment.subject and event.record_id == pk
    for condition in part.conditions():
        column = columns.get(condition.column)
        if column is None:
            continue
        if verb := column.kind.told_by(condition.values):
            if event.verb == verb:
                return True
            continue
        if own and (condition.column in event.changes or column.path in event.changes):
            return True
        if column.facts.of:
            link, _dot, rest = column.facts.of.partition(".")
            if (own and link in event.changes) or (event.record == columns[link].kind.target and rest in event.changes):  # type: ignore[attr-defined]
                return True
        if column.expr is not None or (column.derived and not column.facts.of):
            return not own or not event.changes
    return False


def _why_out(segment: Segment, parts: list[Group], truth: list[bool | None], still: bool) -> tuple[str, str]:
    unmet = next((part for part, met in zip(parts, truth, strict=False) if met is not True), None)
    if unmet is not None and still:
        return Why.CHANGE, to_text(unmet)
    if still:
        return Why.SHUT, ""
    return (Why.LISTED if segment.how == How.STATIC else Why.GONE), ""
