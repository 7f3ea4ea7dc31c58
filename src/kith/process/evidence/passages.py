"""Walks judged by the database: for any journeys, the rows of `Passage` and `Trail` that follow from their stays.

What a move is (onwards, past stages, back) is decided in Python, for every pair of stages and versions that there is
(`walks.leap`); the database only looks it up. So it says what `flow.cells` says, over millions of stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kith.process.definition.shape import Definition
from kith.process.evidence.bins import EDGES
from kith.process.evidence.walks import FLOW, JOINED, anchor_of, leap

Versions = Mapping[tuple[int, int], Definition]  # by process and number

COLUMNS = 'journey_id, process_id, segment, stage, came_at, day, "on", "left", here, due, late, late_from, took, worked, went, began'
# The parameters: ids of journeys, moment, zone, bins' edges, and the two tables of `Ways`.
MAKE = """
CREATE TEMP TABLE evidence_passage ON COMMIT DROP AS
WITH anchor AS (
    SELECT * FROM unnest(%(a_process)s::bigint[], %(a_of)s::text[], %(a_old)s::int[], %(a_new)s::int[], %(a_anchor)s::text[])
        AS a (process_id, of, old, new, anchor)
), leap AS (
    SELECT * FROM unnest(%(l_process)s::bigint[], %(l_held)s::int[], %(l_segment)s::text[], %(l_of)s::text[],
                         %(l_to)s::text[], %(l_kind)s::text[], %(l_passed)s::text[])
        AS l (process_id, held, segment, of, "to", kind, passed)
), hours AS MATERIALIZED (
    SELECT process_id, opens::bigint[] AS opens, closes::bigint[] AS closes, before::bigint[] AS before
    FROM unnest(%(c_process)s::bigint[], %(c_opens)s::text[], %(c_closes)s::text[], %(c_before)s::text[])
        AS c (process_id, opens, closes, before)
), journey AS (
    SELECT id, process_id, segment, came_over, closed_at, closed_at IS NOT NULL AND outcome NOT IN ('', %(joined)s) AS lost,
           closed_at IS NOT NULL AND outcome = '' AS well
    FROM process_journey WHERE id = ANY(%(ids)s) AND archived_at IS NULL
), walked AS (
    SELECT s.id, s.journey_id, j.process_id, j.segment, j.came_over, j.closed_at, j.lost, j.well, s.stage, s.held_to, s.entered_at,
           s.due_at, coalesce(s.left_at, j.closed_at) AS left_at, work.time AS work,
           row_number() OVER w AS nth, lead(s.stage) OVER w AS next, lead(s.held_to) OVER w AS next_held
    FROM process_stay s JOIN journey j ON j.id = s.journey_id LEFT JOIN hours h ON h.process_id = j.process_id
    CROSS JOIN LATERAL (  -- what was worked until it was left, less what was worked until it was entered
        SELECT sum(CASE WHEN n.n = 0 THEN 0 ELSE v.sign * (h.before[n.n] + least(u.us, h.closes[n.n]) - h.opens[n.n]) END) AS time
        FROM (VALUES (1, coalesce(s.left_at, j.closed_at, %(now)s)), (-1, s.entered_at)) AS v (sign, at),
             LATERAL (SELECT (extract(epoch FROM v.at) * 1000000)::bigint AS us) AS u,
             LATERAL (SELECT width_bucket(u.us, h.opens) AS n) AS n
    ) AS work
    WINDOW w AS (PARTITION BY s.journey_id ORDER BY s.entered_at, s.id)
), moved AS MATERIALIZED (
    SELECT w.*, l.passed,
           CASE WHEN w.next IS NULL OR w.next = w.stage THEN NULL
                WHEN l.kind IS DISTINCT FROM 'skip' THEN coalesce(l.kind, 'flow')
                WHEN EXISTS (
                    SELECT 1 FROM unnest(string_to_array(l.passed, '>')) AS p (key) WHERE NOT EXISTS (
                        SELECT 1 FROM process_stay b WHERE b.journey_id = w.journey_id AND b.stage = p.key
                        AND (b.entered_at, b.id) <= (w.entered_at, w.id))) THEN 'skip'
                ELSE 'flow' END AS kind
    FROM walked w
    LEFT JOIN anchor a ON a.process_id = w.process_id AND a.of = w.stage AND a.old = w.held_to AND a.new = w.next_held
    LEFT JOIN leap l ON l.process_id = w.process_id AND l.held = w.next_held AND l.segment = w.segment
        AND l.of = coalesce(a.anchor, '') AND l."to" = w.next
), together AS (
    SELECT m.journey_id, m.process_id, m.segment, m.stage, min(m.entered_at) AS came_at,
           bool_or(m.kind <> 'back') AS onward, bool_or(m.next IS NULL) AS last, bool_or(m.lost) AS lost,
           bool_or(m.well) AS well, bool_or(m.came_over) AS came_over, bool_or(m.closed_at IS NOT NULL) AS closed,
           sum(coalesce(m.left_at, %(now)s) - m.entered_at) AS time, sum(m.work) AS work, bool_or(m.due_at IS NOT NULL) AS promised,
           coalesce(bool_or(m.due_at < coalesce(m.left_at, %(now)s)), false) AS late,
           min(m.due_at) FILTER (WHERE m.left_at IS NULL) AS late_from,
           array_agg(DISTINCT m.next || ':' || m.kind) FILTER (WHERE m.kind IS NOT NULL) AS went,
           string_agg(m.passed, '>') FILTER (WHERE m.kind = 'skip') AS missed, min(m.nth) AS nth,
           max(m.held_to) FILTER (WHERE m.nth = 1) AS first_held
    FROM moved m GROUP BY 1, 2, 3, 4
)
SELECT t.journey_id, t.process_id, t.segment, t.stage, t.came_at, (t.came_at AT TIME ZONE %(zone)s)::date AS day,
       coalesce(t.onward, false) OR (t.last AND t.well) AS "on", t.last AND t.lost AS "left", t.last AND NOT t.closed AS here,
       t.late OR (t.promised AND NOT (t.last AND NOT t.closed)) AS due, t.late, t.late_from,
       CASE WHEN NOT t.last OR t.closed
            THEN width_bucket(greatest(0, floor(extract(epoch FROM t.time)))::bigint, %(edges)s::bigint[])::smallint END AS took,
       CASE WHEN NOT t.last OR t.closed
            THEN width_bucket(greatest(0, floor(t.work / 1000000))::bigint, %(edges)s::bigint[])::smallint END AS worked,
       coalesce(t.went, '{}') AS went, CASE WHEN t.nth = 1 THEN coalesce(l.kind, 'flow') ELSE '' END AS began,
       concat_ws('>', t.missed, CASE WHEN t.nth = 1 AND l.kind = 'skip' THEN l.passed END) AS missed
