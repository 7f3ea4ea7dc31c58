"""What happens to customers brings their journeys on: the listener between the timeline and the process.

A new person or company opens a journey, an event that a stage names moves it there, forward only. It is the same
transaction and operation as what happened, so that undoing that undoes this.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor, system
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.types import Archived, EventType, Restored
from kith.kernel.timeline.write import Entry
from kith.process.definition.shape import STRICT, Definition, Stage
from kith.process.events import Held
from kith.process.gates import asked_of, held_back
from kith.process.journeys.closing import join
from kith.process.journeys.customers import BEARERS, Customer, customers_of
from kith.process.journeys.moving import Step, move_row
from kith.process.journeys.opening import open_journeys
from kith.process.models import RUNNING, Journey
from kith.process.versions import definition_of, in_use

OPENS = ("person.created", "company.created", "person.captured")  # who comes back begins anew
LINKS = ("person.changed",)
AWAY = ("person.archived", "company.archived", "person.restored", "company.restored")
Ref = tuple[str, int]


def handles(verb: str) -> bool:
    """Does this event say anything to a journey? Nothing does while no process is published."""
    running = in_use()
    return bool(running) and (
        verb in OPENS or verb in LINKS or verb in AWAY
        or any(verb in stage.enters_on for one in running.values() for stage in one.definition.stages)
    )  # fmt: skip


def hear(entries: list[Entry], by: Actor) -> None:
    """Let journeys follow these events."""
    actor = dataclasses.replace(system(cause=entries[0].id), operation=by.operation)
    _put_away([e for e in entries if _verb(e) in AWAY], actor)
    told = [e for e in entries if _verb(e) not in AWAY and (_verb(e) not in LINKS or "company" in e.changes)]
    if not told:
        return
    _link([e for e in told if _verb(e) in LINKS], actor)
    by_ref: dict[Ref, list[Entry]] = {}
    for e in told:
        for ref in dict.fromkeys([(e.record, e.record_id), *e.about]):
            if ref[0] in BEARERS:
                by_ref.setdefault(ref, []).append(e)
    customers = customers_of(by_ref)
    _open(customers, by_ref, actor)
    _advance(customers, by_ref, actor)


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


def _advance(customers: Sequence[Customer], by_ref: dict[Ref, list[Entry]], by: Actor) -> None:
    """Move those forward whom an event brings to a later stage; several events of one batch in the order of their dates."""
    wanted: dict[int, list[tuple[Stage, dt.datetime, str]]] = {}
    journeys: dict[int, Journey] = {}
    for c in customers:
        if c.journey is None:
            continue
        definition = definition_of(c.journey.process_id, c.journey.held_to)
        for stage, at, verb in _stages(definition, c.journey, _about(c, by_ref)):
            wanted.setdefault(c.journey.pk, []).append((stage, at, verb))
            journeys[c.journey.pk] = c.journey
    if wanted:
        change_many(Journey.objects.filter(pk__in=list(wanted)), _mover(wanted, _facts(wanted, journeys)), by=by)


def _stages(definition: Definition, journey: Journey, entries: Iterable[Entry]) -> list[tuple[Stage, dt.datetime, str]]:
    """The stages that these events bring a journey to, later than where it stands, in order of time."""
    place, out = definition.order[journey.stage], []
    for e in sorted(entries, key=lambda e: e.at or timezone.now()):
        verb = _verb(e)
        found = [s for s in definition.stages if verb in s.enters_on and s.is_for(journey.segment)]
        later = [s for s in found if definition.order[s.key] > place]
        if later:
            place = definition.order[later[0].key]
            out.append((later[0], max(e.at or timezone.now(), journey.entered_at), verb))
    return out


def _facts(wanted: dict[int, Any], journeys: dict[int, Journey]) -> dict[int, tuple[tuple[str, ...], set[str]]]:
    """{journey: (what its gate misses, keys of wanted stages whose entry rule it does not meet)}, stage by stage."""
    missing: dict[int, tuple[str, ...]] = {}
    closed: dict[int, set[str]] = {pk: set() for pk in wanted}
    groups: dict[tuple[int, int, str], list[Journey]] = {}
    for pk in wanted:
        j = journeys[pk]
        groups.setdefault((j.process_id, j.held_to, j.stage), []).append(j)
    for (process, number, key), here in groups.items():
        definition = definition_of(process, number)
        for pk, asked in asked_of(definition.by_key[key], here).items():
            missing[pk] = tuple(a.need.says for a in asked if not a.met)
        for stage in {stage for j in here for stage, _at, _verb in wanted[j.pk] if stage.entry}:
            for pk in held_back(stage, [j for j in here if any(s is stage for s, _a, _v in wanted[j.pk])]):
                closed[pk].add(stage.key)
    return {pk: (missing.get(pk, ()), closed[pk]) for pk in wanted}


def _mover(wanted: dict[int, Any], facts: dict[int, Any]) -> Any:
    def apply(row: Journey) -> list[EventType | tuple[EventType, dt.datetime]]:
        definition = definition_of(row.process_id, row.held_to)
        missing, closed = facts[row.pk]
        said: list[EventType | tuple[EventType, dt.datetime]] = []
        for stage, at, verb in wanted[row.pk]:
            here = definition.by_key[row.stage]
            if definition.order[stage.key] <= definition.order[here.key] or stage.key in closed:
                continue
            if here.gate == STRICT and missing:
                return [*said, Held(here.key, here.name, stage.key, ", ".join(missing))]
            skipped = tuple(definition.by_key[k] for k in definition.skipped(here.key, stage.key, row.segment))
            said.append((move_row(row, definition, stage, at, Step(skipped, missing, on=verb)), at))
            missing = ()
        return said

    return apply


def _link(entries: Sequence[Entry], by: Actor) -> None:
    """A person who belongs to a company from now on goes its way: their own journey ends in that of the company."""
    own = Journey.objects.filter(RUNNING, person__in=[e.record_id for e in entries], person__company__isnull=False)
    for journey in own.select_related("person") if entries else ():
        [company] = customers_of([("company", journey.person.company_id)]) or [None]
        if company is None:
            continue
        if company.journey is None:
            open_journeys([company], at={company.ref: journey.opened_at}, on="person.changed", by=by)
            [company] = customers_of([company.ref])
        if company.journey is not None:
            join(journey, company.journey, by=by)


def _put_away(entries: Sequence[Entry], by: Actor) -> None:
    """Journeys of customers who are put away, or brought back, go with them."""
    for verb, away in (("archived", True), ("restored", False)):
        for bearer in BEARERS:
            pks = [e.record_id for e in entries if _verb(e) == f"{bearer}.{verb}"]
            if pks:
                rows = Journey.objects.filter(**{f"{bearer}__in": pks}, archived_at__isnull=away)
                change_many(rows.order_by("pk"), lambda row, away=away: _archive(row, away), by=by)


def _archive(row: Journey, away: bool) -> list[EventType]:
    row.archived_at = timezone.now() if away else None
    return [Archived() if away else Restored()]
