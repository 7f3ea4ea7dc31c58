"""Who was waited for: us, them, or a hand-over between our own teams.

From what was said and by whom: after our last word we wait for them, after theirs they wait for us. Before the first word
they wait for us as well, for it is ours to begin. While a hand-over is offered and not accepted, that is what is waited
for, whatever was said last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

US, THEM, HANDOVER = "us", "them", "handover"
NOTHING = dt.timedelta()


@dataclass(frozen=True)
class Said:
    """Somebody spoke. `who` is US or THEM."""

    at: dt.datetime
    who: str


@dataclass(frozen=True)
class Offer:
    """A hand-over from one team to another; `ended` is when it was accepted or returned, None while it is open."""

    offered: dt.datetime
    ended: dt.datetime | None = None


@dataclass(frozen=True)
class Waited:
    """How long was waited for whom. Waits add up."""

    us: dt.timedelta = NOTHING
    them: dt.timedelta = NOTHING
    handover: dt.timedelta = NOTHING

    @property
    def total(self) -> dt.timedelta:
        return self.us + self.them + self.handover

    def __add__(self, other: Waited) -> Waited:
        return Waited(self.us + other.us, self.them + other.them, self.handover + other.handover)


def waited(begin: dt.datetime, end: dt.datetime, talk: Iterable[Said], offers: Iterable[Offer] = ()) -> Waited:
    """The time from `begin` to `end` split up. `talk` and `offers` come in any order; what lies outside is cut off.

    What was said before `begin` counts for who is waited for at the beginning.
    """
    if end <= begin:
        return Waited()
    open_ = _covered([(o.offered, o.ended or end) for o in offers], begin, end)
    words = sorted(talk, key=lambda said: said.at)
    sums = {US: NOTHING, THEM: NOTHING}
    at, whose = begin, US
    for said in words:
        upto = min(max(said.at, begin), end)
        sums[whose] += upto - at - _overlap(open_, at, upto)
        at, whose = upto, THEM if said.who == US else US
    sums[whose] += end - at - _overlap(open_, at, end)
    return Waited(sums[US], sums[THEM], sum((b - a for a, b in open_), NOTHING))


Span = tuple[dt.datetime, dt.datetime]


def _covered(spans: Iterable[Span], begin: dt.datetime, end: dt.datetime) -> list[Span]:
    """The spans cut to begin and end, in order, where they touch made into one."""
    out: list[Span] = []
    for a, b in sorted((max(a, begin), min(b, end)) for a, b in spans):
        if a >= b:
            continue
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return out


def _overlap(spans: Sequence[Span], begin: dt.datetime, end: dt.datetime) -> dt.timedelta:
    return sum((max(NOTHING, min(b, end) - max(a, begin)) for a, b in spans), NOTHING)
