"""What a segment's conditions lean on: record types, other segments, the calendar. And whether they can be used at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Colleague, Day, TeamLink
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import Condition, Group, parse
from kith.kernel.organisation.models import cached
from kith.kernel.records.columns import Column
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Exclusion, How, Segment

KITH = system()
IN_SEGMENT = "segment"  # the column that says in which segments a row is
OWN_WORDS = ("me", "my_team")


def tree_of(segment: Segment) -> Group:
    """The filter tree. What cannot be read any more stays as a condition that means nothing."""
    try:
        return parse(segment.conditions)
    except Invalid:
        return Group("all", (Condition(segment.conditions[:60], "?"),))


def check(subject: str, conditions: str, by: Actor) -> None:
    """Refuse conditions that cannot be used, or that would mean something else for everybody ("me"). Raises Invalid."""
    record, tree = registry[subject], parse(conditions)
    columns = record.columns(by)
    for condition in tree.conditions():
        column = columns.get(condition.column)
        if (
            column is not None
            and isinstance(column.kind, Colleague | TeamLink)
            and set(condition.values) & {*OWN_WORDS}
        ):
            raise Invalid(
                _("A segment is the same for everybody: name the colleague or team instead of “%s”.")
                % (_("me") if "me" in condition.values else _("my team")),
                "conditions",
            )
    if broken := compile_tree(record, tree, by).broken:
        raise Invalid(broken[0][1], "conditions")


def is_timed(subject: str, tree: Group) -> bool:
    """May the passing of time alone change what the tree says?"""
    columns = registry[subject].columns()
    return any(_moves(columns.get(c.column), c) for c in tree.conditions())


def _moves(column: Column | None, condition: Condition) -> bool:
    if column is None:
        return False
    if column.kind.timed:
        return True
    if isinstance(column.kind, Day):
        return any(not str(value)[:4].isdecimal() for value in condition.values)
    return column.expr is not None and any(isinstance(part, Now) for part in _parts(column.expr))


def _parts(expression: Any) -> Iterator[Any]:
    if hasattr(expression, "flatten"):
        yield from expression.flatten()


def segments_named(tree: Group) -> set[str]:
    """Keys of the segments that conditions of the tree speak of."""
    return {str(v) for c in tree.conditions() if c.column == IN_SEGMENT for v in c.values}


@dataclass(frozen=True)
class Seen:
    """What the listener and the jobs need to know of all segments at once.

    `order`: ids by subject, those that others lean on first. `via`: (link column, its type) of each subject, by which
    conditions read a linked row. `types`: every type whose events matter. `plain`: segments by conditions alone, which
    neither lean on another one nor keep anybody out, so that many are asked in one question.
    """

    order: dict[str, tuple[int, ...]]
    via: dict[str, tuple[tuple[str, str], ...]]
    types: frozenset[str]
    plain: frozenset[int] = frozenset()


def seen() -> Seen:
    """Kept until the configuration changes, which every change of a segment is."""
    found: Seen = cached("segments.seen", _look_at_all, ("segment",))
    return found


def _look_at_all() -> Seen:
    segments = {
        s.pk: s for s in Segment.objects.filter(archived_at__isnull=True, subject__in=[r.name for r in registry])
    }
    order: dict[str, list[int]] = {}
    leans = {pk: leans_on(s, segments.values()) for pk, s in segments.items()}
    for pk in ordered(leans):
        order.setdefault(segments[pk].subject, []).append(pk)
    shut = set(Exclusion.objects.values_list("segment_id", flat=True))
    plain = {pk for pk, s in segments.items() if s.how == How.DYNAMIC and not leans[pk] and pk not in shut}
    via = {subject: tuple(sorted(_via(subject, [segments[pk] for pk in pks]))) for subject, pks in order.items()}
    types = {*order, *(target for pairs in via.values() for _link, target in pairs)}
    return Seen({k: tuple(v) for k, v in order.items()}, via, frozenset(types), frozenset(plain))


def _via(subject: str, segments: list[Segment]) -> set[tuple[str, str]]:
    return read_through(subject, [tree_of(s) for s in segments])


def read_through(subject: str, trees: Iterable[Group]) -> set[tuple[str, str]]:
    """(link column, its type) by which conditions of these trees read linked rows."""
    columns = registry[subject].columns()
    read = {columns[c.column] for tree in trees for c in tree.conditions() if c.column in columns}
    links = {column.facts.of.partition(".")[0] for column in read if column.facts.of}
    return {(link, columns[link].kind.target) for link in links}  # type: ignore[attr-defined]


def leans_on(segment: Segment, every: Iterable[Segment]) -> set[int]:
    """Ids of the segments that this one speaks of, in conditions or exclusions."""
    named = segments_named(tree_of(segment)) if segment.how == How.DYNAMIC else set()
    by_key = {s.pk for s in every if s.key in named or s.name in named}
    return by_key | set(
        Exclusion.objects.filter(segment=segment, other__isnull=False).values_list("other_id", flat=True)
    )


def ordered(leans: dict[int, set[int]]) -> list[int]:
    """Ids so that each comes after those it leans on; a ring (which saving refuses) ends in order of ids."""
    out: list[int] = []
    left = {pk: on & set(leans) for pk, on in leans.items()}
    while left:
        free = sorted(pk for pk, on in left.items() if not on - set(out)) or sorted(left)
        out += free
        left = {pk: on for pk, on in left.items() if pk not in free}
    return out


def refuse_ring(segment: Segment) -> None:
    """Refuse a segment that would lean on itself, however far around. Raises Invalid naming the way."""
    every = {s.pk: s for s in Segment.objects.filter(archived_at__isnull=True)}
    every[segment.pk] = segment
    way = _way(segment.pk, segment.pk, {pk: leans_on(s, every.values()) for pk, s in every.items()}, ())
    if way:
        names = " → ".join(every[pk].name for pk in (segment.pk, *way))
        raise Invalid(
            _("These segments would wait for each other: %s. Take one of them out of the conditions.") % names
        )


def _way(start: int, goal: int, leans: dict[int, set[int]], gone: tuple[int, ...]) -> tuple[int, ...]:
    for pk in sorted(leans.get(start, ())):
        if pk == goal:
            return (*gone, pk)
        if pk not in gone and (found := _way(pk, goal, leans, (*gone, pk))):
            return found
    return ()
