"""Where events bring journeys: forward only, through the gates in between.

Nobody is there to give a reason, so a soft gate lets them through and what they leave out is told. A strict gate, an entry
rule that is not met and a hand-over that is not accepted hold them: that is told once, stays on the journey as `wanted`, and is looked at again whenever
something happens with the customer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor, system
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.types import EventType
from kith.kernel.timeline.write import Entry
from kith.process.definition.shape import STRICT, Definition, Stage
from kith.process.editor.words import say_rule
from kith.process.events import ACCEPTED, TIME, Held
from kith.process.gates import asked_of, barred, instead_of, strict_of, turned_away
from kith.process.journeys.moving import Step, hold, move_row
from kith.process.models import RUNNING, Journey
from kith.process.versions import definition_of, in_use

Wanted = list[tuple[Stage, dt.datetime, str]]
Said = list[EventType | tuple[EventType, dt.datetime]]


@dataclass
class Facts:
    """What holds one journey. `missing`: what the gate misses where it stands, and what strict gates further on miss;
    `closed`: why a stage does not take it yet, its entry rule or a hand-over that nobody accepted. Both by stage."""

    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    closed: dict[str, tuple[str, ...]] = field(default_factory=dict)


def holds() -> bool:
    """Can a process in use hold anybody back? Else nobody is ever looked at again."""
    return any(s.gate == STRICT or s.entry for one in in_use().values() for s in one.definition.stages)


def advance(told: Sequence[tuple[Journey, Sequence[Entry]]], by: Actor) -> None:
    """Move those journeys forward whom what happened brings to a later stage."""
    wanted: dict[int, Wanted] = {}
    for journey, entries in told:
        definition = definition_of(journey.process_id, journey.held_to)
        if found := _wanted(definition, journey, entries):
            wanted[journey.pk] = found
    _bring(wanted, [journey for journey, _entries in told], by)


def look_again(process: int, on: str, by: Actor) -> None:
    """Let those of a process who are held go on whose way is open by now; `on` is what happened."""
    let_on(list(Journey.objects.filter(RUNNING, process=process).exclude(wanted="")), on, by)


def let_on(held: Sequence[Journey], on: str, by: Actor) -> int:
    """Let those of these go on to the stage they wait for whose way is open; returns of how many something is to be said."""
    wanted: dict[int, Wanted] = {}
    for j in held:
        stage = definition_of(j.process_id, j.held_to).by_key.get(j.wanted)
        if stage is not None:
            wanted[j.pk] = [(stage, timezone.now(), on)]
    return _bring(wanted, held, by)


def _bring(wanted: dict[int, Wanted], journeys: Iterable[Journey], by: Actor) -> int:
    if not wanted:
        return 0
    facts = _facts(wanted, [j for j in journeys if j.pk in wanted])
    return change_many(Journey.objects.filter(pk__in=list(wanted)), _mover(wanted, facts), by=by)


def _wanted(definition: Definition, journey: Journey, entries: Iterable[Entry]) -> Wanted:
    """The stages that these events bring a journey to, later than where it stands, in order of time; last the one that it
    waits for."""
    place, at, verb = definition.order[journey.stage], journey.entered_at, ""
    out: Wanted = []
    for e in sorted(entries, key=lambda e: e.at or timezone.now()):
        verb, at = e.says.verb_for(e.record), max(e.at or timezone.now(), journey.entered_at)
        found = [s for s in definition.stages if s.is_for(journey.segment) and _brings(s, verb, e)]
        later = [s for s in found if definition.order[s.key] > place]
        if later:
            place = definition.order[later[0].key]
            out.append((later[0], at, verb))
    if verb and definition.order.get(journey.wanted, -1) > place:
        out.append((definition.by_key[journey.wanted], at, verb))
    return out


def _brings(stage: Stage, verb: str, entry: Entry) -> bool:
    """Does this event lead to that stage? What was accepted for a stage leads there, whatever else does."""
    return verb in stage.enters_on or (
        verb == ACCEPTED and stage.handover and entry.says.payload().get("stage") == stage.key
    )


def _facts(wanted: dict[int, Wanted], journeys: Sequence[Journey]) -> dict[int, Facts]:
    """What holds each journey, stage by stage: as many queries for one as for thousands."""
    out = {j.pk: Facts() for j in journeys}
    groups: dict[tuple[int, int, str], list[Journey]] = {}
    for j in journeys:
        groups.setdefault((j.process_id, j.held_to, j.stage), []).append(j)
    for (process, number, key), here in groups.items():
        definition = definition_of(process, number)
        for stage, rows in _gates(definition, definition.by_key[key], here, wanted):
            for pk, asked in asked_of(stage, rows).items():
                out[pk].missing[stage.key] = tuple(a.says for a in asked if not a.met)
        for stage in definition.stages:
            asks = stage.entry is not None or stage.handover
            rows = [j for j in here if asks and any(s.key == stage.key for s, _at, _verb in wanted[j.pk])]
            for pk, words in turned_away(stage, rows).items():
                out[pk].closed[stage.key] = words
    return out


def _gates(
    definition: Definition, here: Stage, journeys: Sequence[Journey], wanted: dict[int, Wanted]
) -> list[tuple[Stage, list[Journey]]]:
    """The gates to be asked, with whom: where they stand, and the strict ones before the last stage that each may reach."""
    found = [(here, list(journeys))]
    for stage in definition.stages:
        if stage.gate == STRICT and definition.order[stage.key] > definition.order[here.key]:
            rows = [
                j for j in journeys
                if stage.is_for(j.segment)
                and any(definition.order[to.key] > definition.order[stage.key] for to, _at, _verb in wanted[j.pk])
            ]  # fmt: skip
            found += [(stage, rows)] if rows else []
    return found


def _mover(wanted: dict[int, Wanted], facts: dict[int, Facts]) -> Callable[[Any], Said]:
    def apply(row: Journey) -> Said:
        definition = definition_of(row.process_id, row.held_to)
        said: Said = []
        held: Held | None = None
        for to, at, verb in wanted[row.pk]:
            here = definition.by_key[row.stage]
            if definition.order[to.key] <= definition.order[here.key]:
                continue
            skipped = definition.skipped(here.key, to.key, row.segment)
            shut = _shut(definition, here, to, row.segment, facts[row.pk])
            if lacks := [*shut, *facts[row.pk].closed.get(to.key, ())]:
                held = Held(here.key, here.name, to.key, ", ".join(lacks))
                if shut:
                    break
                continue
            missing, held = facts[row.pk].missing.get(here.key, ()), None
            left_out = tuple(definition.by_key[k] for k in skipped)
            met = say_rule(to.entry, system()) if verb == TIME else ""
            said.append((move_row(row, definition, to, at, Step(left_out, missing, on=verb, met=met)), at))
        return [*said, *hold(row, held)]

    return apply


def _shut(definition: Definition, here: Stage, to: Stage, segment: str, facts: Facts) -> list[str]:
    """What strict gates between here and there ask for, in words."""
    strict = strict_of(definition, definition.skipped(here.key, to.key, segment))
    instead = instead_of(definition, here.key, to.key, segment)
    passed = ((stage, facts.missing.get(stage.key, ())) for stage in strict)
    return [one.lacks(here) for one in barred(here, facts.missing.get(here.key, ()), instead, passed)]
