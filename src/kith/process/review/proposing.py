"""What Kith proposes to a review, from what the map knows: each with where it comes from and what may be expected.

Nothing is proposed from few cases: under `LEAST` relationships, or where the map does not claim a difference, Kith says
nothing. A finding is {"kind", "key", "stage", "data"}; `words.py` says it to people. `data` holds numbers alone.

skip: those who went past a stage and what that cost (`evidence/study.py`); late: a promise often broken;
need: something a gate asks for that is often passed over, with the reasons given.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils import timezone

from kith.process import clock
from kith.process.definition.shape import Definition, Stage
from kith.process.evidence.cost import LEAST
from kith.process.evidence.ledger import WARNS
from kith.process.evidence.models import Study
from kith.process.evidence.study import KEPT
from kith.process.models import Process
from kith.process.review.snapshot import Snapshot, midnight
from kith.process.versions import definition_of

SKIP, LATE, NEED, HAND = "skip", "late", "need", "hand"
MOST = 6
MONTH = 365 / 12
PASSED_OVER = 0.2  # share of ways out of a stage from which a need that is passed over is worth a word
REASONS = 3

_OVER = """
SELECT e.payload->>'old', need.says, e.payload->>'reason', count(*)
FROM timeline_event e JOIN process_journey j ON j.id = e.record_id
CROSS JOIN LATERAL jsonb_array_elements_text(e.payload->'missing') AS need (says)
WHERE e.verb = 'journey.moved' AND e.record = 'journey' AND e.at >= %s AND e.at < %s AND j.process_id = %s
  AND jsonb_typeof(e.payload->'missing') = 'array'
GROUP BY 1, 2, 3
"""

Finding = dict[str, Any]
Passed = tuple[str, str, str, int]  # stage, need in words, reason, how often


def findings(process: Process, now: Snapshot) -> list[Finding]:
    """What the figures of these days give reason to propose, most relationships first. Two queries."""
    definition = definition_of(process.pk, process.in_force or 0)
    study = Study.objects.filter(process=process).values_list("findings", flat=True).first() or []
    found = [
        *of_skips(definition, now, study),
        *of_promises(definition, now),
        *of_needs(definition, now, _passed_over(process, now)),
    ]
    found.sort(key=lambda one: -one["data"]["n"])
    return found[:MOST]


def thin(now: Snapshot) -> bool:
    """Has too little happened in these days to propose anything?"""
    return max((s["entered"] for s in now["stages"].values()), default=0) < LEAST


def a_month(n: float, now: Snapshot) -> float:
    return n * MONTH / now["days"]


def of_skips(definition: Definition, now: Snapshot, study: Iterable[dict[str, Any]]) -> list[Finding]:
    """Stages that cost customers when they are skipped, which is still done. The interval of how many more would be kept
    a month is that of the difference, times how many skip it a month."""
    out = []
    for one in study:
        stage, cost = now["stages"].get(one["stage"]), one.get("cost")
        if (
            one["outcome"] != KEPT
            or not one.get("claim")
            or cost is None
            or cost["high"] >= 0
            or not stage
            or not stage["skipped"]
        ):
            continue
        many = a_month(stage["skipped"], now)
        data = {
            "n": stage["skipped"], "a_month": many, "low": -cost["high"], "high": -cost["low"], "followed": one["followed"],
            "kept_low": many * -cost["high"], "kept_high": many * -cost["low"],
            "compared": cost["skipped"]["compared"], "strict": _strict(definition, one["stage"]),
        }  # fmt: skip
        out.append(_finding(SKIP, one["stage"], stage, data))
    return out


def _strict(definition: Definition, key: str) -> bool:
    stage = definition.by_key.get(key)
    return stage is not None and stage.gate == "strict"


def of_promises(definition: Definition, now: Snapshot) -> list[Finding]:
    """Stages whose promise is broken by a fifth or more of at least thirty."""
    out = []
    for key, stage in now["stages"].items():
        if stage["due"] < LEAST or stage["late"] / stage["due"] < WARNS:
            continue
        promise = promised(definition, definition.by_key[key])
        spare = max(0.0, stage["late"] - 0.1 * stage["due"])
        data = {
            "n": stage["late"], "due": stage["due"], "p90": stage["p90"], "promise": promise,
            "fewer_a_month": a_month(spare, now), "a_month": a_month(stage["late"], now),
        }  # fmt: skip
        out.append(_finding(LATE, key, stage, data))
    return out


def promised(definition: Definition, stage: Stage) -> float | None:
    """How long the promise of a stage is, in seconds as the clock on the wall counts them, from an ordinary opening."""
    calendar = clock.calendar_for(definition)
    start = calendar.next_open(timezone.now())
    due = clock.due(definition, stage, "", start)
    return None if due is None else (due - start).total_seconds()


def of_needs(definition: Definition, now: Snapshot, passed: Iterable[Passed]) -> list[Finding]:
    """Needs that at least thirty, and a fifth of those who moved on, were let past, each with its most frequent reasons."""
    times: Counter[tuple[str, str]] = Counter()
    why: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for stage, need, reason, n in passed:
        times[stage, need] += n
        why[stage, need][reason or ""] += n
    out = []
    for (key, need), n in times.items():
        stage = now["stages"].get(key)
        if stage is None or n < LEAST or n < PASSED_OVER * stage["done"]:
            continue
        reasons = [[words, many] for words, many in why[key, need].most_common(REASONS) if words]
        data = {"n": n, "of": max(n, stage["done"]), "need": need, "reasons": reasons, "a_month": a_month(n, now)}
        out.append(_finding(NEED, key, stage, data, need))
    return out


def _finding(kind: str, key: str, stage: dict[str, Any], data: dict[str, Any], more: str = "") -> Finding:
    name = ":".join(part for part in (kind, key, more) if part)[:200]
    return {"kind": kind, "key": name, "stage": key, "data": data | {"stage": stage["name"], "step": stage["step"]}}


def _passed_over(process: Process, now: Snapshot) -> list[Passed]:
    first, last = (dt.date.fromisoformat(now[key]) for key in ("since", "until"))
    since, until = midnight(first), midnight(last + dt.timedelta(1))
    with connection.cursor() as cursor:
        cursor.execute(_OVER, [since, until, process.pk])
        return list(cursor.fetchall())
