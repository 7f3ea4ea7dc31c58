"""Clocks that warn and run out: told once for each stay, as events that workflows can wait for, and to the owner."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.types import EventType
from kith.process.events import ClockRanOut, ClockWarned
from kith.process.models import RUNNING, Journey
from kith.process.versions import definition_of

MOST = 5000  # in one go; the rest a minute later
WARNED, RAN_OUT = 1, 2


def tell_clocks() -> int:
    """Say of every journey whose clock warns or ran out since it was last asked; returns of how many."""
    now = timezone.now()
    due = Q(due_at__lt=now) | Q(told__lt=WARNED, warn_at__lt=now)
    rows = Journey.objects.filter(RUNNING, due, told__lt=RAN_OUT).order_by("due_at", "pk")[:MOST]

    def apply(row: Any) -> list[EventType]:
        stage = definition_of(row.process_id, row.held_to).by_key.get(row.stage)
        told = {"stage": row.stage, "stage_name": stage.name if stage else row.stage, "due": row.due_at.isoformat()}
        if row.due_at < now:
            row.told = RAN_OUT
            return [ClockRanOut(**told)]
        row.told = WARNED
        return [ClockWarned(**told)]

    return change_many(rows, apply, by=system())
