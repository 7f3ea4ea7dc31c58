"""What those colleagues have done who bring most relationships on from a stage, against everybody else: worked out over night.

A colleague counts for what was in their care when it left the stage, by going on or by being lost, within a year. The best are
the third with the highest share that went on, of those with at least `LEAST_OF_ONE`. What they did is what the gate found met
when it was passed, so only relationships that went on are looked at for that, and a strict gate, which nothing passes, says nothing.
Under `LEAST_COLLEAGUES`, or `LEAST` that went on at either side, nothing is said. No colleague is named.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from kith.process.definition.checks import need_fault
from kith.process.definition.shape import STRICT, Definition, Need, Stage
from kith.process.evidence.models import Study
from kith.process.models import Process
from kith.process.versions import definition_of

YEAR = dt.timedelta(days=365)
MOST = 5_000  # relationships looked at for one stage, the latest ones
LEAST_OF_ONE, LEAST_COLLEAGUES, LEAST = 10, 3, 20

# What settled in the stage: in whose care it was then (before a later change of owner), did it go on, and what the gate missed.
_SETTLED = """
SELECT CASE WHEN later.changed THEN later.owner ELSE j.owner_id END, p."on", s.held_to, moved.missing
FROM (SELECT * FROM process_passage WHERE process_id = %(process)s AND stage = %(stage)s AND day >= %(since)s AND ("on" OR "left")
      ORDER BY day DESC, journey_id DESC LIMIT %(most)s) p
JOIN process_journey j ON j.id = p.journey_id AND j.archived_at IS NULL
CROSS JOIN LATERAL (
    SELECT x.held_to, coalesce(x.left_at, j.closed_at) AS left_at FROM process_stay x
    WHERE x.journey_id = p.journey_id AND x.stage = p.stage ORDER BY x.entered_at DESC, x.id DESC LIMIT 1
) s
CROSS JOIN LATERAL (
    SELECT CASE WHEN j.company_id IS NULL THEN 'person' ELSE 'company' END AS record, coalesce(j.company_id, j.person_id) AS id
) w
LEFT JOIN LATERAL (
    SELECT true AS changed, (e.changes->'owner'->0->>'id')::bigint AS owner
    FROM timeline_eventlink l JOIN timeline_event e ON e.id = l.event_id
    WHERE l.record = w.record AND l.record_id = w.id AND l.at >= s.left_at
      AND e.record = w.record AND e.record_id = w.id AND e.changes ? 'owner'
    ORDER BY l.at, l.event_id LIMIT 1
) later ON true
LEFT JOIN LATERAL (
    SELECT e.payload->'missing' AS missing
    FROM timeline_eventlink l JOIN timeline_event e ON e.id = l.event_id
    WHERE l.record = 'journey' AND l.record_id = p.journey_id AND e.record = 'journey' AND e.verb = 'journey.moved'
      AND e.payload->>'old' = p.stage AND NOT coalesce((e.payload->>'back')::boolean, false)
    ORDER BY l.at DESC, l.event_id DESC LIMIT 1
) moved ON true
"""


@dataclass(frozen=True)
class Settled:
    """One relationship that left the stage. `missing`: what the gate missed, None where nobody moved it on by an event."""

    owner: int | None
    on: bool
    held_to: int
    missing: frozenset[str] | None


def advice(process: Process, definition: Definition, now: dt.datetime) -> list[dict[str, Any]]:
    """What can be said, by stage: {"stage", "colleagues" (how many have enough), "best" (how many of them are the best),
    "best_on" and "others_on" ([went on, settled]), "needs": [{"key", "says", "best" and "others" ([had it, went on])}]}."""
    found = []
    for stage in definition.stages:
        asked = [need for need in stage.needs if not need_fault(stage, need)]
        if asked and stage.gate != STRICT:
            rows = _settled(process, stage.key, now)
            held = {number: definition_of(process.pk, number) for number in {row.held_to for row in rows}}
            if told := judged(stage, asked, rows, held):
                found.append(told)
    return found


def _settled(process: Process, stage: str, now: dt.datetime) -> list[Settled]:
    since = (now - YEAR).date()
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, {"process": process.pk, "stage": stage, "since": since, "most": MOST})
        return [
            Settled(owner, on, held, None if missing is None else frozenset(orjson.loads(missing)))
            for owner, on, held, missing in cursor.fetchall()
        ]


def judged(
    stage: Stage, asked: Sequence[Need], rows: Sequence[Settled], held: Mapping[int, Definition]
) -> dict[str, Any] | None:
    """What is said of one stage; None where too little happened or the best are no better than the others."""
    mine = [row for row in rows if row.owner is not None]
    all_of, on_of = Counter(row.owner for row in mine), Counter(row.owner for row in mine if row.on)
    enough = [owner for owner, n in all_of.items() if n >= LEAST_OF_ONE]
    if len(enough) < LEAST_COLLEAGUES:
        return None
    enough.sort(key=lambda owner: (-on_of[owner] / all_of[owner], -all_of[owner], owner))
    best = set(enough[: len(enough) // 3])
    sides = [[row for row in mine if (row.owner in best) == side] for side in (True, False)]
    best_on, others_on = ([sum(row.on for row in side), len(side)] for side in sides)
    if best_on[0] * others_on[1] <= others_on[0] * best_on[1]:
        return None
    needs = [one for need in asked if (one := _of_need(stage, need, sides, held))]
    if not needs:
        return None
    needs.sort(key=lambda one: -(one["best"][0] / one["best"][1] - one["others"][0] / one["others"][1]))
    return {
        "stage": stage.key, "colleagues": len(enough), "best": len(best), "best_on": best_on, "others_on": others_on, "needs": needs,
    }  # fmt: skip


def _of_need(
    stage: Stage, need: Need, sides: Sequence[Sequence[Settled]], held: Mapping[int, Definition]
) -> dict[str, Any] | None:
    """How often each side had it when they went on, of those whose version asked for it; None where these are too few."""
    says = {number: _says(definition, stage.key, need.key) for number, definition in held.items()}
    counts = []
    for side in sides:
        went = [row for row in side if row.on and row.missing is not None and says[row.held_to]]
        if len(went) < LEAST:
            return None
        counts.append([sum(says[row.held_to] not in (row.missing or ()) for row in went), len(went)])
    return {"key": need.key, "says": need.says, "best": counts[0], "others": counts[1]}


def _says(definition: Definition, stage: str, need: str) -> str:
    """How a version words the need; "" where its gate does not ask for it, or nothing passes without."""
    here = definition.by_key.get(stage)
    if here is None or here.gate == STRICT:
        return ""
    return next((one.says for one in here.needs if one.key == need), "")


def advice_of(process: int) -> dict[str, dict[str, Any]]:
    """{stage: what was worked out last night}. One query."""
    kept = Study.objects.filter(process=process).values_list("advice", flat=True).first() or []
    return {one["stage"]: one for one in kept}
