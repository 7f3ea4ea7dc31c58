"""How long journeys really took in a stage, and how many a change of its rules would have held back.

Both look at the last ones only, in a number of queries that does not grow with journeys.
"""

from __future__ import annotations

import datetime as dt
import math
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.errors import KithError
from kith.process import clock
from kith.process.definition.shape import Definition, Stage
from kith.process.gates import asked_of, held_back
from kith.process.models import Journey, Process, Stay

LAST_TIMES, LAST_HELD, FEWEST = 500, 50, 5
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MOST_BARS = 28
WIDTH, HEIGHT, LEFT = 656, 66, 8  # of the drawing, in its own units


@dataclass(frozen=True)
class Bar:
    """How many took from `low` to `low` + one unit; `over`: the service level would be broken."""

    low: int
    n: int
    over: bool


@dataclass(frozen=True)
class Times:
    """The last journeys that left a stage: `n` of them, `broke` of which took longer than the service level allows.
    `unit` is "h" or "days"; each bar is `width` of them wide. `level` is the level on the same scale, None for none."""

    n: int
    broke: int
    unit: str
    width: int
    bars: tuple[Bar, ...]
    level: float | None

    def drawn(self) -> list[dict[str, Any]]:
        """The bars as rectangles."""
        most = max(bar.n for bar in self.bars)
        step = (WIDTH - 2 * LEFT) / len(self.bars)
        made = []
        for i, bar in enumerate(self.bars):
            h = 46 * bar.n / most
            made.append(
                {"x": round(LEFT + i * step, 1), "y": round(HEIGHT - h, 1), "w": round(step - 2, 1), "h": round(h, 1), "bar": bar}
            )  # fmt: skip
        return made

    def goal(self) -> float | None:
        """Where the line of the service level stands."""
        if self.level is None:
            return None
        return round(LEFT + (WIDTH - 2 * LEFT) * min(self.level / (len(self.bars) * self.width), 1), 1)

    @property
    def longest(self) -> int:
        return len(self.bars) * self.width

    def words(self) -> str:
        """The drawing in one sentence, for ears."""
        most = max(self.bars, key=lambda bar: bar.n)
        said = {
            "n": self.n,
            "low": most.low,
            "high": most.low + self.width,
            "unit": self.unit_words,
            "broke": self.broke,
        }
        return _("Time taken by the last %(n)s: most between %(low)s and %(high)s %(unit)s, %(broke)s longer than the service level.") % said  # fmt: skip

    @property
    def unit_words(self) -> str:
        return _("hours") if self.unit == "h" else _("days")


def times_of(process: Process, definition: Definition, stage: Stage) -> Times | None:
    """How long the last journeys stood in this stage, against what `definition` says; None while there are too few."""
    stays = Stay.objects.filter(stage=stage.key, left_at__isnull=False, journey__process=process).order_by("-left_at")
    told = list(stays.values_list("entered_at", "left_at", "journey__segment")[:LAST_TIMES])
    if len(told) < FEWEST:
        return None
    took = [left - entered for entered, left, _segment in told]
    unit, one = ("h", HOUR) if sorted(took)[len(took) * 9 // 10] < 3 * DAY else ("days", DAY)
    try:
        broke = [_broke(definition, stage, *one_stay) for one_stay in told]
        span = clock.read_span(stage.within)
        level = (span.after(told[0][0], clock.calendar_for(definition)) - told[0][0]) / one if span else None
    except KithError:  # a calendar that is gone: the draft says so elsewhere
        broke, level = [False] * len(told), None
    shown = sorted(took)[len(took) * 97 // 100] / one
    width = max(1, math.ceil(max(shown, (level or 0) * 1.1, 1) / MOST_BARS))
    count = max(1, math.ceil(max(shown, (level or 0) * 1.1, 1) / width))
    sums = [[0, 0] for _n in range(count)]
    for length, over in zip(took, broke, strict=True):
        at = min(int(length / one) // width, count - 1)
        sums[at][0] += 1
        sums[at][1] += over
    bars = tuple(Bar(i * width, n, over * 2 > n) for i, (n, over) in enumerate(sums))
    return Times(len(told), sum(broke), unit, width, bars, level)


def _broke(definition: Definition, stage: Stage, entered: dt.datetime, left: dt.datetime, segment: str) -> bool:
    known = segment if segment in {s.key for s in definition.segments} else ""
    due = clock.due(definition, stage, known, entered)
    return due is not None and left > due


def held_back_words(process: Process, old: Definition, new: Definition) -> list[str]:
    """What changed gates and entry rules would have done to the last journeys, in sentences, as their rows are today.
    Needs that people tick count for nothing: nobody could have ticked them."""
    out: list[str] = []
    for stage in new.stages:
        before = old.by_key.get(stage.key)
        if before is None:
            continue
        known = set(before.needs)
        fresh = tuple(need for need in stage.needs if need not in known and need.by != "hand")
        if fresh:
            asked = Stage(stage.key, stage.name, needs=fresh)
            rows = _last(process, stage.key, left=True)
            lacking = sum(any(not a.met for a in told) for told in asked_of(asked, rows).values())
            out += _said(_("%(stage)s, what is needed: "), stage, lacking, len(rows))
        if stage.entry is not None and stage.entry != before.entry:
            rows = _last(process, stage.key, left=False)
            out += _said(_("%(stage)s, entry: "), stage, len(held_back(stage, rows)), len(rows))
    return out


def _last(process: Process, stage: str, *, left: bool) -> list[Journey]:
    """The journeys that left (or entered) this stage last, as they were when they stood in it."""
    stays = Stay.objects.filter(stage=stage, journey__process=process).select_related("journey")
    stays = stays.filter(left_at__isnull=False).order_by("-left_at") if left else stays.order_by("-entered_at")
    found: dict[int, Journey] = {}
    for stay in stays[:LAST_HELD]:
        journey = copy(stay.journey)
        journey.stage, journey.entered_at = stay.stage, stay.entered_at
        found.setdefault(journey.pk, journey)
    return list(found.values())


def _said(begins: str, stage: Stage, held: int, n: int) -> list[str]:
    if not n:
        return []
    words = ngettext(
        "%(held)s of the last %(n)s would have been held back.", "%(held)s of the last %(n)s would have been held back.", n
    )  # fmt: skip
    return [begins % {"stage": stage.name} + words % {"held": held, "n": n}]
