"""Stories of deals for the tests, told through the actions that everybody uses, and the figures of stages worked out from
them in plain Python.

`Tale` keeps what was done to one deal. The report may take its figures from wherever it likes; it must come to the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

LINE = ("Discovery", "Site survey", "Proposal", "Negotiation", "Verbal yes")
HOUR = dt.timedelta(hours=1)


@dataclass
class Tale:
    """`moves`: (moment, stage it came to, or "" when it was closed), in order. `gone`: archived, so it counts nowhere."""

    opened: dt.date
    moves: list[tuple[dt.datetime, str]] = field(default_factory=list)
    status: str = "open"
    gone: bool = False

    @property
    def stands(self) -> str:
        return [stage for _at, stage in self.moves if stage][-1]

    def stood(self, moment: dt.datetime) -> str | None:
        """The stage it stood in at that moment; "" when it was closed, None before it was there."""
        return next((stage for at, stage in reversed(self.moves) if at <= moment), None)

    def stays(self) -> Iterable[tuple[str, float | None]]:
        """(stage, days in it; None while it is there)"""
        ends = [at for at, _stage in self.moves[1:]]
        for n, (at, stage) in enumerate(self.moves):
            if stage:
                yield stage, (ends[n] - at).total_seconds() / 86400 if n < len(ends) else None


def stage_figures(tales: Iterable[Tale]) -> dict[str, dict[str, object]]:
    """{stage: {figure: value}} of deals that were opened in the period asked for."""
    tales = [t for t in tales if not t.gone]
    furthest = {id(t): max(LINE.index(stage) for _at, stage in t.moves if stage) for t in tales}
    out = {}
    for place, name in enumerate(LINE):
        reached = [t for t in tales if t.status == "won" or furthest[id(t)] >= place]
        on = [t for t in tales if t.status == "won" or furthest[id(t)] > place]
        ended = [t for t in tales if furthest[id(t)] == place]
        # A deal that stands here now is left out with all its stays: it is not known yet how long it takes here.
        away = [t for t in tales if not (t.status == "open" and t.stands == name)]
        days = [length for t in away for stage, length in t.stays() if stage == name and length is not None]
        out[name] = {
            "reached": len(reached),
            "went_on": len(on),
            "conversion": len(on) / len(reached) if reached else None,
            "lost_here": sum(t.status == "lost" for t in ended),
            "still_here": sum(t.status == "open" for t in ended),
            "stage_median": median(days) if days else None,
            "open_now": sum(t.status == "open" and t.stands == name for t in tales),
        }
    return out


def snapshot_figures(tales: Iterable[Tale], began: dt.datetime, ended: dt.datetime) -> dict[str, dict[str, object]]:
    """{stage: {figure: value}} of who stood where at one moment, by where they were at another."""
    tales = [t for t in tales if not t.gone]
    out = {}
    for place, name in enumerate(LINE):
        ends = [_became(t, place, ended) for t in tales if t.stood(began) == name]
        counts = {
            key: ends.count(key) for key in ("moved_on", "lost_since", "went_back", "stood_still", "opened_again")
        }
        share = counts["moved_on"] / len(ends) if ends else None
        out[name] = {"stood": len(ends), "moved_share": share, **counts}
    return out


def _became(tale: Tale, place: int, ended: dt.datetime) -> str:
    stage = tale.stood(ended)
    if stage:
        there = LINE.index(stage)
        return "stood_still" if there == place else "moved_on" if there > place else "went_back"
    if any(at > ended for at, _stage in tale.moves):
        return "opened_again"
    return "moved_on" if tale.status == "won" else "lost_since"
