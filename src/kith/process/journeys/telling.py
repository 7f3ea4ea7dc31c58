"""Journeys as they went, told afterwards: for customers who were there before the process was, and for a sample company.

A walk is what happened in order; from it come the journey, its events on their own dates, and so its stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.timeline.types import EventType
from kith.process.definition.shape import Definition
from kith.process.events import JourneyClosed, JourneyOpened
from kith.process.journeys.clocks import told_by
from kith.process.journeys.customers import Customer
from kith.process.journeys.entering import bear, enter, entered
from kith.process.journeys.moving import Step, move_row
from kith.process.journeys.opening import write_journeys
from kith.process.models import Journey, Process


@dataclass(frozen=True)
class Entry:
    """One stage entered: its key, when, by which event ("" by hand), and why where something was left out."""

    stage: str
    at: dt.datetime
    on: str = ""
    reason: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Walk:
    """The way of one customer: the stages in order of time, the first where journeys begin; `ended` is (when, outcome, why)."""

    ref: tuple[str, int]
    row: Any
    entries: tuple[Entry, ...]
    segment: str = ""
    ended: tuple[dt.datetime, str, str] | None = None


@dataclass(frozen=True)
class Under:
    """The process and version that walks are told under; the version need not be in force yet."""

    process: Process
    number: int
    definition: Definition


def tell(walks: Sequence[Walk], under: Under, *, by: Actor) -> list[Journey]:
    """Write these walks, one journey each, in the caller's transaction; nobody of them may be on a journey."""
    made: list[Journey] = []
    told: list[tuple[Journey, EventType, dt.datetime]] = []
    for walk in walks:
        journey, events = _walk(walk, under)
        made.append(journey)
        told += [(journey, event, at) for event, at in events]
    write_journeys(made, told, by)
    return made


def _walk(walk: Walk, under: Under) -> tuple[Journey, list[tuple[EventType, dt.datetime]]]:
    definition, first = under.definition, walk.entries[0]
    journey = Journey(process=under.process, held_to=under.number, segment=walk.segment, opened_at=first.at)
    setattr(journey, Customer(walk.ref, walk.row).ref[0], walk.row)
    bear(journey, walk.row)
    begins = definition.by_key[first.stage]
    enter(journey, definition, begins, first.at)
    opened = JourneyOpened(**entered(journey, begins), process=under.process.name, on=first.on)
    events: list[tuple[EventType, dt.datetime]] = [(opened, first.at)]
    for one in walk.entries[1:]:
        to = definition.by_key[one.stage]
        skipped = tuple(definition.by_key[k] for k in definition.skipped(journey.stage, to.key, walk.segment))
        back = definition.order[to.key] < definition.order[journey.stage]
        step = Step(skipped, one.missing, one.reason, one.on, back=back)
        events.append((move_row(journey, definition, to, one.at, step), one.at))
    journey.told = told_by(journey, timezone.now())  # what ran out before Kith knew of it is no news
    journey.silent_at = None  # watched from now on, see `silence.catch_up`
    if walk.ended is not None:
        at, outcome, reason = walk.ended
        journey.closed_at, journey.outcome, journey.reason = at, outcome, reason
        journey.due_at = journey.warn_at = None
        events.append((JourneyClosed(outcome, reason, journey.stage), at))
    return journey, events
