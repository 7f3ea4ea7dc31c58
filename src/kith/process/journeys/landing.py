"""Where a relationship comes in that goes over to another process, and what of that process's strict gates it would go round.

It comes in as if it had walked there from where it last stood in that process, or else from where journeys begin: every strict
gate on that walk is asked, so that no way through a second process and back leads round one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kith.process.definition.naming import stage_called
from kith.process.definition.shape import STRICT, Definition, Stage
from kith.process.gates import Barred, Ref, asked_of, held_back, ref_of, strict_of
from kith.process.journeys.customers import Customer
from kith.process.journeys.entering import segments_of
from kith.process.models import Journey
from kith.process.versions import InForce

MOST_BACK = 50  # changes of process that are looked through for the last stand in this one


@dataclass(frozen=True)
class Landing:
    """The stage, and the strict gates on the way there that are closed."""

    stage: Stage
    barred: tuple[Barred, ...] = ()


def named(to: InForce, key: str) -> Stage | None:
    """The stage that somebody named. Raises Invalid for one there is not."""
    return stage_called(to.definition, key) if key else None


def landings(
    journeys: Sequence[Journey], customers: dict[Ref, Customer], to: InForce, key: str = ""
) -> dict[int, Landing]:
    """{journey id: where it comes in}. Where no stage is named it comes in before the first strict gate that is closed."""
    wish, definition = named(to, key), to.definition
    segments, before = segments_of(definition, list(customers.values())), stood(journeys, to)
    aims = {j.pk: wish or _alike(j, definition) for j in journeys}
    starts = {j.pk: _start(before.get(j.pk), definition) for j in journeys}
    asked = _asked(journeys, definition, before)
    out: dict[int, Landing] = {}
    for j in journeys:
        shut = shut_on_way(definition, starts[j.pk], aims[j.pk], segments.get(ref_of(j), ""), j, asked)
        out[j.pk] = Landing(aims[j.pk], tuple(shut)) if wish or not shut else Landing(shut[0].stage)
    return out


@dataclass(frozen=True)
class Entrance:
    """A stage where a relationship may come in from another process. `usual`: where it lands, where journeys begin, or the way on
    from there; else `why` says what speaks against it, and whoever wants it there all the same says why."""

    stage: Stage
    usual: bool
    why: str = ""


def entrances(journey: Journey, customers: dict[Ref, Customer], to: InForce) -> list[Entrance]:
    """Where this one may come in, in the order of the stages; those behind a strict gate that is closed are none."""
    definition = to.definition
    segment = segments_of(definition, list(customers.values())).get(ref_of(journey), "")
    before = stood([journey], to)
    start, aim, asked = (
        _start(before.get(journey.pk), definition),
        _alike(journey, definition),
        _asked([journey], definition, before),
    )
    shut = shut_on_way(definition, start, aim, segment, journey, asked)
    lands = shut[0].stage if shut else aim
    ways = definition.named_ways(lands.key, segment) or (definition.next_of(lands.key, segment),)
    usual = {s.key for s in (definition.first, lands, *ways) if s is not None}
    out = []
    for stage in definition.stages:
        if shut_on_way(definition, start, stage, segment, journey, asked):
            continue
        why = _against(stage, segment, journey, definition, stage.key in usual)
        out.append(Entrance(stage, not why, why))
    return out


def _against(stage: Stage, segment: str, journey: Journey, definition: Definition, usual: bool) -> str:
    if not stage.is_for(segment):
        names = {s.key: s.name for s in definition.segments}
        return _("only for %s") % ", ".join(names.get(key, key) for key in stage.only)
    if held_back(stage, [journey]):
        return _("who may enter is not met")
    return "" if usual else _("not where it would come in")


def shut_on_way(
    definition: Definition,
    here: Stage,
    to: Stage,
    segment: str,
    journey: Journey,
    asked: dict[str, dict[int, tuple[str, ...]]],
) -> list[Barred]:
    """The strict gates that are closed on the walk from here to there."""
    on_the_way = walked(definition, here, to, segment)
    return [Barred(s, asked[s.key][journey.pk]) for s in on_the_way if asked[s.key][journey.pk]]


def _alike(journey: Journey, definition: Definition) -> Stage:
    """The stage with the same key or the same number, else the first."""
    way = {s.key: s for s in definition.way()}  # what is for everybody
    alike = (s for s in way.values() if s.step == journey.step)
    return way.get(journey.stage) or next(alike, definition.first)


def _start(last: Journey | None, definition: Definition) -> Stage:
    return definition.by_key.get(last.stage, definition.first) if last else definition.first


def walked(definition: Definition, here: Stage, to: Stage, segment: str) -> list[Stage]:
    """The strict stages that a walk from here to there goes through or past."""
    if definition.order[to.key] <= definition.order[here.key]:
        return []
    first = [here] if here.gate == STRICT and here.is_for(segment) else []
    return [*first, *strict_of(definition, definition.skipped(here.key, to.key, segment))]


def stood(journeys: Sequence[Journey], to: InForce) -> dict[int, Journey]:
    """{journey id: the journey that this relationship was on in that process last, before it went over}."""
    out: dict[int, Journey] = {}
    rest = {j.pk: j.earlier_id for j in journeys if j.came_over and j.earlier_id}
    for _step in range(MOST_BACK):
        if not rest:
            break
        rows = Journey.objects.in_bulk(set(rest.values()))
        ends = {pk: rows[earlier] for pk, earlier in rest.items() if earlier in rows}
        out |= {pk: row for pk, row in ends.items() if row.process_id == to.process.pk}
        rest = {pk: row.earlier_id for pk, row in ends.items() if pk not in out and row.came_over and row.earlier_id}
    return out


def _asked(
    journeys: Sequence[Journey], definition: Definition, before: dict[int, Journey]
) -> dict[str, dict[int, tuple[str, ...]]]:
    """{strict stage: {journey id: what its gate misses}}. What was ticked, or happened, while it last stood there counts."""
    out: dict[str, dict[int, tuple[str, ...]]] = {}
    for stage in definition.stages:
        if stage.gate == STRICT:
            now, then = asked_of(stage, journeys), asked_of(stage, list(before.values()))
            out[stage.key] = {}
            for j in journeys:
                earlier = {a.need.key for a in then.get(before[j.pk].pk, ()) if a.met} if j.pk in before else set()
                out[stage.key][j.pk] = tuple(a.says for a in now[j.pk] if not a.met and a.need.key not in earlier)
    return out