FROM together t
LEFT JOIN leap l ON t.nth = 1 AND NOT t.came_over AND l.process_id = t.process_id AND l.held = t.first_held AND l.segment = t.segment
    AND l.of = '' AND l."to" = t.stage
"""
TRAILS = """
INSERT INTO process_trail (journey_id, path, skipped)
SELECT w.journey_id, w.path, coalesce(m.skipped, '{}')
FROM (
    SELECT journey_id, array_agg(stage ORDER BY entered_at, id) AS path
    FROM (
        SELECT journey_id, stage, entered_at, id,
               lag(stage) OVER (PARTITION BY journey_id ORDER BY entered_at, id) IS DISTINCT FROM stage AS new
        FROM process_stay WHERE journey_id IN (SELECT journey_id FROM evidence_passage)
    ) s WHERE new GROUP BY 1
) w LEFT JOIN (
    SELECT p.journey_id, array_agg(DISTINCT k.key) AS skipped
    FROM evidence_passage p, unnest(string_to_array(p.missed, '>')) AS k (key)
    WHERE p.missed <> '' AND NOT EXISTS (
        SELECT 1 FROM evidence_passage d WHERE d.journey_id = p.journey_id AND d.stage = k.key)
    GROUP BY 1
) m USING (journey_id)
"""


@dataclass
class Ways:
    """Every move there can be, as columns for `unnest`: where a stage stands in another version, and what a move is."""

    anchors: list[tuple[int, str, int, int, str]] = field(default_factory=list)
    leaps: list[tuple[int, int, str, str, str, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, versions: Versions, segments: Iterable[str] = ()) -> Ways:
        """`segments` that journeys have besides those of the definitions."""
        out = cls()
        for (process, number), definition in versions.items():
            known = {"", *segments, *(s.key for (p, _n), d in versions.items() if p == process for s in d.segments)}
            out._leaps(process, number, definition, known)
            for (other, old), before in versions.items():
                if other == process:
                    keys = dict.fromkeys((*before.order, *definition.order))
                    out.anchors += [(process, k, old, number, anchor_of(k, before, definition)) for k in keys]
        return out

    def _leaps(self, process: int, number: int, definition: Definition, segments: Iterable[str]) -> None:
        keys = list(definition.order)
        for segment in segments:
            for of in ("", *keys):
                for to in keys:
                    kind, passed = leap(definition, of, to, segment)
                    if kind != FLOW:  # what is not listed is onwards
                        self.leaps.append((process, number, segment, of, to, kind, ">".join(passed)))

    def parameters(self) -> dict[str, Any]:
        anchors, leaps = (
            list(zip(*self.anchors, strict=True)) or [()] * 5,
            list(zip(*self.leaps, strict=True)) or [()] * 7,
        )
        names = ("a_process", "a_of", "a_old", "a_new", "a_anchor")
        more = ("l_process", "l_held", "l_segment", "l_of", "l_to", "l_kind", "l_passed")
        found = dict(zip(names, map(list, anchors), strict=True)) | dict(zip(more, map(list, leaps), strict=True))
        return {**found, "edges": list(EDGES), "joined": JOINED}
