"""Conformance: what became of each stage of the way in one journey, by the versions that held at the time.

Stages are known by their keys, so a new name changes no verdict. A stage that a later version added where a journey had
already passed was never asked of it; one that a later version removed is judged by the version that still had it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kith.process.evidence.walks import Held, Walk, held_at, moves

if TYPE_CHECKING:
    from kith.process.definition.shape import Definition

DONE, HERE, ENDED, SKIPPED, AHEAD = "done", "here", "ended", "skipped", "ahead"


@dataclass(frozen=True)
class Mark:
    """What became of one stage.

    `state`: DONE (left for another, or the journey ended well in it), HERE (in it now), ENDED (the journey ended in it,
    not well), SKIPPED (passed over and never made good), AHEAD (not reached yet, or never to be).
    `times` it was entered; `late` of these ended, or are by now, past their due; `out_of_order`: first entered when a
    later stage had already been entered, or while it was not on the way of the segment at all.
    """

    stage: str
    state: str
    times: int = 0
    late: int = 0
    out_of_order: bool = False

    @property
    def repeated(self) -> bool:
        return self.times > 1


@dataclass(frozen=True)
class Verdict:
    """One journey, stage by stage, in the order of the version that held last; stages gone since stand at the end."""

    journey: int
    marks: tuple[Mark, ...]

    def of(self, stage: str) -> Mark | None:
        return next((mark for mark in self.marks if mark.stage == stage), None)

    def keys(self, state: str) -> tuple[str, ...]:
        return tuple(mark.stage for mark in self.marks if mark.state == state)

    @property
    def skipped(self) -> tuple[str, ...]:
        return self.keys(SKIPPED)

    @property
    def conforms(self) -> bool:
        """Nothing skipped, out of order or late. Going back is part of life, so repeats do not count against it."""
        return not any(m.state == SKIPPED or m.out_of_order or m.late for m in self.marks)


@dataclass
class _Seen:
    times: dict[str, int] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, None] = field(default_factory=dict)
    astray: set[str] = field(default_factory=set)


def judge(held: Held, walk: Walk, now: dt.datetime, latest: Definition | None = None) -> Verdict:
    """What became of every stage of the walk's way.

    `latest` is the definition whose stages may still be ahead (else the one that held at the last step). A walk without
    steps needs it: raises ValueError without.
    """
    if latest is None:
        if not walk.steps:
            raise ValueError(f"Journey {walk.journey} has no steps, so nothing says which definition it is under.")
        latest = held_at(held, walk.steps[-1])
    seen = _look(held, walk, now)
    way = [stage.key for stage in latest.way(walk.segment)]
    known = dict.fromkeys([*way, *seen.times, *seen.skipped])
    ordered = sorted(known, key=lambda key: latest.order.get(key, len(latest.order)))
    return Verdict(walk.journey, tuple(_mark(key, seen, walk) for key in ordered))


def _look(held: Held, walk: Walk, now: dt.datetime) -> _Seen:
    seen = _Seen()
    before = ""
    changes = moves(held, walk)
    for step in walk.steps:
        if step.stage != before:
            move = next(changes)
            seen.skipped.update(dict.fromkeys(move.skipped))
            if step.stage not in seen.times and _astray(held_at(held, step), step.stage, walk.segment, seen.times):
                seen.astray.add(step.stage)
            seen.times[step.stage] = seen.times.get(step.stage, 0) + 1
        seen.late[step.stage] = seen.late.get(step.stage, 0) + step.late(walk.closed or now)
        before = step.stage
    return seen


def _astray(definition: Definition, key: str, segment: str, before: Iterable[str]) -> bool:
    """Is this stage not on the way of the segment, or does it stand before one that was entered already?"""
    stage, order = definition.by_key.get(key), definition.order
    if stage is None or not stage.is_for(segment):
        return True
    return any(order.get(other, -1) > order[key] for other in before)


def _mark(key: str, seen: _Seen, walk: Walk) -> Mark:
    times = seen.times.get(key, 0)
    return Mark(key, _state(key, times, seen, walk), times, seen.late.get(key, 0), key in seen.astray)


def _state(key: str, times: int, seen: _Seen, walk: Walk) -> str:
    if not times:
        return SKIPPED if key in seen.skipped else AHEAD
    if key != walk.steps[-1].stage:
        return DONE
    if walk.closed is None:
        return HERE
    return ENDED if walk.lost else DONE


@dataclass
class Count:
    """How many journeys met a stage in which way. `late` and `repeated` count journeys, not stays."""

    done: int = 0
    skipped: int = 0
    repeated: int = 0
    out_of_order: int = 0
    late: int = 0
    here: int = 0
    ended: int = 0
    ahead: int = 0


@dataclass
class Conformance:
    """Verdicts added up; the order in which they come makes no difference."""

    journeys: int = 0
    conforming: int = 0
    stages: dict[str, Count] = field(default_factory=dict)

    def add(self, verdict: Verdict, times: int = 1) -> None:
        self.journeys += times
        self.conforming += times * verdict.conforms
        for mark in verdict.marks:
            count = self.stages.setdefault(mark.stage, Count())
            setattr(count, mark.state, getattr(count, mark.state) + times)
            count.repeated += times * mark.repeated
            count.out_of_order += times * mark.out_of_order
            count.late += times * bool(mark.late)


def conformance(held: Held, walks: Iterable[Walk], now: dt.datetime, latest: Definition | None = None) -> Conformance:
    """Every walk judged and counted; reads each once, keeps none."""
    out = Conformance()
    for walk in walks:
        out.add(judge(held, walk, now, latest))
    return out
