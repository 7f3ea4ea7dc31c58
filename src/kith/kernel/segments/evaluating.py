"""Keeping who is in: one statement finds who should be, lets those come who are not in yet and those leave who are.

For some rows after something happened to them, or for all of them after the segment itself was changed. A lock for each
segment makes one look wait for the other, so that the later one has seen what the earlier one missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.finding import AnyOf
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.segments.judging import ask
from kith.kernel.segments.models import INSIDE, Exclusion, How, Listed, Membership, Segment, Why
from kith.kernel.segments.trees import KITH, is_timed, tree_of
from kith.kernel.zones import zone

TOGETHER = 20  # segments of one question
LOCK = 0x5E6  # of advisory locks: one for each segment
COMING = """
    , came AS (
        INSERT INTO segments_membership (segment_id, row_id, came_at, came_why, came_part, left_why, left_part)
        SELECT %(segment)s, w.id, statement_timestamp(), %(why)s, '', '', '' FROM wanted w
        WHERE NOT EXISTS (
            SELECT 1 FROM segments_membership m WHERE m.segment_id = %(segment)s AND m.row_id = w.id AND m.left_at IS NULL
        )
        ORDER BY w.id  -- the indexes are then written at their ends: a third less work
        RETURNING row_id
    ), gone AS (
        UPDATE segments_membership m SET left_at = statement_timestamp(), left_why = %(why)s
        WHERE m.segment_id = %(segment)s AND m.left_at IS NULL AND (%(rows)s::bigint[] IS NULL OR m.row_id = ANY(%(rows)s))
          AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.id = m.row_id)
        RETURNING row_id
    )
"""
TOLD = "SELECT (SELECT array_agg(row_id) FROM came), (SELECT array_agg(row_id) FROM gone)"
COUNTED = "SELECT (SELECT count(*) FROM came), (SELECT count(*) FROM gone)"


@dataclass(frozen=True)
class Moved:
    """Who came and who left, by id; as counts alone after a look at all rows."""

    came: Sequence[int] = ()
    gone: Sequence[int] = ()
    n_came: int = 0
    n_gone: int = 0


def lock(segment: int) -> None:
    """Wait for other looks at this segment; ours ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, segment % 2**31])


