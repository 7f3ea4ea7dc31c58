"""The figures of the map. A `Tally` counts journeys by what is true of them; tallies of parts add up to that of the whole.

Everything is said once for each journey and stage, dated by the day on which the journey first came to the stage: of those
who came to Qualify in March, so many moved on, left, are in it now, were late, took so long. So a figure is the number of
journeys of which one `Cell` is true between two days, and the list behind it asks for just that cell. Times are kept in
bins (`bins.py`), which is why tallies kept day by day and a full scan give the same medians.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kith.kernel.calendars.hours import Calendar
from kith.process.evidence.bins import bin_of, quantile
from kith.process.evidence.walks import BACK, WELL, Held, Step, Walk, moves

CAME, ON, LEFT, HERE, DUE, LATE, TIME, MOVE = "came", "on", "left", "here", "due", "late", "time", "move"
WORK = "work"
OF_STAGE = (CAME, ON, LEFT, HERE, DUE, LATE)
SECOND = dt.timedelta(seconds=1)


class Cell(NamedTuple):
    """Something that may be true of a journey.

    `what` is CAME (came to `stage`), ON (moved on from it as designed or past steps, or ended well in it), LEFT (the
    journey ended in it, not well), HERE (is in it now), DUE (had a due moment there that is decided), LATE (broke it),
    TIME (stayed there for the amount of bin `to`, all stays together), WORK (the same in working time) or MOVE (went from it to `to`, as `kind`).
    The stage of the move that begins a journey is "".
    """

    what: str
    stage: str
    to: str = ""
    kind: str = ""


Tally = Counter[Cell]  # tallies add with +


def cells(
    held: Held, walk: Walk, now: dt.datetime, working: Calendar | None = None
) -> Iterator[tuple[dt.datetime, Cell]]:
    """All that is true of one walk, each with the moment by which it is dated. No cell comes twice. Times are by the clock, or
    in the working time of a calendar."""
    if not walk.steps:
        return
    stays: dict[str, list[Step]] = defaultdict(list)
    for step in walk.steps:
        stays[step.stage].append(step)
    went = dict.fromkeys((m.of, m.to, m.kind) for m in moves(held, walk))
    onward = {of for of, _to, kind in went if of and kind != BACK}
    for stage, steps in stays.items():
        for cell in _of_stage(stage, steps, stage in onward, walk, now, working):
            yield steps[0].entered, cell
    for of, to, kind in went:
        yield (stays[of][0] if of else walk.steps[0]).entered, Cell(MOVE, of, to, kind)


def _of_stage(
    stage: str, steps: list[Step], onward: bool, walk: Walk, now: dt.datetime, working: Calendar | None
) -> Iterator[Cell]:
    yield Cell(CAME, stage)
    last, closed = stage == walk.steps[-1].stage, walk.closed is not None
    here = last and not closed
    if onward or (last and closed and walk.outcome == WELL):
        yield Cell(ON, stage)
    if last and walk.lost:
        yield Cell(LEFT, stage)
    if here:
        yield Cell(HERE, stage)
    else:
        spans = [(s.entered, s.left or walk.closed or now) for s in steps]
        took = sum((working.between(*span) if working else span[1] - span[0] for span in spans), dt.timedelta())
        yield Cell(WORK if working else TIME, stage, str(bin_of(took // SECOND)))
    late = any(step.late(walk.closed or now) for step in steps)
    if late or (not here and any(step.due for step in steps)):
        yield Cell(DUE, stage)
    if late:
        yield Cell(LATE, stage)


def tally(
    held: Held,
    walks: Iterable[Walk],
    now: dt.datetime,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    working: Calendar | None = None,
) -> Tally:
    """What is true of how many walks, from `since` to before `until`. Reads each walk once."""
    out: Tally = Counter()
    for walk in walks:
        for at, cell in cells(held, walk, now, working):
            if (since is None or at >= since) and (until is None or at < until):
                out[cell] += 1
    return out


@dataclass(frozen=True)
class StageFigures:
    """One column of the ledger. Shares are 0 to 1, times in seconds; None where nothing was counted."""

    stage: str
    came: int = 0
    on: int = 0
    left: int = 0
    here: int = 0
    due: int = 0
    late: int = 0
    bins: dict[int, int] = field(default_factory=dict)

    @property
    def on_share(self) -> float | None:
        return self.on / self.came if self.came else None

    @property
    def broken(self) -> float | None:
        return self.late / self.due if self.due else None

    @property
    def median(self) -> float | None:
        return quantile(self.bins, 0.5)

    @property
    def p90(self) -> float | None:
        return quantile(self.bins, 0.9)

    @property
    def timed(self) -> int:
        """How many stays the times are of: those that are over."""
        return sum(self.bins.values())

    def cell(self, what: str) -> Cell:
        return Cell(what, self.stage)


@dataclass(frozen=True)
class Arc:
    """Journeys that went from one stage to another; `cell` finds them. `of` is "" for those who began at `to`."""

    of: str
    to: str
    kind: str
    count: int

    @property
    def cell(self) -> Cell:
        return Cell(MOVE, self.of, self.to, self.kind)


@dataclass(frozen=True)
class Flow:
    """The whole map: figures by stage, and arcs, the most frequent first."""

    stages: dict[str, StageFigures]
    arcs: tuple[Arc, ...]

    def arc(self, of: str, to: str, kind: str) -> Arc | None:
        return next((a for a in self.arcs if (a.of, a.to, a.kind) == (of, to, kind)), None)


def flow(counted: Tally) -> Flow:
    """Figures from a tally."""
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    bins: dict[str, dict[int, int]] = defaultdict(dict)
    arcs = []
    for cell, n in counted.items():
        if cell.what == MOVE:
            arcs.append(Arc(cell.stage, cell.to, cell.kind, n))
        elif cell.what in (TIME, WORK):
            bins[cell.stage][int(cell.to)] = n
        else:
            numbers[cell.stage][cell.what] = n
    stages = {key: StageFigures(key, **numbers[key], bins=bins.get(key, {})) for key in numbers}
    return Flow(stages, tuple(sorted(arcs, key=lambda a: (-a.count, a.of, a.to, a.kind))))
