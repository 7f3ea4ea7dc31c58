"""A journey as it went: its steps in time, how it ended, and what is known about it. Plain values, no database.

Every figure of this package is made of walks, whether they come from the database, a file or a test.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kith.process.definition.shape import Definition

WELL = ""  # the outcome of a journey that ended as it should
JOINED = "joined"  # of one that went on as part of another; every other outcome is a loss with a name


@dataclass(frozen=True)
class Step:
    """One stay in one stage. `left` is None while it lasts, `due` is None where nothing was promised.

    `version` names the definition that held when the stage was entered; 0 where there is only one.
    """

    stage: str
    entered: dt.datetime
    left: dt.datetime | None = None
    due: dt.datetime | None = None
    version: int = 0

    def late(self, now: dt.datetime) -> bool:
        """Was it left after it was due, or is it past due by now?"""
        return self.due is not None and (self.left or now) > self.due


@dataclass(frozen=True)
class Walk:
    """`steps` stand in the order in which they were entered. `outcome` says how a closed journey ended (`WELL`: well).

    `facts` are what journeys are compared by: size, source, value and so on. One that `came_over` from another process
    skipped nothing of what lies before its first step.
    """

    journey: int
    segment: str
    steps: tuple[Step, ...]
    opened: dt.datetime
    closed: dt.datetime | None = None
    outcome: str = WELL
    facts: Mapping[str, Any] = field(default_factory=dict)
    came_over: bool = False

    @property
    def lost(self) -> bool:
        return self.closed is not None and self.outcome not in (WELL, JOINED)

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(step.stage for step in self.steps)


# What held when: one definition for all, one by version, or whatever finds it for a step.
Held = Definition | Mapping[int, Definition] | Callable[[Step], Definition]


def held_at(held: Held, step: Step) -> Definition:
    """The definition by which a step is judged. Raises LookupError where its version is not among them."""
    if isinstance(held, Definition):
        return held
    if isinstance(held, Mapping):
        found = held.get(step.version)
        if found is None:
            raise LookupError(f"Version {step.version} is not known; the step “{step.stage}” cannot be judged.")
        return found
    return held(step)


FLOW, SKIP, BACK = "flow", "skip", "back"


@dataclass(frozen=True)
class Move:
    """From one step to the next (`of` is "" before the first), by the version that held when the new one was entered.

    `kind` is FLOW (onwards as designed), SKIP (onwards past `skipped`, none of which had been seen before) or BACK.
    """

    of: str
    to: str
    kind: str
    skipped: tuple[str, ...] = ()


def moves(held: Held, walk: Walk) -> Iterator[Move]:
    """All moves of a walk, the one into its first stage among them."""
    seen: set[str] = set()
    before: Step | None = None
    for step in walk.steps:
        if before is None or step.stage != before.stage:
            definition = held_at(held, step)
            of = "" if before is None else before.stage
            anchor = "" if before is None else anchor_of(of, held_at(held, before), definition)
            over = before is None and walk.came_over
            kind, passed = (FLOW, ()) if over else leap(definition, anchor, step.stage, walk.segment)
            missed = tuple(key for key in passed if key not in seen)
            yield Move(of, step.stage, FLOW if kind == SKIP and not missed else kind, missed)
        seen.add(step.stage)
        before = step


def leap(definition: Definition, of: str, to: str, segment: str) -> tuple[str, tuple[str, ...]]:
    """(kind, stages left out) of going from `of` to `to` under one definition, whatever was seen before.

    A stage the definition does not have is nowhere on the way: going there is onwards and leaves nothing out.
    """
    if to not in definition.order:
        return FLOW, ()
    if of and definition.order[to] < definition.order[of]:
        return BACK, ()
    passed = definition.skipped(of, to, segment)
    return (SKIP if passed else FLOW), passed


def anchor_of(stage: str, old: Definition, new: Definition) -> str:
    """Where a stage of an old version stands in the new one: itself, or the nearest before it that is still there."""
    if stage in new.order or stage not in old.order:
        return stage if stage in new.order else ""
    earlier = (s.key for s in reversed(old.stages[: old.order[stage]]) if s.key in new.order)
    return next(earlier, "")
