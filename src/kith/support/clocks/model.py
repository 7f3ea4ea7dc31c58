"""The formal model of a ticket's clocks. Pure: no database, no settings, no "now" of its own.

What happened to a ticket goes in as moments, in order; out come its clocks with every stretch in which they ran or rested,
and why. A clock is a small machine: `STEPS` says all of it.

    first        from the opening to our first word; it never rests, because a first word is owed whatever we wait for
    next         from each further word of theirs to our next one; rests while we wait for them
    resolution   from the opening to the solution; rests while we wait for them, and between a solution and its reopening

A clock has a budget of time. It is due at the first moment at which it ran that long, and broken as soon as it runs on
after that: whoever answers at that very moment kept it. What was broken stays broken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.span import Span


class What(StrEnum):
    """What can happen to a ticket, as its clocks see it."""

    OPENED = "opened"
    CAME = "came"  # they wrote
    ANSWERED = "answered"  # we wrote
    WAITS = "waits"  # we wait for them
    RESUMES = "resumes"  # we wait no more
    SOLVED = "solved"
    REOPENED = "reopened"
    STOPPED = "stopped"  # merged into another ticket, or put away


class Kind(StrEnum):
    FIRST = "first"
    NEXT = "next"
    RESOLUTION = "resolution"


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BROKEN = "broken"
    VOID = "void"


@dataclass(frozen=True)
class Moment:
    """Something that happened, and how it is told: "Marta wrote"."""

    at: dt.datetime
    what: What
    why: str = ""


@dataclass(frozen=True)
class Time:
    """How a clock's time passes. `limit(start)`: how much of it there is; `between` and `after` measure and add."""

    limit: Callable[[dt.datetime], dt.timedelta]
    between: Callable[[dt.datetime, dt.datetime], dt.timedelta]
    after: Callable[[dt.datetime, dt.timedelta], dt.datetime]


def time_of(span: Span, calendar: Calendar) -> Time:
    """The time that a span counts in: open hours of the calendar for business ones, else all hours.

    Business days become the open time from the start until they are over, so that a rest moves the end by as much open time.
    """
    if span.business:
        return Time(
            lambda start: calendar.between(start, span.after(start, calendar)), calendar.between,
            lambda start, left: calendar.add(start, left) if left else start,
        )  # fmt: skip
    return Time(
        lambda start: _utc(span.after(start, calendar)) - _utc(start), lambda a, b: _utc(b) - _utc(a),
        lambda start, left: _utc(start) + left,
    )  # fmt: skip


def _utc(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC)


@dataclass(frozen=True)
class Stretch:
    """A time in which a clock ran or rested, and why it began to. `ends` is None while it goes on."""

    state: State
    begins: dt.datetime
    why: str
    ends: dt.datetime | None = None


@dataclass(frozen=True)
class Reading:
    """A clock at some moment. `due`: when its time is used up if it runs on, None while it rests or is over; `broke`: when it
    ran over; `used`: how much of its time has passed; `ended`: when it stopped."""

    kind: Kind
    number: int
    started: dt.datetime
    state: State
    budget: dt.timedelta
    used: dt.timedelta
    due: dt.datetime | None
    broke: dt.datetime | None
    ended: dt.datetime | None
    stretches: tuple[Stretch, ...]

    @property
    def live(self) -> bool:
        return self.ended is None


