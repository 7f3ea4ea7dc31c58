"""Clocks that warn and run out: told once for each stay, as events that workflows can wait for, and to the owner."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.types import EventType
from kith.process.events import ClockRanOut, ClockWarned
from kith.process.journeys.alarms import Alarm, ring
from kith.process.models import RUNNING, Journey
from kith.process.versions import definition_of

MOST = 5000  # in one go; the rest a minute later
WARNED, RAN_OUT = 1, 2
FRESH = dt.timedelta(days=3)  # what was to be left before that is no news: it was told, or lies before Kith knew of it


def told_by(row: Journey, now: dt.datetime) -> int:
    """What there is no need to tell of the clock of a journey that is written down now, as it went before."""
    if row.due_at is not None and row.due_at < now:
        return RAN_OUT
    return WARNED if row.warn_at is not None and row.warn_at < now else 0


def tell_clocks() -> int:
    """Say of every journey whose clock warns or ran out since it was last asked; returns of how many."""
    now = timezone.now()
    due = Q(due_at__lt=now) | Q(told__lt=WARNED, warn_at__lt=now)
    rows = Journey.objects.filter(RUNNING, due, told__lt=RAN_OUT).order_by("due_at", "pk")[:MOST]
    alarms: dict[int, Alarm] = {}

    def apply(row: Any) -> list[EventType]:
        stage = definition_of(row.process_id, row.held_to).by_key.get(row.stage)
        name = stage.name if stage else row.stage
        told = {"stage": row.stage, "stage_name": name, "due": row.due_at.isoformat()}
        over = row.due_at < now
        row.told = RAN_OUT if over else WARNED
        if row.due_at > now - FRESH:
            alarms[row.pk] = Alarm(row.pk, row.name, name, row.owner_id, row.entered_at, row.due_at, over)
        return [ClockRanOut(**told) if over else ClockWarned(**told)]

    with transaction.atomic():
        count = change_many(rows, apply, by=system())
        ring(alarms.values())
    return count
