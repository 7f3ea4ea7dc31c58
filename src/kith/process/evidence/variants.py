"""The paths journeys took: how many took each, how long to the goal, what they were worth, who was still kept a year on.

Paths add up like tallies do. Their number is bounded: beyond `MOST` different ones the rarest are put together, totals stay
exact, and `short` says by how much the count of a single path may be too low.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from kith.process.definition.shape import Definition
from kith.process.evidence.bins import bin_of, quantile
from kith.process.evidence.walks import Walk

MOST = 20_000
DAY = dt.timedelta(days=1)
YEAR = 365 * DAY


@dataclass
class Taken:
    """Journeys of one path. `followed` of them are a year past the goal, and `kept` of these did not end by then."""

    count: int = 0
    days: Counter[int] = field(default_factory=Counter)  # bins of days to the goal
    worth: Counter[int] = field(default_factory=Counter)  # bins of values in whole units of the home currency
    followed: int = 0
    kept: int = 0

    def add(self, other: Taken) -> None:
        self.count += other.count
        self.days.update(other.days)
        self.worth.update(other.worth)
        self.followed += other.followed
        self.kept += other.kept

    @property
    def median_days(self) -> float | None:
        return quantile(self.days, 0.5)

    @property
    def median_worth(self) -> float | None:
        return quantile(self.worth, 0.5)

    @property
    def kept_share(self) -> float | None:
        return self.kept / self.followed if self.followed else None


@dataclass(frozen=True)
class Variant:
    path: tuple[str, ...]
    share: float  # 0 to 1, of all journeys counted
    taken: Taken


@dataclass
class Paths:
    """All paths seen. `rest` holds those that were put together, `short` bounds what any single count lacks."""

    most: int = MOST
    ways: dict[tuple[str, ...], Taken] = field(default_factory=dict)
    rest: Taken = field(default_factory=Taken)
    short: int = 0

    def add(self, path: tuple[str, ...], taken: Taken) -> None:
        known = self.ways.get(path)
        if known is None:
            if len(self.ways) >= self.most:
                self._put_together()
            known = self.ways[path] = Taken()
        known.add(taken)

    def merge(self, other: Paths) -> None:
        for path, taken in other.ways.items():
            self.add(path, taken)
        self.rest.add(other.rest)
        self.short += other.short

    @property
    def total(self) -> int:
        return self.rest.count + sum(taken.count for taken in self.ways.values())

    def top(self, k: int) -> list[Variant]:
        """The `k` most frequent, ties by path."""
        total = self.total
        ordered = sorted(self.ways.items(), key=lambda one: (-one[1].count, one[0]))
        return [Variant(path, taken.count / total, taken) for path, taken in ordered[:k]]

    def _put_together(self) -> None:
        """The rarer half goes into the rest, so that this happens once in many paths."""
        ordered = sorted(self.ways.items(), key=lambda one: (-one[1].count, one[0]))
        kept, gone = ordered[: self.most // 2], ordered[self.most // 2 :]
        for _path, taken in gone:
            self.rest.add(taken)
        self.short += gone[0][1].count
        self.ways = dict(kept)


def goal_of(definition: Definition) -> str:
    """The stage in which a customer is won: the one a won deal leads to, else the first of step 6 or later, else the last."""
    won = next((s.key for s in definition.stages if "deal.won" in s.enters_on), "")
    later = next((s.key for s in definition.stages if s.step >= 6), "")
    return won or later or definition.stages[-1].key


def path_of(walk: Walk) -> tuple[str, ...]:
    """The stages in the order in which they were entered; one that follows itself counts once."""
    return tuple(key for key, _same in groupby(walk.path))


def taken_by(walk: Walk, goal: str, now: dt.datetime) -> Taken | None:
    """What one walk adds to its path: None unless it came to the stage `goal`. `facts["value"]` is its worth."""
    reached = next((step.entered for step in walk.steps if step.stage == goal), None)
    if reached is None:
        return None
    out = Taken(1)
    out.days[bin_of((reached - walk.opened) // DAY)] = 1
    if walk.facts.get("value") is not None:
        out.worth[bin_of(int(walk.facts["value"]))] = 1
    if now - reached >= YEAR:
        lost = walk.lost and walk.closed is not None and walk.closed < reached + YEAR
        out.followed, out.kept = 1, int(not lost)
    return out


def paths(walks: Iterable[Walk], goal: str, now: dt.datetime, most: int = MOST) -> Paths:
    """The paths of all walks that came to `goal`. Reads each walk once."""
    out = Paths(most)
    for walk in walks:
        taken = taken_by(walk, goal, now)
        if taken is not None:
            out.add(path_of(walk), taken)
    return out