# (what a clock does, what happened) -> what it does then. "off" is before it began, "over" after it ended; what is not here
# changes nothing. A next-reply clock that is over is over for good: the next word of theirs begins another one.
OFF, RUNS, RESTS, OVER, VOID = "off", "runs", "rests", "over", "void"
STEPS: dict[Kind, dict[tuple[str, What], str]] = {
    Kind.FIRST: {
        (OFF, What.OPENED): RUNS,
        (RUNS, What.ANSWERED): OVER, (RUNS, What.SOLVED): OVER, (RUNS, What.STOPPED): VOID,
    },
    Kind.NEXT: {
        (OFF, What.CAME): RUNS,
        (RUNS, What.ANSWERED): OVER, (RUNS, What.SOLVED): OVER, (RUNS, What.STOPPED): VOID, (RUNS, What.WAITS): RESTS,
        (RESTS, What.CAME): RUNS, (RESTS, What.RESUMES): RUNS,
        (RESTS, What.ANSWERED): OVER, (RESTS, What.SOLVED): OVER, (RESTS, What.STOPPED): VOID,
    },
    Kind.RESOLUTION: {
        (OFF, What.OPENED): RUNS,
        (RUNS, What.WAITS): RESTS, (RUNS, What.SOLVED): OVER, (RUNS, What.STOPPED): VOID,
        (RESTS, What.CAME): RUNS, (RESTS, What.RESUMES): RUNS, (RESTS, What.SOLVED): OVER, (RESTS, What.STOPPED): VOID,
        (OVER, What.REOPENED): RUNS, (OVER, What.STOPPED): OVER,
    },
}  # fmt: skip


@dataclass
class _Clock:
    """One machine at work."""

    kind: Kind
    number: int = 1
    does: str = OFF
    stretches: list[Stretch] = field(default_factory=list)

    def hear(self, moment: Moment) -> None:
        then = STEPS[self.kind].get((self.does, moment.what), self.does)
        if then == self.does:
            return
        if self.stretches and self.stretches[-1].ends is None:
            self.stretches[-1] = replace(self.stretches[-1], ends=moment.at)
        if then in (RUNS, RESTS):
            state = State.RUNNING if then == RUNS else State.PAUSED
            self.stretches.append(Stretch(state, moment.at, moment.why))
        self.does = then


def clocks(moments: Iterable[Moment], times: dict[Kind, Time], now: dt.datetime) -> list[Reading]:
    """Every clock of a ticket to which this happened, as it stands `now`: those kinds for which there is a time. Moments are
    in order; those after `now` have not happened yet."""
    running = {kind: _Clock(kind) for kind in times}
    every = list(running.values())
    answered = False
    for moment in moments:
        if moment.at > now:
            break
        for kind, clock in running.items():
            if kind is Kind.NEXT and moment.what is What.CAME:
                if not answered:
                    continue  # the first reply is owed already
                if clock.does in (OVER, VOID):
                    clock = running[kind] = _Clock(kind, clock.number + 1)
                    every.append(clock)
            clock.hear(moment)
        answered = answered or moment.what in (What.ANSWERED, What.SOLVED)
    return [read(clock.kind, clock.number, clock.stretches, times[clock.kind], now, void=clock.does == VOID)
            for clock in every if clock.stretches]  # fmt: skip


def read(
    kind: Kind, number: int, stretches: Sequence[Stretch], time: Time, now: dt.datetime, *, void: bool = False
) -> Reading:
    """What a clock with these stretches says now."""
    started = stretches[0].begins
    budget = time.limit(started)
    used, broke, due = dt.timedelta(), None, None
    for one in stretches:
        if one.state is not State.RUNNING:
            continue
        until = one.ends or now
        if broke is None:
            due = time.after(one.begins, budget - used)
            if until > due:
                broke = due
        used += time.between(one.begins, until)
    last = stretches[-1]
    if void:
        state = State.VOID
    elif broke is not None:
        state = State.BROKEN
    elif last.ends is not None:
        state = State.MET
    else:
        state = last.state
    live = last.ends is None
    runs = live and last.state is State.RUNNING
    return Reading(kind, number, started, state, budget, used, (broke or due) if runs else None, broke, last.ends, tuple(stretches))  # fmt: skip


def share(reading: Reading, time: Time, part: int) -> dt.datetime | None:
    """When a clock that runs will have used this many percent of its time; None for one that rests or is over."""
    last = reading.stretches[-1]
    if not reading.live or last.state is not State.RUNNING:
        return None
    before = sum((time.between(s.begins, s.ends) for s in reading.stretches if s.state is State.RUNNING and s.ends),
                 dt.timedelta())  # fmt: skip
    left = reading.budget * part / 100 - before
    return time.after(last.begins, left) if left > dt.timedelta() else last.begins
