"""Who stood where when the period began, and what had become of them when it ended: the way through the stages as a snapshot.

Beside the cohort (`stages.py`), which follows the deals opened in the period wherever they have come since.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from kith.insight import measures as m
from kith.insight.figures import COUNT, SHARE, Figure, Measure, Part, share, wilson
from kith.insight.period import Period
from kith.insight.records import STOOD_IN
from kith.insight.source import Source
from kith.insight.stages import NO_ROWS, StageRow, Stop, stops
from kith.insight.standing import ANYWHERE, beginning_of, write
from kith.kernel.lookups.tree import Condition, Group

STOOD = Measure(
    "stood",
    _("Stood here"),
    _("Deals that stood open in this stage when the period began, whenever they were opened."),
    _("number of deals with a stay in the stage that began before the first day of the period and had not ended then"),
    COUNT,
    NO_ROWS,
)
MOVED_ON = Measure(
    "moved_on",
    _("Moved on"),
    _("Of those, the deals that stood in a later stage when the period ended, or had been won by then."),
    _("number of deals with a stay in a later stage at the end of the period, or closed by then and won"),
    COUNT,
    NO_ROWS,
)
MOVED_SHARE = Measure(
    "moved_share",
    _("Moved on, share"),
    _("The share of the deals that stood here and moved on within the period."),
    _("moved on ÷ stood here; range: 95 % score interval by Wilson"),
    SHARE,
    NO_ROWS,
)
LOST_SINCE = Measure(
    "lost_since",
    _("Lost since"),
    _("Of those that stood here, the deals that were closed by the end of the period and are lost."),
    _("number of deals with no stay at the end of the period or after it, and lost"),
    COUNT,
    NO_ROWS,
)
WENT_BACK = Measure(
    "went_back",
    _("Went back"),
    _(
        "Of those that stood here, the deals that stood in an earlier stage when the period ended, or in another pipeline."
    ),
    _("number of deals with a stay at the end of the period in a stage that is neither this one nor a later one"),
    COUNT,
    NO_ROWS,
)
STOOD_STILL = Measure(
    "stood_still",
    _("Still here then"),
    _("Of those that stood here, the deals that stood here when the period ended."),
    _("number of deals with a stay in the stage at the end of the period"),
    COUNT,
    NO_ROWS,
)
OPENED_AGAIN = Measure(
    "opened_again",
    _("Closed, open again later"),
    _("Of those that stood here, the deals that were closed when the period ended and were opened again after it."),
    _("number of deals with no stay at the end of the period and one that began after it"),
    COUNT,
    NO_ROWS,
)
MEASURES = (STOOD, MOVED_ON, MOVED_SHARE, LOST_SINCE, WENT_BACK, STOOD_STILL, OPENED_AGAIN)


@dataclass(frozen=True)
class Snapshot:
    """`at` and `until`: the days at whose beginning deals stood; `last`: the last day before `until`."""

    at: dt.date
    until: dt.date
    rows: list[StageRow]

    @property
    def last(self) -> dt.date:
        return self.until - dt.timedelta(1)


def stands(period: Period) -> bool:
    """Has it a beginning at which deals stood somewhere?"""
    return period.start is not None and period.start <= period.today


def snapshot(source: Source, period: Period) -> Snapshot | None:
    """The stages as they stood at the beginning of the period; None where it has none, or it is still to come. One query."""
    if period.start is None or not stands(period):
        return None
    at, until = period.start, period.after or period.today + dt.timedelta(1)
    then = _counts(source, at, until)
    line = stops()
    used = {stop.stage.pipeline_id for stop in line if then.get(stop.stage.pk)}
    rows = [
        StageRow(stop.stage, _figures(stop, source, at, until, then.get(stop.stage.pk, {})))
        for stop in line
        if then.get(stop.stage.pk) or (stop.stage.archived_at is None and stop.stage.pipeline_id in used)
    ]
    return Snapshot(at, until, rows)


Ends = dict[tuple[frozenset[int], str, bool], int]  # (stages at the end, status, opened again) -> deals


def _figures(stop: Stop, source: Source, at: dt.date, until: dt.date, ends: Ends) -> dict[str, Figure]:
    here, later = set(stop.here), set(stop.later)
    counts: dict[str, int] = defaultdict(int)
    for (places, status, again), n in ends.items():
        counts["stood"] += n
        for key in _became(places, status, again, here, later):
            counts[key] += n
    stood, on = counts["stood"], counts["moved_on"]

    def figure(measure: Measure, value: Any, count: int, *more: Any) -> Figure:
        return Figure(measure, value, count, partial(source.url, *_parts(measure.key, stop, at, until)), *more)

    found = [figure(one, counts[one.key], counts[one.key]) for one in MEASURES if one is not MOVED_SHARE]
    found.insert(2, figure(MOVED_SHARE, share(on, stood), stood, *wilson(on, stood)))
    return {f.measure.key: f for f in found}


def _became(places: frozenset[int], status: str, again: bool, here: set[int], later: set[int]) -> list[str]:
    """What had become of a deal that stood here; the same as `_parts` asks of lists."""
    if places:
        found = [key for key, among in (("moved_on", later), ("stood_still", here)) if places & among]
        return found or ["went_back"]
    if again:
        return ["opened_again"]
    return [{"won": "moved_on", "lost": "lost_since"}[status]] if status in ("won", "lost") else []


def _parts(key: str, stop: Stop, at: dt.date, until: dt.date) -> tuple[Part, ...]:
    """The rows behind one of its figures."""
    stood = _stood(stop.here, at)
    anywhere = Condition(STOOD_IN, "is", (write(ANYWHERE, until),))
    nowhere = Condition(STOOD_IN, "is_not", (write(ANYWHERE, until),))
    after = Condition(STOOD_IN, "since", (write(ANYWHERE, until),))
    closed = (nowhere, Group("not", (after,)))
    later = (_stood(stop.later, until),) if stop.later else ()
    elsewhere = Condition(STOOD_IN, "is_not", tuple(write(pk, until) for pk in (*stop.here, *stop.later)))
    became: dict[str, tuple[Part, ...]] = {
        "moved_on": (Group("any", (*later, Group("all", (*closed, m.status("won"))))),),
        "lost_since": (*closed, m.status("lost")), "went_back": (anywhere, elsewhere), "stood_still": (_stood(stop.here, until),),
        "opened_again": (nowhere, after),
    }  # fmt: skip
    return (stood, *became.get(key, ()))


def _stood(stages: tuple[int, ...], day: dt.date) -> Condition:
    return Condition(STOOD_IN, "is", tuple(write(pk, day) for pk in stages))


_SQL = """
WITH mine AS ({rows}),
began AS (
    SELECT DISTINCT mine.id, mine.status, s.stage_id FROM deals_stay s JOIN mine ON mine.id = s.deal_id
    WHERE s.entered_at <= %s AND (s.left_at IS NULL OR s.left_at > %s)
),
ended AS (
    SELECT began.*, ARRAY(
        SELECT DISTINCT s.stage_id FROM deals_stay s
        WHERE s.deal_id = began.id AND s.entered_at <= %s AND (s.left_at IS NULL OR s.left_at > %s) ORDER BY 1
    ) AS places, EXISTS (SELECT 1 FROM deals_stay s WHERE s.deal_id = began.id AND s.entered_at > %s) AS again
    FROM began
)
SELECT stage_id, places, status, again, count(*) FROM ended GROUP BY 1, 2, 3, 4
"""


def _counts(source: Source, at: dt.date, until: dt.date) -> dict[int, Ends]:
    rows, params = source.rows.values("id", "status").query.sql_with_params()
    first, last = beginning_of(at), beginning_of(until)
    found: dict[int, Ends] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(rows=rows), [*params, first, first, last, last, last])
        for stage, places, status, again, n in cursor.fetchall():
            found[stage][frozenset(places), status, again] = n
    return found
