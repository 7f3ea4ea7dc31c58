"""What was passed over lately: stages that were skipped and needs that were not met, by team, with the reasons given; and which
stages could go, since more pass them over than go through them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import orjson
from django.db import connection
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.adoption.fields import DAYS
from kith.process.evidence.flow import flow
from kith.process.evidence.reading import counted
from kith.process.kinds import stages
from kith.process.versions import in_use

SHOWN = 20
LEAST = 10  # times that a stage was passed over before it is said that it could go

# Counted where they are, however many: a line for each stage or need and team, with its latest cases.
_LEFT_OUT = """
WITH told AS (
    SELECT e.record_id, e.at, coalesce(e.payload->>'reason', '') AS reason, w.kind, w.word, j.name, coalesce(t.name, '') AS team
    FROM timeline_event e
    JOIN process_journey j ON j.id = e.record_id AND j.id IN ({seen})
    LEFT JOIN accounts_team t ON t.id = j.team_id,
    LATERAL (SELECT 'stage', jsonb_array_elements_text(e.payload->'skipped')
             UNION ALL SELECT 'need', jsonb_array_elements_text(e.payload->'missing')) AS w (kind, word)
    WHERE e.record = 'journey' AND e.verb = 'journey.moved' AND e.at >= %s
      AND (e.payload->'skipped' <> '[]' OR e.payload->'missing' <> '[]')
), latest AS (
    SELECT *, row_number() OVER (PARTITION BY kind, word ORDER BY at DESC, record_id) AS nth FROM told
)
SELECT kind, word, team, count(*), count(*) FILTER (WHERE reason <> ''),
       coalesce(jsonb_agg(jsonb_build_array(record_id, name, at, reason) ORDER BY nth) FILTER (WHERE nth <= %s), '[]')
FROM latest GROUP BY 1, 2, 3
"""


@dataclass
class Passed:
    """One stage or need: how often in all and by team, how often somebody decided so by hand, and the latest cases as
    (journey, name, when, reason). `process`: the key of the one in which the stage could go, "" for none; `came`: how many
    came to it meanwhile."""

    kind: str  # "stage" or "need"
    word: str
    name: str
    n: int = 0
    by_hand: int = 0
    teams: Counter[str] = field(default_factory=Counter)
    cases: list[tuple[int, str, dt.datetime, str]] = field(default_factory=list)
    process: str = ""
    came: int = 0


def passed_over(actor: Actor) -> list[Passed]:
    """The most often passed over first; one query, and one more for each process in force."""
    since = timezone.now() - dt.timedelta(days=DAYS)
    known = stages()
    out: dict[tuple[str, str], Passed] = {}
    for kind, word, team, n, by_hand, cases in _told(actor, since):
        one = out.setdefault((kind, word), Passed(kind, word, known.get(word, word) if kind == "stage" else word))
        one.n, one.by_hand, one.teams[team] = one.n + n, one.by_hand + by_hand, n
        one.cases += [(pk, name, dt.datetime.fromisoformat(at), reason) for pk, name, at, reason in orjson.loads(cases)]
    for one in out.values():
        one.cases = sorted(one.cases, key=lambda case: case[2], reverse=True)[:SHOWN]
    _could_go(out, since)
    return sorted(out.values(), key=lambda one: (-one.n, one.name))


def _told(actor: Actor, since: dt.datetime) -> list[tuple[str, str, str, int, int, str]]:
    seen = registry["journey"].rows(actor, archived=False).order_by().values("pk")
    sql, params = seen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_LEFT_OUT.format(seen=sql), [*params, since, SHOWN])
        return list(cursor.fetchall())


def _could_go(found: dict[tuple[str, str], Passed], since: dt.datetime) -> None:
    """Note of stages of a process in force that they are passed over more often than gone through."""
    for running in in_use().values():
        figures = flow(counted(running.process.pk, since.date())).stages
        for key in running.definition.by_key:
            one = found.get(("stage", key))
            if one is not None and one.n >= LEAST:
                one.came = figures[key].came if key in figures else 0
                one.process = running.process.key if one.n > one.came else one.process
