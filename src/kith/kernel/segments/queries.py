"""Reading segments: who is in as far as the reader may see them, who came and left, in which segments a row is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.lookups import IsNull

from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import Group
from kith.kernel.records.queries import capped_count
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import INSIDE, Exclusion, Membership, Segment


def members(actor: Actor, segment: Segment) -> QuerySet[Any]:
    """The rows that are in, of those that the actor may see."""
    inside = Membership.objects.filter(INSIDE, segment=segment).values("row_id")
    rows: QuerySet[Any] = registry[segment.subject].rows(actor, archived=False).filter(pk__in=inside)
    return rows


def count(actor: Actor, segment: Segment, cap: int = 1000) -> tuple[int, bool]:
    """(how many are in, whether that is exact) as far as the actor sees them."""
    return capped_count(members(actor, segment), cap)


def live_count(actor: Actor, subject: str, tree: Group, cap: int = 1000) -> tuple[int, bool]:
    """How many would be in now by these conditions, capped; parts that cannot be used are left out."""
    record = registry[subject]
    return capped_count(compile_tree(record, tree, actor).apply(record.rows(actor, archived=False)), cap)


@dataclass(frozen=True)
class Passage:
    """Somebody came or left. `row` is the row itself."""

    at: Any
    row: Any
    came: bool
    stay: Membership


def passages(actor: Actor, segment: Segment, limit: int = 20) -> list[Passage]:
    """The latest comings and goings, newest first, of rows that the actor may see. The first members are none."""
    stays = Membership.objects.filter(segment=segment)
    came = list(stays.exclude(came_why="built").order_by("-came_at", "-pk")[: 2 * limit])
    left = list(stays.filter(left_at__isnull=False).order_by("-left_at", "-pk")[: 2 * limit])
    rows = registry[segment.subject].rows(actor).in_bulk({stay.row_id for stay in (*came, *left)})
    found = [Passage(s.came_at, rows[s.row_id], True, s) for s in came if s.row_id in rows]
    found += [Passage(s.left_at, rows[s.row_id], False, s) for s in left if s.row_id in rows]
    return sorted(found, key=lambda p: (p.at, p.stay.pk), reverse=True)[:limit]


def segments_of(actor: Actor, subject: str, pk: int) -> list[Membership]:
    """The stays of a row that last, with their segments, of segments that the actor may see."""
    seen = registry["segment"].rows(actor, archived=False).filter(subject=subject)
    stays = Membership.objects.filter(INSIDE, row_id=pk, segment__in=seen)
    return list(stays.select_related("segment").order_by("segment__name"))


def was_in(actor: Actor, subject: str, pk: int) -> list[Membership]:
    """Every stay of a row with its segment, of segments that the actor may see: those that last first, then the latest."""
    seen = registry["segment"].rows(actor, archived=False).filter(subject=subject)
    stays = Membership.objects.filter(row_id=pk, segment__in=seen).select_related("segment")
    return list(stays.order_by(IsNull(F("left_at"), True).desc(), "-came_at", "-pk"))


def exclusions(segment: Segment) -> list[Exclusion]:
    return list(Exclusion.objects.filter(segment=segment).select_related("other").order_by("pk"))
