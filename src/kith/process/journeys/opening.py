"""Opening journeys: one row and one event each, set by set, in the transaction of what opened them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from kith.kernel.access.actor import Actor
from kith.kernel.records.bulk_create import Maker
from kith.kernel.records.registry import registry
from kith.kernel.search.words import learn
from kith.kernel.timeline.types import EventType
from kith.kernel.timeline.write import Entry, write_events
from kith.process.events import JourneyOpened
from kith.process.journeys.choosing import by_process
from kith.process.journeys.customers import BEARERS, Customer, customers_of
from kith.process.journeys.entering import begin, entered, segments_of
from kith.process.models import Journey


def open_journeys(
    customers: Sequence[Customer], *, at: dict[tuple[str, int], dt.datetime], on: str, by: Actor
) -> list[Customer]:
    """Begin a journey for each of these customers who is on none, in the process that is for them; returns them with it.
    `at`: when, by customer."""
    lock(customers)
    fresh = [c for c in customers_of([c.ref for c in customers]) if c.journey is None]
    past = last_of(fresh)
    made: list[Journey] = []
    told: list[tuple[Journey, EventType, dt.datetime]] = []
    for running, theirs in by_process(fresh):
        segments, first = segments_of(running.definition, theirs), running.definition.first
        for c in theirs:
            c.journey = begin(c, running, at=at[c.ref], segment=segments.get(c.ref, ""), earlier=past.get(c.ref))
            made.append(c.journey)
            opened = JourneyOpened(**entered(c.journey, first), process=running.process.name, on=on)
            told.append((c.journey, opened, c.journey.opened_at))
    write_journeys(made, told, by)
    return fresh


def write_journeys(made: Sequence[Journey], told: Sequence[tuple[Journey, EventType, dt.datetime]], by: Actor) -> None:
    """Insert journeys with the events that tell how they went, the first event of each with its columns."""
    if not made:
        return
    maker = Maker(registry["journey"])
    for journey in made:
        journey.created_at = journey.opened_at
        journey.derive()
    maker.insert(list(made))
    learn({word for journey in made for word in journey.search.split()})
    for link in ("owner", "team"):  # their names stand in the events; read once for all
        prefetch_related_objects([j for j in made if getattr(j, f"{link}_id")], link)
    seen: set[int] = set()
    entries = []
    for journey, event, when in told:
        changes = {} if journey.pk in seen else maker.changes(journey)
        seen.add(journey.pk)
        entries.append(Entry("journey", journey.pk, event, changes, journey.about(), when))
    write_events(entries, by)


def lock(customers: Sequence[Customer]) -> None:
    """Two who write about one customer at the same time open one journey, not two. In order of ids, against deadlocks."""
    for bearer in BEARERS:
        pks = [pk for name, pk in (c.ref for c in customers) if name == bearer]
        if pks:
            rows = registry[bearer].model._default_manager.select_for_update(no_key=True, of=("self",))
            list(rows.filter(pk__in=pks).order_by("pk").values_list("pk", flat=True))


def last_of(customers: Sequence[Customer]) -> dict[tuple[str, int], Journey]:
    """The journey that each of these customers ended last, if any."""
    out: dict[tuple[str, int], Journey] = {}
    for bearer in BEARERS:
        pks = [pk for name, pk in (c.ref for c in customers) if name == bearer]
        if pks:
            ended = Journey.objects.filter(**{f"{bearer}__in": pks}, closed_at__isnull=False).order_by(
                bearer, "-closed_at"
            )
            out |= {(bearer, getattr(j, f"{bearer}_id")): j for j in ended.distinct(bearer)}
    return out
