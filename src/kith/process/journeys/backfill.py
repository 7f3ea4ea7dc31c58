"""Journeys of customers who were there before the first process was published: read from what their timelines tell.

Stage by stage as the events came that stages name, forward only, so that the map has a past from its first day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from kith.kernel.access.actor import Actor, system
from kith.kernel.jobs.progress import report_progress
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import EventLink
from kith.process.definition.shape import Definition
from kith.process.journeys.choosing import by_process
from kith.process.journeys.customers import Customer
from kith.process.journeys.entering import segments_of
from kith.process.journeys.opening import lock
from kith.process.journeys.telling import Entry, Under, Walk, tell
from kith.process.models import Journey
from kith.process.versions import standard

BATCH = 500


def without_journey() -> int:
    """How many customers were never on a journey."""
    return sum(_rows(bearer).count() for bearer in ("company", "person"))


def _rows(bearer: str) -> QuerySet[Any]:
    rows = registry[bearer].model._default_manager.filter(archived_at__isnull=True)
    rows = rows.filter(company__isnull=True) if bearer == "person" else rows
    return rows.filter(~Exists(Journey.objects.filter(**{bearer: OuterRef("pk")})))


def backfill(*, by: Actor | None = None) -> int:
    """Tell the journeys of everybody who is on none, batch by batch; returns how many. It can be stopped and begun again."""
    if standard() is None:
        return 0
    done, total, actor = 0, without_journey(), by or system()
    for bearer in ("company", "person"):
        while rows := list(_rows(bearer).order_by("pk")[:BATCH]):
            with transaction.atomic():
                customers = [Customer((bearer, row.pk), row) for row in rows]
                lock(customers)
                for running, theirs in by_process(customers):
                    _tell(theirs, Under(running.process, running.number, running.definition), actor)
            done += len(rows)
            report_progress("process.backfill", done, total)
    return done


def _tell(customers: list[Customer], under: Under, by: Actor) -> None:
    """The journeys of these customers under one process."""
    segments = segments_of(under.definition, customers)
    told = _told(customers, under.definition)
    walks = [_walk(c, under.definition, segments.get(c.ref, ""), told.get(c.ref, [])) for c in customers]
    tell(walks, under, by=by)


Told = list[tuple[dt.datetime, str]]


def _told(customers: list[Customer], definition: Definition) -> dict[tuple[str, int], Told]:
    """{customer: (when, verb) of the events that stages name, in order of time}; one query for customers of one kind."""
    [record] = {c.ref[0] for c in customers}
    verbs = {verb for stage in definition.stages for verb in stage.enters_on}
    links = EventLink.objects.filter(
        record=record, record_id__in=[c.ref[1] for c in customers], event__verb__in=list(verbs)
    )
    out: dict[tuple[str, int], Told] = {}
    for pk, at, verb in links.order_by("record_id", "at", "event_id").values_list("record_id", "at", "event__verb"):
        out.setdefault((record, pk), []).append((at, verb))
    return out


def _walk(customer: Customer, definition: Definition, segment: str, told: Told) -> Walk:
    entries = tuple(_entries(customer, definition, segment, told))
    return Walk(customer.ref, customer.row, entries, segment)


def _entries(customer: Customer, definition: Definition, segment: str, told: Told) -> Iterator[Entry]:
    """Where journeys begin, and every later stage that something brought them to, in order of time."""
    stages = {verb: s for s in reversed(definition.way(segment)) for verb in s.enters_on}
    begun = min([customer.row.created_at, *(at for at, _verb in told[:1])])
    yield Entry(definition.first.key, begun, f"{customer.ref[0]}.created")
    place = definition.order[definition.first.key]
    for at, verb in told:
        stage = stages.get(verb)
        if stage is not None and definition.order[stage.key] > place:
            place = definition.order[stage.key]
            yield Entry(stage.key, at, verb)
