"""Scores worked out set by set: one query per rule with a filter, one for all rules about what happened.

A batch of people is read through indexes alone (their keys, and the links of their events), so that what one event costs
does not grow with how many people there are. Nothing is written where nothing changed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid
from kith.kernel.jsontext import encode
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.conditions import tree_of
from kith.kernel.records.models import Moved
from kith.kernel.records.registry import registry
from kith.kernel.segments.watching import worked_out
from kith.qualification.models import Changed, Lead, Part, ScoreRule
from kith.qualification.scoring.rules import band_of, bands, rules

TOLD = 50  # people whose open pages are told of a new score at once
IN_A_ROW = "SELECT pg_advisory_xact_lock(hashtextextended('kith.scoring', 0))"
HAPPENED = """
    SELECT coalesce(m.new, l.record_id), r.id, count(*), max(e.at),
           sum(CASE WHEN r.half IS NULL THEN 1 ELSE power(0.5, greatest(extract(epoch FROM %(now)s - e.at), 0) / 86400 / r.half) END)
    FROM timeline_eventlink l
    JOIN timeline_event e ON e.id = l.event_id
    JOIN unnest(%(rules)s::bigint[], %(verbs)s::text[], %(halves)s::float[]) AS r (id, verb, half) ON r.verb = e.verb
    LEFT JOIN unnest(%(old)s::bigint[], %(new)s::bigint[]) AS m (old, new) ON m.old = l.record_id
    WHERE l.record = 'person' AND l.record_id = ANY(%(people)s) AND e.at <= %(now)s
      AND NOT EXISTS (SELECT 1 FROM timeline_operation o WHERE o.id = e.operation AND o.undone_at IS NOT NULL)
    GROUP BY 1, 2
"""
KEEP = """
    INSERT INTO qualification_lead (person_id, fit, engagement, total, band, lines, fades, scored_at, known, asked, missing, state, reasons)
    SELECT p.id, g.fit, g.engagement, g.fit + g.engagement, g.band, g.lines, g.fades, %s, 0, 0, '[]', '', '[]'
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::text[], %s::jsonb[], %s::bool[]) AS g (id, fit, engagement, band, lines, fades)
    JOIN contacts_person p ON p.id = g.id
    ORDER BY p.id
    ON CONFLICT (person_id) DO UPDATE SET fit = excluded.fit, engagement = excluded.engagement, total = excluded.total,
        band = excluded.band, lines = excluded.lines, fades = excluded.fades, scored_at = excluded.scored_at
"""


@dataclass
class Score:
    """What one person has: whole points by part, and the lines they are made of."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    fades: bool = False

    def of(self, part: str) -> int:
        return sum(line["points"] for line in self.lines if line["part"] == part)

    @property
    def fit(self) -> int:
        return self.of(Part.FIT)

    @property
    def engagement(self) -> int:
        return self.of(Part.ENGAGEMENT)


def work_out(people: list[int], now: dt.datetime, among: list[ScoreRule] | None = None) -> dict[int, Score]:
    """{person: score}, everybody asked for among them. Writes nothing."""
    every = rules() if among is None else among
    out = {pk: Score() for pk in people}
    happened = _happened([r for r in every if r.verb], people, now)
    for rule in every:
        fitting = _fitting(rule, people)
        for pk in fitting:
            told = happened.get((pk, rule.pk))
            if not rule.verb:
                out[pk].lines.append(_line(rule, rule.points, 1, None))
            elif told is not None:
                count, last, weight = told
                out[pk].lines.append(_line(rule, rule.points * weight, count, last))
                out[pk].fades |= rule.half_life is not None
    return out


def _line(rule: ScoreRule, points: float, count: int, last: dt.datetime | None) -> dict[str, Any]:
    most = rule.most if rule.most is not None else float("inf")
    given = round(max(min(points, most), -most))
    at = last.isoformat() if last else None
    return {"rule": rule.pk, "name": rule.name, "part": rule.part, "points": given, "n": count, "at": at}


