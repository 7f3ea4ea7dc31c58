"""The way through the stages, from the stays of deals: how many deals came how far, and how long they stood where.

The cohort is the deals opened in the period. Numbers that say where deals stand now are a snapshot and named as such.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kith.deals.configuration import stages as all_stages
from kith.insight import measures as m
from kith.insight.figures import COUNT, DAYS, SHARE, Figure, Measure, Part, share, wilson
from kith.insight.period import Period
from kith.insight.records import BEEN_IN
from kith.insight.source import Source
from kith.kernel.lookups.tree import Condition, Group

DAY = 86_400  # seconds
NO_ROWS: Any = lambda period: ()  # noqa: E731 - the rows of a stage depend on the stage, see `Stop.parts`
REACHED = Measure(
    "reached",
    _("Came here"),
    _("Deals opened in the period that came to this stage or past it at some time. Won deals came everywhere."),
    _("number of deals whose story names this stage or a later one of the pipeline, or that were won"),
    COUNT,
    NO_ROWS,
)
WENT_ON = Measure(
    "went_on",
    _("Went on"),
    _("Of those, the deals that came to a later stage, or were won."),
    _("number of deals whose story names a later stage of the pipeline, or that were won"),
    COUNT,
    NO_ROWS,
)
CONVERSION = Measure(
    "conversion",
    _("Conversion"),
    _("The share of the deals that came here and went on. Deals that still stand here may yet go on."),
    _("went on ÷ came here; range: 95 % score interval by Wilson"),
    SHARE,
    NO_ROWS,
)
LOST_HERE = Measure(
    "lost_here",
    _("Lost here"),
    _("Deals that came here, no further, and were lost."),
    _("number of lost deals with no later stage in their story"),
    COUNT,
    NO_ROWS,
)
STILL_HERE = Measure(
    "still_here",
    _("Not decided"),
    _("Deals that came here, no further, and are open."),
    _("came here − went on − lost here"),
    COUNT,
    NO_ROWS,
)
STAGE_MEDIAN = Measure(
    "stage_median",
    _("Median days here"),
    _("Half of the stays in this stage lasted at most so long. Deals that stand here now are left out."),
    _("50th percentile of (left − entered) over all stays of the deals that are no longer here"),
    DAYS,
    NO_ROWS,
)
STAGE_P90 = Measure(
    "stage_p90",
    _("Nine in ten, days"),
    _("Nine in ten of the stays lasted at most so long."),
    _("90th percentile of (left − entered) over all stays of the deals that are no longer here"),
    DAYS,
    NO_ROWS,
    brief=True,
)
OPEN_NOW = Measure(
    "open_now",
    _("Open here today"),
    _("A snapshot: open deals that stand in this stage today, whenever they were opened."),
    _("number of deals with status open in this stage"),
    COUNT,
    NO_ROWS,
)
MEASURES = (REACHED, WENT_ON, CONVERSION, LOST_HERE, STILL_HERE, STAGE_MEDIAN, STAGE_P90, OPEN_NOW)


@dataclass(frozen=True)
class Stop:
    """One stage of a pipeline: itself, those after it, and all of the pipeline."""

    stage: Any
    here: tuple[int, ...]
    later: tuple[int, ...]
    line: tuple[int, ...]

    def reached(self) -> tuple[Part, ...]:
        return (_been(self.line), Group("any", (_been((*self.here, *self.later)), m.status("won"))))

    def went_on(self) -> tuple[Part, ...]:
        later = (_been(self.later),) if self.later else ()
        return (_been(self.line), Group("any", (*later, m.status("won"))))

    def ended(self, status: str) -> tuple[Part, ...]:
        later = (Group("not", (_been(self.later),)),) if self.later else ()
        return (_been((*self.here, *self.later)), *later, m.status(status))

    def timed(self) -> tuple[Part, ...]:
        away = Group("any", (Condition("stage", "is_not", (str(self.stage.pk),)), m.status("won", "lost")))
        return (_been(self.here), away)

    def parts(self, key: str) -> tuple[Part, ...]:
        """The rows behind one of its figures, less the cohort."""
        if key == "open_now":
            return (Condition("stage", "is", (str(self.stage.pk),)), m.status("open"))
        ways: dict[str, Any] = {"went_on": self.went_on, "lost_here": lambda: self.ended("lost"),
                                "still_here": lambda: self.ended("open"), "stage_median": self.timed, "stage_p90": self.timed}  # fmt: skip
        return tuple(ways.get(key, self.reached)())


def _been(stages: tuple[int, ...]) -> Condition:
    return Condition(BEEN_IN, "is", tuple(str(pk) for pk in stages))


@dataclass(frozen=True)
class StageRow:
    stage: Any
    figures: dict[str, Figure] = field(default_factory=dict)


def offered(source: Source) -> bool:
    """Does the reader see what this needs?"""
    return source.shows("stage", "pipeline", "status", "opened_on", BEEN_IN)


def stage_rows(source: Source, period: Period) -> list[StageRow]:
    """Every stage that deals of the cohort came to or that is in use, in the order of the pipelines. Two queries."""
    best, stays = _story(source, period)
    standing = source.rows.filter(source.q(m.status("open"))).values_list("stage").annotate(n=Count("pk"))
    now: dict[int, int] = dict(standing)
    out = []
    for stop in stops():
        ends = best[stop.stage.pipeline_id]
        figures = _figures(stop, source, period, ends, stays.get(stop.stage.pk, (0, None)), now.get(stop.stage.pk, 0))
        used = figures["reached"].count or figures["open_now"].count
        if used or (stop.stage.archived_at is None and ends):
            out.append(StageRow(stop.stage, figures))
    return out


def stops() -> list[Stop]:
    """A deal at a stage has passed those that stand before it in order; stages at the same place are one after the other."""
    lines: dict[int, list[Any]] = defaultdict(list)
    for stage in all_stages().values():
        lines[stage.pipeline_id].append(stage)
    out = []
    for line in lines.values():
        ids = tuple(s.pk for s in line)
        out += [Stop(s, (s.pk,), ids[n + 1 :], ids) for n, s in enumerate(line)]
    return out


Ends = dict[tuple[int, str], int]  # (furthest stage, status) -> deals


def _figures(
    stop: Stop, source: Source, period: Period, ends: Ends, stay: tuple[int, list[float] | None], now: int
) -> dict[str, Figure]:
    on = sum(n for (pk, status), n in ends.items() if pk in stop.later or (status == "won" and pk in stop.line))
    lost, still = ends.get((stop.stage.pk, "lost"), 0), ends.get((stop.stage.pk, "open"), 0)
    reached, (timed, days) = on + lost + still, stay
    cohort = m.opened(period)

    def figure(measure: Measure, value: Any, count: int, *more: Any) -> Figure:
        parts = stop.parts(measure.key)
        before = () if measure is OPEN_NOW else cohort
        return Figure(measure, value, count, partial(source.url, *before, *parts), *more)

    found = (
        figure(REACHED, reached, reached), figure(WENT_ON, on, on),
        figure(CONVERSION, share(on, reached), reached, *wilson(on, reached)), figure(LOST_HERE, lost, lost),
        figure(STILL_HERE, still, still), figure(STAGE_MEDIAN, days[0] if days else None, timed),
        figure(STAGE_P90, days[1] if days else None, timed), figure(OPEN_NOW, now, now),
    )  # fmt: skip
    return {f.measure.key: f for f in found}


_SQL = """
WITH mine AS MATERIALIZED ({cohort}),
line (stage_id, pipeline_id, place) AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[])),
been AS MATERIALIZED (
    SELECT deal_id, s.stage_id, status, date_part('epoch', left_at - entered_at) AS seconds,
           status = 'open' AND mine.stage_id = s.stage_id AS still
    FROM deals_stay s JOIN mine ON mine.id = deal_id
),
best AS (
    SELECT deal_id, status, pipeline_id, max(place) AS place FROM been JOIN line USING (stage_id) GROUP BY 1, 2, 3
),
stood AS (
    SELECT stage_id, count(*) AS deals FROM (SELECT DISTINCT stage_id, deal_id FROM been WHERE NOT still) d GROUP BY 1
)
SELECT 'best', line.stage_id, best.status, count(*), NULL::float[]
FROM best JOIN line USING (pipeline_id, place) GROUP BY 2, 3
UNION ALL
SELECT 'time', stage_id, '', deals, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds)
FROM been JOIN stood USING (stage_id) WHERE NOT still GROUP BY 2, 4
"""


def _story(source: Source, period: Period) -> tuple[dict[int, Ends], dict[int, tuple[int, list[float] | None]]]:
    """(deals by pipeline, furthest stage and status; deals and [median, 90th percentile] of days by stage)."""
    rows = source.rows.filter(source.q(*m.opened(period))).values("id", "status", "stage_id")
    cohort, params = rows.query.sql_with_params()
    sql = _SQL.format(cohort=cohort)
    line = list(all_stages().values())
    order = [[s.pk for s in line], [s.pipeline_id for s in line], list(range(len(line)))]
    best: dict[int, Ends] = defaultdict(dict)
    stays: dict[int, tuple[int, list[float] | None]] = {}
    pipelines = {s.pk: s.pipeline_id for s in line}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *order])
        for what, stage, status, n, days in cursor.fetchall():
            if what == "best":
                best[pipelines[stage]][stage, status] = n
            else:
                stays[stage] = (n, days and [seconds / DAY for seconds in days])
    return best, stays
