"""Whoever has reached the goal of their sequence between two of its steps: asked of everybody at once, every few minutes."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from kith.engagement.engine import as_the_owner_reads
from kith.engagement.enrolling import stop
from kith.engagement.goals import why_reached
from kith.engagement.models import GOING, Enrolment, Outcome
from kith.engagement.queries import definition_of
from kith.kernel.access.actor import actor_for, system
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry


def look() -> int:
    """End the enrolments whose person meets the goal by now; returns how many were ended."""
    ended = 0
    for rows in _arrived():
        for row in rows.select_related("sequence", "person", "owner").order_by("pk").iterator(chunk_size=500):
            with transaction.atomic(), as_the_owner_reads(row):
                stop(row, Outcome.GOAL, why_reached(row), by=system())
            ended += 1
    return ended


def _arrived() -> Iterator[QuerySet[Enrolment]]:
    """Of each version that aims at something, those of each colleague who reached it: as far as that colleague sees people."""
    going = Enrolment.objects.filter(state__in=GOING, archived_at__isnull=True, owner__is_active=True)
    ways = going.order_by("sequence", "version_number", "owner").values_list("sequence", "version_number", "owner")
    record, owners = registry["person"], get_user_model().objects.in_bulk(set(going.values_list("owner", flat=True)))
    for sequence, number, owner in ways.distinct():
        goal, by = definition_of(sequence, number).goal, actor_for(owners[owner], "automation")
        rows = going.filter(sequence=sequence, version_number=number, owner=owner)
        if not goal:
            continue
        try:
            met = filtered(
                record, parse(goal), by, record.rows(by, archived=False).filter(pk__in=rows.values("person"))
            )
        except Invalid:  # a filter that cannot be asked any more; the engine says so where it is asked at a step
            continue
        yield rows.filter(person__in=met.values("pk"))