def _fitting(rule: ScoreRule, people: list[int]) -> list[int]:
    """Those of these people that the filter of the rule fits; nobody while it cannot be asked."""
    if not rule.where:
        return people
    record = registry["person"]
    rows = record.model._default_manager.filter(pk__in=people)
    try:
        return list(filtered(record, tree_of(rule.where), system(), rows).values_list("pk", flat=True))
    except Invalid:
        return []  # the settings say beside the rule why it gives nothing


def _happened(some: list[ScoreRule], people: list[int], now: dt.datetime) -> dict[tuple[int, int], Any]:
    """{(person, rule): (how often, last time, how often when what is long ago counts less)}"""
    if not some:
        return {}
    moved = dict(Moved.objects.filter(record="person", new_id__in=people).values_list("old_id", "new_id"))
    given = {
        "now": now, "people": [*people, *moved], "old": list(moved), "new": list(moved.values()),
        "rules": [r.pk for r in some], "verbs": [r.verb for r in some], "halves": [r.half_life for r in some],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(HAPPENED, given)
        return {(pk, rule): (count, last, float(weight)) for pk, rule, count, last, weight in cursor.fetchall()}


@transaction.atomic
def keep(people: list[int], now: dt.datetime | None = None) -> int:
    """Bring the scores of these people up to date; returns how many changed. Batches go one after the other, so that none
    writes what it read before another one learned more."""
    with connection.cursor() as cursor:
        cursor.execute(IN_A_ROW)
    now = now or timezone.now()
    steps = bands()
    scores = work_out(people, now)
    before = {lead.pk: lead for lead in Lead.objects.filter(person__in=people).only(*_READ)}
    rows, history = [], []
    for pk in sorted(scores):
        score, old = scores[pk], before.get(pk)
        band = band_of(score.fit + score.engagement, steps)
        if old is not None and (old.lines, old.band, old.fades) == (score.lines, band, score.fades):
            continue
        rows.append((pk, score, band))
        if moved := _moved(old, score, band):
            history.append(Changed(person_id=pk, at=now, **moved))
    if rows:
        _write(rows, now)
        Changed.objects.bulk_create(history, batch_size=1000)
        announce([f"person:{pk}" for pk, _score, _band in rows[:TOLD]])
        worked_out("person", [pk for pk, _score, _band in rows])
    return len(rows)


_READ = ("person", "fit", "engagement", "band", "lines", "fades")


def _write(rows: list[tuple[int, Score, str]], now: dt.datetime) -> None:
    columns: list[list[Any]] = [[], [], [], [], [], []]
    for pk, score, band in rows:
        given = (pk, score.fit, score.engagement, band, encode(score.lines), score.fades)
        for column, value in zip(columns, given, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [now, *columns])


def _moved(old: Lead | None, score: Score, band: str) -> dict[str, Any]:
    """What history keeps of a change; {} for points that only faded within a band."""
    lines = {line["rule"]: line for line in (old.lines if old is not None else [])}
    now = {line["rule"]: line for line in score.lines}
    differ = [key for key in {*lines, *now} if _points(lines, key) != _points(now, key)]
    told = [key for key in {*lines, *now} if _times(lines, key) != _times(now, key)]
    before = old.band if old is not None else ""
    if not (told or band != before or any(not now.get(key, lines.get(key, {})).get("at") for key in differ)):
        return {}
    why = [
        {"name": now.get(key, lines.get(key, {}))["name"], "before": _points(lines, key), "after": _points(now, key)}
        for key in sorted({*differ, *told})
    ]
    return {
        "fit_before": old.fit if old is not None else 0, "fit": score.fit,
        "engagement_before": old.engagement if old is not None else 0, "engagement": score.engagement,
        "band_before": before, "band": band, "why": why,
    }  # fmt: skip


def _points(lines: dict[int, Any], key: int) -> int:
    return int(lines.get(key, {}).get("points", 0))


def _times(lines: dict[int, Any], key: int) -> int:
    return int(lines.get(key, {}).get("n", 0))
