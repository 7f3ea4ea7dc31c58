"""The figures of a log: how often what happened, what followed what and after how long, which ways cases took, what was
done again, and what was waited for.

Time between two events runs from the end of the first to the begin of the second. A log that knows only one time an event
takes it for both, so that all time is waiting.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from kith.process.mining.log import Log


@dataclass(frozen=True)
class Spread:
    """How long something took, in seconds, over `count` times."""

    count: int
    median: float
    mean: float
    least: float
    most: float
    total: float


@dataclass(frozen=True)
class Pair:
    """`to` came directly after `of` in a case; `count` times, with the time between."""

    of: str
    to: str
    count: int
    cases: int
    time: Spread


@dataclass(frozen=True)
class Variant:
    """One way through, taken by `count` cases, which is `share` (0 to 1) of all."""

    activities: tuple[str, ...]
    count: int
    share: float
    time: Spread


@dataclass(frozen=True)
class Rework:
    """An activity done more than once in `cases` cases, `again` times beyond the first."""

    activity: str
    cases: int
    again: int
    share: float  # of the cases that had it at all


@dataclass
class Found:
    """What a log tells. Activities, pairs and variants stand with the most frequent first."""

    name: str
    cases: int
    events: int
    first: float  # seconds since 1970
    last: float
    activities: dict[str, int]
    start: dict[str, int]
    end: dict[str, int]
    pairs: list[Pair]
    variants: list[Variant]
    rework: list[Rework]
    rework_cases: int
    duration: Spread  # of cases, from the begin of the first event to the last end
    waiting: dict[str, Spread]  # before an activity, where something came before it in the case
    working: dict[str, Spread]  # in an activity; only of a log with ends
    notes: list[str] = field(default_factory=list)


def mine(log: Log) -> Found:
    """Everything about a log. Reads each case once."""
    seen = _Seen(log)
    for numbers in log.cases:
        seen.case(numbers)
    return seen.found()


class _Seen:
    def __init__(self, log: Log):
        self.log = log
        self.count: Counter[int] = Counter(log.activity)
        self.start: Counter[int] = Counter()
        self.end: Counter[int] = Counter()
        self.between: dict[tuple[int, int], array[float]] = defaultdict(lambda: array("d"))
        self.pair_cases: Counter[tuple[int, int]] = Counter()
        self.ways: dict[tuple[int, ...], array[float]] = defaultdict(lambda: array("d"))
        self.had: Counter[int] = Counter()
        self.repeated: Counter[int] = Counter()
        self.again: Counter[int] = Counter()
        self.rework_cases = 0
        self.durations: array[float] = array("d")

    def case(self, numbers: Sequence[int]) -> None:
        activity, began, ended = self.log.activity, self.log.began, self.log.ended
        way = tuple([activity[n] for n in numbers])
        self.start[way[0]] += 1
        self.end[way[-1]] += 1
        took = max([ended[n] for n in numbers]) - began[numbers[0]]
        self.durations.append(took)
        self.ways[way].append(took)
        before = numbers[0]
        pairs = set()
        for n in numbers[1:]:
            pair = (activity[before], activity[n])
            self.between[pair].append(max(0.0, began[n] - ended[before]))
            pairs.add(pair)
            before = n
        self.pair_cases.update(pairs)
        self._rework(way)

    def _rework(self, way: tuple[int, ...]) -> None:
        different = set(way)
        self.had.update(different)
        if len(different) == len(way):
            return
        self.rework_cases += 1
        for what, times in Counter(way).items():
            if times > 1:
                self.repeated[what] += 1
                self.again[what] += times - 1

    def found(self) -> Found:
        log, names = self.log, self.log.activities
        cases = len(log.cases)
        pairs = [
            Pair(names[a], names[b], len(times), self.pair_cases[a, b], spread(times))
            for (a, b), times in self.between.items()
        ]
        variants = [
            Variant(tuple(names[a] for a in way), len(times), len(times) / cases, spread(times))
            for way, times in self.ways.items()
        ]
        rework = [Rework(names[a], n, self.again[a], n / self.had[a]) for a, n in self.repeated.items()]
        return Found(
            name=log.name, cases=cases, events=len(log), first=min(log.began), last=max(log.ended),
            activities=self._named(self.count), start=self._named(self.start), end=self._named(self.end),
            pairs=sorted(pairs, key=lambda p: (-p.count, p.of, p.to)),
            variants=sorted(variants, key=lambda v: (-v.count, v.activities)),
            rework=sorted(rework, key=lambda r: (-r.again, r.activity)), rework_cases=self.rework_cases,
            duration=spread(self.durations), waiting=self._waiting(), working=self._working(), notes=list(log.notes),
        )  # fmt: skip

    def _named(self, counts: Counter[int]) -> dict[str, int]:
        names = self.log.activities
        return {names[a]: n for a, n in sorted(counts.items(), key=lambda one: (-one[1], names[one[0]]))}

    def _waiting(self) -> dict[str, Spread]:
        before: dict[int, array[float]] = defaultdict(lambda: array("d"))
        for (_of, to), times in self.between.items():
            before[to].extend(times)
        return self._longest_first(before)

    def _working(self) -> dict[str, Spread]:
        if not self.log.columns.end:
            return {}
        inside: dict[int, array[float]] = defaultdict(lambda: array("d"))
        for a, began, ended in zip(self.log.activity, self.log.began, self.log.ended, strict=True):
            inside[a].append(ended - began)
        return self._longest_first(inside)

    def _longest_first(self, times: dict[int, array[float]]) -> dict[str, Spread]:
        found = [(self.log.activities[a], spread(t)) for a, t in times.items()]
        return dict(sorted(found, key=lambda one: (-one[1].total, one[0])))


def spread(times: Sequence[float]) -> Spread:
    """Of at least one time."""
    ordered = sorted(times)
    n = len(ordered)
    middle = n // 2
    median = ordered[middle] if n % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    total = sum(ordered)
    return Spread(n, median, total / n, ordered[0], ordered[-1], total)
