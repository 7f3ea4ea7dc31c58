"""What happens to customers brings their journeys on: the listener between the timeline and the process.

A new person or company opens a journey, an event that a stage names moves it there (`advancing.py`). It is the same
transaction and operation as what happened, so that undoing that undoes this.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from kith.kernel.access.actor import Actor, system
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.models import EventLink, Operation
from kith.kernel.timeline.types import Archived, EventType, Restored
from kith.kernel.timeline.write import Entry
from kith.process.events import ACCEPTED
from kith.process.journeys.advancing import advance, holds
from kith.process.journeys.branching import resegment
from kith.process.journeys.carrying import catch_up
from kith.process.journeys.customers import BEARERS, Customer, customers_of
from kith.process.journeys.opening import open_journeys
from kith.process.journeys.together import go_together
from kith.process.models import RUNNING, Journey
from kith.process.stays import TELLING
from kith.process.versions import in_use

OPENS = ("person.created", "company.created", "person.captured")  # who comes back begins anew
LINKS = ("person.changed",)
REUNITES = ("person.merged", "person.restored", "company.restored")
OWN = TELLING | {"journey.held"}  # what is told of going on lets nobody be looked at again
AWAY = ("person.archived", "company.archived", "person.restored", "company.restored")
Ref = tuple[str, int]


def handles(verb: str) -> bool:
    """Does this event say anything to a journey? Nothing does while no process is published."""
    return bool(in_use()) and (_follows(verb) or verb in {*LINKS, *REUNITES, *AWAY} or (holds() and verb not in OWN))


def _follows(verb: str) -> bool:
    """Does this open journeys, or bring them on?"""
    stages = [s for one in in_use().values() for s in one.definition.stages]
    return verb in OPENS or any(verb in s.enters_on or (verb == ACCEPTED and s.handover) for s in stages)


def hear(entries: list[Entry], by: Actor) -> None:
    """Let journeys follow these events."""
    actor = dataclasses.replace(system(cause=entries[0].id), operation=by.operation)
    _put_away([e for e in entries if _verb(e) in AWAY], actor)
    _agree(entries, actor)
    followed = _by_ref(e for e in entries if _follows(_verb(e)) or _links(e))
    heard = _by_ref(e for e in entries if _verb(e) not in AWAY) if holds() else followed
    customers = customers_of(heard)
    _open(customers, followed, actor)
    advance([(c.journey, _about(c, heard)) for c in customers if c.journey is not None], actor)


def _links(entry: Entry) -> bool:
    """Does a person belong to another company from now on?"""
    return _verb(entry) in LINKS and "company" in entry.changes


def _by_ref(entries: Iterable[Entry]) -> dict[Ref, list[Entry]]:
    """What happened with each person and company."""
    out: dict[Ref, list[Entry]] = {}
    for e in entries:
        for ref in dict.fromkeys([(e.record, e.record_id), *e.about]):
            if ref[0] in BEARERS:
                out.setdefault(ref, []).append(e)
    return out


def _verb(entry: Entry) -> str:
    return entry.says.verb_for(entry.record)


def _about(customer: Customer, by_ref: dict[Ref, list[Entry]]) -> list[Entry]:
    """What was told of a customer: of the company itself, or of somebody there, each event once."""
    told = (e for ref in (customer.ref, *customer.people) for e in by_ref.get(ref, ()))
    return list({id(e): e for e in told}.values())


def _open(customers: Sequence[Customer], by_ref: dict[Ref, list[Entry]], by: Actor) -> None:
    without = [c for c in customers if c.journey is None and _about(c, by_ref)]
    if not without:
        return
    at = {c.ref: min(e.at or timezone.now() for e in _about(c, by_ref)) for c in without}
    on = _verb(_about(without[0], by_ref)[0])
    opened = {c.ref: c.journey for c in open_journeys(without, at=at, on=on, by=by)}
    for c in without:
        c.journey = opened.get(c.ref)


def _agree(entries: Sequence[Entry], by: Actor) -> None:
    """Whoever belongs to a company from now on, or comes back with it, goes its way."""
    told = [e for e in entries if _links(e) or _verb(e) in REUNITES]
    if told:
        ids = {bearer: [e.record_id for e in told if e.record == bearer] for bearer in BEARERS}
        go_together(people=ids["person"], companies=ids["company"], on=_verb(told[0]), by=by)


def _put_away(entries: Sequence[Entry], by: Actor) -> None:
    """Journeys of customers who are put away, or brought back, go with them."""
    for bearer in BEARERS:
        gone, back = (
            [e.record_id for e in entries if _verb(e) == f"{bearer}.{verb}"] for verb in ("archived", "restored")
        )
        if gone:
            rows = Journey.objects.filter(**{f"{bearer}__in": gone}, archived_at__isnull=True)
            change_many(rows.order_by("pk"), lambda row: _archive(row, True), by=by)
        if back:
            change_many(_coming_back(bearer, back).order_by("pk"), lambda row: _archive(row, False), by=by)
            resegment(list(Journey.objects.filter(RUNNING, **{f"{bearer}__in": back})), by)


def _coming_back(bearer: str, pks: Sequence[int]) -> QuerySet[Journey]:
    """What comes back with these customers: journeys that ended, and the one that went on. What was undone stays away."""
    undone = Operation.objects.filter(undone_at__isnull=False).values("pk")
    begun = EventLink.objects.filter(
        record="journey", record_id=OuterRef("pk"), event__verb="journey.created", event__operation__in=undone
    )
    away = Journey.objects.filter(~Exists(begun), **{f"{bearer}__in": pks}, archived_at__isnull=False)
    there = Journey.objects.filter(RUNNING, **{f"{bearer}__in": pks}).values(bearer)
    going = away.filter(closed_at=None).exclude(**{f"{bearer}__in": there}).order_by(bearer, "-archived_at")
    return Journey.objects.filter(
        Q(pk__in=away.filter(closed_at__isnull=False).values("pk")) | Q(pk__in=going.distinct(bearer).values("pk"))
    )


def _archive(row: Journey, away: bool) -> list[EventType]:
    row.archived_at = timezone.now() if away else None
    if away:
        return [Archived()]
    return [Restored(), *(catch_up(row) if row.is_running else ())]
