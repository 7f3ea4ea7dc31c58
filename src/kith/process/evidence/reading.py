"""Reading what was counted: from the maintained sums, or, where a reader sees some rows only, by counting those."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.process.evidence.counting import CELLS
from kith.process.evidence.flow import TIME, WORK, Cell, Tally
from kith.process.evidence.walks import JOINED

PATIENCE = 5.0  # seconds that a reader waits for relationships to be counted one by one
CANCELLED = "57014"  # what PostgreSQL calls a question that took too long


def sees_all(actor: Actor) -> bool:
    """Does the actor see every relationship, and so what was counted of all of them?"""
    return actor.level("journey", "see") == "all"


def counted(
    process: int,
    since: dt.date | None = None,
    until: dt.date | None = None,
    segments: Iterable[str] | None = None,
    working: bool = False,
) -> Tally:
    """What is true of how many journeys of a process that came to a stage from `since` to `until`, both included.

    Times are by the clock, or in working time. Whole months are read as such. One query, whatever the number of journeys.
    """
    where = ["process_id = %s", "n <> 0", "what <> %s"]
    args: list[Any] = [process, _other(working)]
    if segments is not None:
        where.append("segment = ANY(%s)")
        args.append(list(segments))
    spans, more = _spans(since, until)
    sql = f"""SELECT what, stage, "to", kind, sum(n)::bigint FROM process_counted
        WHERE {" AND ".join(where)} AND ({spans}) GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0"""  # noqa: S608 - conditions only
    with connection.cursor() as cursor:
        cursor.execute(sql, [*args, *more])
        return Tally({Cell(what, stage, to, kind): n for what, stage, to, kind, n in cursor.fetchall()})


@contextmanager
def bounded(seconds: float | None = None) -> Iterator[None]:
    """What is counted within takes no longer than so many seconds, `PATIENCE` of them without; else Invalid, in words for people."""
    limit = PATIENCE if seconds is None else seconds
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true), set_config('work_mem', '32MB', true)",
                [str(round(limit * 1000))],
            )
            yield
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT; SET LOCAL work_mem TO DEFAULT")
    except OperationalError as problem:
        if getattr(problem.__cause__, "sqlstate", "") != CANCELLED:
            raise
        raise Invalid(
            _(
                "Counting these relationships one by one took longer than %s seconds and was given up. Choose a shorter period or a narrower filter; without a filter, or with a segment alone, figures are always ready."
            )
            % f"{limit:g}",
            "filter",
        ) from problem


def _spans(since: dt.date | None, until: dt.date | None) -> tuple[str, list[dt.date]]:
    """The condition for months that lie wholly within, and for the days before and after them."""
    first = None if since is None else (since if since.day == 1 else _next_month(since))
    after = None if until is None else (until + dt.timedelta(1)).replace(day=1)
    if first is not None and after is not None and first >= after:
        return "NOT monthly AND day BETWEEN %s AND %s", [since or first, until or after]
    parts, args = ["monthly"], []
    for bound, sign in ((first, ">="), (after, "<")):
        if bound is not None:
            parts.append(f"day {sign} %s")
            args.append(bound)
    out = "(" + " AND ".join(parts) + ")"
    for low, high in ((since, first), (after, until and until + dt.timedelta(1))):
        if low is not None and high is not None and low < high:
            out += " OR (NOT monthly AND day >= %s AND day < %s)"
            args += [low, high]
    return out, args


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(32)).replace(day=1)


def _other(working: bool) -> str:
    """The times that are not wanted."""
    return TIME if working else WORK


def scanned(
    process: int, rows: QuerySet[Any], since: dt.date | None = None, until: dt.date | None = None, working: bool = False
) -> Tally:
    """The same for these journeys alone. Passages that are alike are put together before their cells are told, since most
    are like many others. As long as they take: see `bounded`."""
    ids, params = _ids(rows)
    spent, what = ("worked", WORK) if working else ("took", TIME)
    sql = f"""WITH alike AS (
            SELECT process_id, stage, "on", "left", here, due, late, {spent} AS took, NULL::smallint AS worked, went, began, count(*) AS many
            FROM process_passage
            WHERE process_id = %s AND journey_id IN ({ids}) AND (%s::date IS NULL OR day >= %s) AND (%s::date IS NULL OR day <= %s)
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 10, 11)
        SELECT CASE what WHEN 'time' THEN '{what}' ELSE what END, cell.stage, "to", kind, sum(many)::bigint FROM alike, {CELLS} WHERE holds GROUP BY 1, 2, 3, 4"""  # noqa: S608 - the rows' own query
    with connection.cursor() as cursor:
        cursor.execute(sql, [process, *params, since, since, until, until])
        return Tally({Cell(what, stage, to, kind): n for what, stage, to, kind, n in cursor.fetchall()})


@dataclass(frozen=True)
class PathTaken:
    """One way through, of those who came to the goal: how many, median days to it, and who was still there a year later."""

    path: tuple[str, ...]
    count: int
    days: float | None
    followed: int
    kept: int

    @property
    def kept_share(self) -> float | None:
        return self.kept / self.followed if self.followed else None


def paths_taken(
    process: int,
    goal: str,
    since: dt.date | None,
    until: dt.date | None,
    rows: QuerySet[Any] | None = None,
    top: int = 5,
) -> tuple[list[PathTaken], int, int]:
    """(the most frequent paths of those who came to `goal` in the period, how many that was, how many different ways).

    `rows` narrows it to these journeys. Counted from single journeys: see `bounded`.
    """
    came, params = _came(process, goal, since, until, rows)
    sql = f"""
        SELECT t.path, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM p.came_at - j.opened_at)),
               count(*) FILTER (WHERE p.came_at < now() - interval '365 days'),
               count(*) FILTER (WHERE p.came_at < now() - interval '365 days' AND NOT (
                   j.closed_at IS NOT NULL AND j.outcome NOT IN ('', %s) AND j.closed_at < p.came_at + interval '365 days')),
               sum(count(*)) OVER (), count(*) OVER ()
        {came} GROUP BY t.path ORDER BY count(*) DESC, t.path LIMIT %s"""  # noqa: S608 - the rows' own query
    with connection.cursor() as cursor:
        cursor.execute(sql, [JOINED, *params, top])
        found = cursor.fetchall()
    rows_ = [PathTaken(tuple(p), n, None if s is None else float(s) / 86_400, f, k) for p, n, s, f, k, _t, _d in found]
    return rows_, int(found[0][5]) if found else 0, found[0][6] if found else 0


def who_took(
    process: int,
    goal: str,
    since: dt.date | None,
    until: dt.date | None,
    rows: QuerySet[Any] | None,
    paths: Iterable[tuple[str, ...]],
    most: int,
) -> dict[tuple[str, ...], list[tuple[int | None, int | None]]]:
    """{path: (company, person) of the latest `most` who took it}, as in `paths_taken`. One query."""
    came, params = _came(process, goal, since, until, rows)
    sql = f"""SELECT path, company_id, person_id FROM (
            SELECT t.path, j.company_id, j.person_id, row_number() OVER (PARTITION BY t.path ORDER BY j.opened_at DESC, j.id) AS nth
            {came} AND array_to_string(t.path, '>') = ANY(%s)) one WHERE nth <= %s"""  # noqa: S608 - the rows' own query
    out: dict[tuple[str, ...], list[tuple[int | None, int | None]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, [">".join(path) for path in paths], most])
        for path, company, person in cursor.fetchall():
            out.setdefault(tuple(path), []).append((company, person))
    return out


def _came(
    process: int, goal: str, since: dt.date | None, until: dt.date | None, rows: QuerySet[Any] | None
) -> tuple[str, list[Any]]:
    """FROM and WHERE of who came to `goal` in the period: their passage p, trail t and journey j."""
    only, params = ("", ()) if rows is None else _ids(rows)
    sql = f"""FROM process_passage p JOIN process_trail t USING (journey_id) JOIN process_journey j ON j.id = p.journey_id
        WHERE p.process_id = %s AND p.stage = %s {f"AND p.journey_id IN ({only})" if only else ""}
          AND (%s::date IS NULL OR p.day >= %s) AND (%s::date IS NULL OR p.day <= %s)"""
    return sql, [process, goal, *params, since, since, until, until]


def _ids(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    sql, params = rows.order_by().values("pk").query.sql_with_params()
    return sql, tuple(params)