def lock_free(segments: Sequence[int]) -> set[int]:
    """The same for those of many that nobody looks at just now, without waiting; returns which they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM unnest(%s::bigint[]) AS id WHERE pg_try_advisory_xact_lock(%s, (id %% 2147483648)::int)",
            [list(segments), LOCK],
        )
        return {pk for (pk,) in cursor.fetchall()}


def differing(segments: Sequence[Segment], pks: Sequence[int]) -> list[Segment]:
    """Those of these segments (of one type, by conditions alone) for which a row among `pks` should come or go: two
    questions for 20 segments, instead of several for each. Segments that cannot be used are among them."""
    inside: dict[int, set[int]] = {}
    stays = Membership.objects.filter(INSIDE, AnyOf("row_id", list(pks)), segment__in=[s.pk for s in segments])
    for segment, row in stays.values_list("segment_id", "row_id"):
        inside.setdefault(segment, set()).add(row)
    found = []
    for start in range(0, len(segments), TOGETHER):
        part = segments[start : start + TOGETHER]
        record = registry[part[0].subject]
        asked = [ask(record, tree_of(s), KITH, blanks=False) for s in part]
        rows = record.rows(KITH, archived=False).filter(AnyOf("pk", list(pks))).order_by()
        for one in asked:
            rows = rows.alias(**one.aliases)
        should: dict[int, set[int]] = {n: set() for n in range(len(part))}
        for pk, *met in rows.annotate(**{f"m{n}": one.met for n, one in enumerate(asked)}).values_list(
            "pk", *(f"m{n}" for n in range(len(part)))
        ):
            for n, yes in enumerate(met):
                if yes:
                    should[n].add(pk)
        found += [
            s for n, s in enumerate(part) if not asked[n].usable or should[n] != inside.get(s.pk, set()) or s.problem
        ]
    return found


def wanted(segment: Segment, pks: Iterable[int] | None = None) -> QuerySet[Any] | None:
    """Rows that should be in, among `pks` or among all; None when the conditions cannot be used as they are."""
    record = registry.get(segment.subject)
    if record is None:
        return None
    rows = record.rows(KITH, archived=False)
    if pks is not None:
        rows = rows.filter(AnyOf("pk", list(pks)))
    if segment.how == How.STATIC:
        return _less_excluded(segment, rows.filter(pk__in=Listed.objects.filter(segment=segment).values("row_id")))
    compiled = compile_tree(record, tree_of(segment), KITH, few=pks is not None)
    return None if compiled.broken else _less_excluded(segment, compiled.apply(rows))


def _less_excluded(segment: Segment, rows: QuerySet[Any]) -> QuerySet[Any]:
    out, others, words = set(), [], []
    for one in Exclusion.objects.filter(segment=segment):
        if one.other_id:
            others.append(one.other_id)
        elif one.identifier:
            words.append(one.identifier)
        elif one.row_id:
            out.add(one.row_id)
    if words:
        out |= set(rows.model._default_manager.filter(identifiers__overlap=words).values_list("pk", flat=True))
    if out:
        rows = rows.exclude(AnyOf("pk", sorted(out)))
    if others:  # not NOT IN: see kinds.py
        rows = rows.filter(~Exists(Membership.objects.filter(INSIDE, segment_id__in=others, row_id=OuterRef("pk"))))
    return rows


def look_again(segment: Segment, pks: Sequence[int]) -> Moved | None:
    """Let these rows come and go; None when the conditions cannot be used. Call inside a transaction, after `lock`."""
    rows = wanted(segment, pks)
    if rows is None:
        stand_still(segment)
        return None
    came, gone = _run(segment, rows, list(pks), Why.CHANGE, TOLD)
    _count(segment, len(came or ()) - len(gone or ()))
    return Moved(came or (), gone or (), len(came or ()), len(gone or ()))


def rebuild(pk: int, why: str = Why.RULE) -> Moved | None:
    """Look at every row; a segment's first look says that its members were in from the beginning. One transaction."""
    with transaction.atomic(), timezone.override(zone(current().time_zone)):
        lock(pk)
        segment = Segment.objects.filter(pk=pk).first()
        if segment is None or segment.archived_at is not None:
            return None
        rows = wanted(segment)
        if rows is None:
            stand_still(segment)
            return None
        first = segment.evaluated_at is None
        came, gone = _run(segment, rows, None, Why.BUILT if first else why, COUNTED)
        _count(segment, came - gone, timed=is_timed(segment.subject, tree_of(segment)), evaluated_at=timezone.now())
    return Moved((), (), came, gone)


def _run(segment: Segment, rows: QuerySet[Any], pks: list[int] | None, why: str, answer: str) -> tuple[Any, Any]:
    try:
        sql, params = rows.order_by().values_list("pk").query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:  # conditions that nobody can meet
        sql, params = "SELECT NULL::bigint WHERE false", ()
    statement, values = f"WITH wanted (id) AS MATERIALIZED ({sql}){_named(answer)}", list(params)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *_given(segment.pk, pks, why)])
        found: tuple[Any, Any] = cursor.fetchone()
    return found


ORDER = ("segment", "why", "segment", "why", "segment", "rows", "rows")


def _named(answer: str) -> str:
    """The rest of the statement with its values by place, since the part before it has its own by place."""
    text = COMING
    for name in ("segment", "why", "rows"):
        text = text.replace(f"%({name})s", "%s")
    return f"{text} {answer}"


def _given(segment: int, pks: list[int] | None, why: str) -> list[Any]:
    known = {"segment": segment, "why": why, "rows": pks}
    return [known[name] for name in ORDER]


def _count(segment: Segment, more: int, **values: Any) -> None:
    """What the segment knows of itself. No event: nobody did this."""
    if more or values or segment.problem:
        Segment.objects.filter(pk=segment.pk).update(members=F("members") + more, problem="", **values)


def stand_still(segment: Segment) -> None:
    """The members stay as they are until the conditions are mended; the page says so."""
    from kith.kernel.segments.explaining import trouble

    Segment.objects.filter(pk=segment.pk).update(problem=trouble(segment))
