"""Why a row is in a segment or not, condition by condition, with the value that decides; and the segment as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import compile_tree, resolve, say_condition, say_tree
from kith.kernel.lookups.tree import Condition, Group, parse
from kith.kernel.organisation.models import current
from kith.kernel.records.reach import seen_ids
from kith.kernel.records.registry import registry
from kith.kernel.segments.judging import judge
from kith.kernel.segments.models import INSIDE, Exclusion, How, Listed, Membership, Segment, Why
from kith.kernel.segments.trees import KITH, tree_of
from kith.kernel.zones import zone

HEADS = {"all": gettext_lazy("all of these"), "any": gettext_lazy("any of these"), "not": gettext_lazy("none of these")}


@dataclass(frozen=True)
class Reason:
    """One line of the explanation. state: "met", "unmet", "unknown", "broken", or "head" of a group, whose own state is
    `met`; `value` is what the row has; `depth` how far it is set in."""

    words: str
    state: str
    value: str = ""
    depth: int = 0
    met: bool | None = None


@dataclass(frozen=True)
class Explanation:
    """Why one row is in or out. `member`: whether it is in by the table of members, `stay` the latest stay."""

    member: bool
    should: bool
    reasons: list[Reason]
    stay: Membership | None


def trouble(segment: Segment) -> str:
    """Why the conditions cannot be used as they are; "" when they can."""
    record = registry.get(segment.subject)
    if record is None:
        return _("There is no kind of record called “%s” any more.") % segment.subject
    broken = compile_tree(record, tree_of(segment), KITH).broken
    return broken[0][1] if broken else ""


def say_segment(segment: Segment, actor: Actor) -> str:
    """The conditions as a sentence; "" for a list."""
    record = registry.get(segment.subject)
    return say_tree(record, tree_of(segment), actor) if record and segment.how == How.DYNAMIC else ""


def say_part(segment: Segment, part: str, actor: Actor) -> str:
    """A condition kept in text form, in words; "" when it cannot be read any more."""
    try:
        return say_tree(registry[segment.subject], parse(part), actor) if part else ""
    except (Invalid, KeyError):
        return ""


def chips(segment: Segment, actor: Actor) -> list[tuple[str, bool]]:
    """The parts of the sentence one by one, with whether each can still be used."""
    record = registry.get(segment.subject)
    if record is None or segment.how == How.STATIC:
        return []
    out = []
    for part in tree_of(segment).parts:
        tree = part if isinstance(part, Group) else Group("all", (part,))
        out.append((say_tree(record, tree, actor), not compile_tree(record, tree, KITH).broken))
    return out


def why(segment: Segment, pk: int, actor: Actor) -> Explanation:
    """The explanation for a row that the actor may see. Fields hidden from the actor are named, not shown."""
    with timezone.override(zone(current().time_zone)):
        lines = [
            *_list_lines(segment, pk),
            *_condition_lines(segment, pk, actor),
            *_exclusion_lines(segment, pk, actor),
        ]
    stays = Membership.objects.filter(segment=segment, row_id=pk)
    member = stays.filter(INSIDE).exists()
    should = all(r.state == "met" or r.met for r in lines if r.depth == 0 and r.state != "unknown") and not any(
        r.depth == 0 and r.state in ("unknown", "broken") for r in lines
    )
    return Explanation(member, should, lines, stays.order_by("-came_at", "-pk").first())


def _list_lines(segment: Segment, pk: int) -> Iterator[Reason]:
    if segment.how == How.STATIC:
        on = Listed.objects.filter(segment=segment, row_id=pk).exists()
        yield Reason(_("is on the list"), "met" if on else "unmet")


def _condition_lines(segment: Segment, pk: int, actor: Actor) -> list[Reason]:
    record = registry.get(segment.subject)
    if record is None or segment.how == How.STATIC:
        return []
    tree = tree_of(segment)
    nodes = list(_nodes(tree if tree.how == "all" else Group("all", (tree,)), 0))
    trees = [part if isinstance(part, Group) else Group("all", (part,)) for part, _depth in nodes]
    truth = judge(record, trees, [pk], KITH).get(pk)
    if truth is None:
        return [Reason(_("is not in Kith any more"), "unmet")]
    values = _values(record, pk, [part for part, _depth in nodes if isinstance(part, Condition)], actor)
    return [_line(record, part, depth, met, values, actor) for (part, depth), met in zip(nodes, truth, strict=True)]


def _nodes(tree: Group, depth: int) -> Iterator[tuple[Condition | Group, int]]:
    for part in tree.parts:
        yield part, depth
        if isinstance(part, Group):
            yield from _nodes(part, depth + 1)


def _line(record: Any, part: Any, depth: int, met: bool | None, values: dict[str, str], actor: Actor) -> Reason:
    if isinstance(part, Group):
        return Reason(str(HEADS[part.how]), "head", "", depth, bool(met))
    try:
        resolve(record.columns(), part)
    except Invalid as problem:
        return Reason(f"{part.column} {part.op}", "broken", problem.message, depth)
    if part.column not in record.columns(actor):
        return Reason(_("a field that you may not see"), "met" if met else "unmet", "", depth)
    try:
        words = " ".join(w for w in say_condition(record.columns(actor), part, actor) if w)
    except Invalid as problem:
        return Reason(f"{part.column} {part.op}", "broken", problem.message, depth)
    state = {True: "met", False: "unmet", None: "unknown"}[met]
    return Reason(words, state, values.get(part.column, ""), depth)


def _values(record: Any, pk: int, conditions: list[Condition], actor: Actor) -> dict[str, str]:
    columns = record.columns(actor)
    asked = [columns[key] for key in {c.column for c in conditions} if key in columns]
    row = record.listing(record.rows(actor).filter(pk=pk), asked).first()
    return {c.key: c.show(c.get(row), row) for c in asked} if row is not None else {}


def _exclusion_lines(segment: Segment, pk: int, actor: Actor) -> Iterator[Reason]:
    """Who is kept out. Segments out of the actor's reach are not named."""
    found = list(Exclusion.objects.filter(segment=segment).select_related("other"))
    seen = seen_ids(actor, registry["segment"], {one.other_id for one in found if one.other_id is not None})
    for one in found:
        shut = _shuts(one, segment, pk)
        if one.other_id is not None and one.other is not None:
            named = (
                _("is not in “%s”") % one.other.name
                if one.other_id in seen
                else _("is not in a segment that you may not see")
            )
            yield Reason(named, "unmet" if shut else "met")
        elif shut:
            yield Reason(_("is not kept out by name or address"), "unmet", one.words)


def _shuts(one: Exclusion, segment: Segment, pk: int) -> bool:
    if one.other_id:
        return Membership.objects.filter(INSIDE, segment_id=one.other_id, row_id=pk).exists()
    if one.identifier:
        rows = registry[segment.subject].model._default_manager.filter(pk=pk, identifiers__contains=[one.identifier])
        return bool(rows.exists())
    return one.row_id == pk


def say_came(stay: Membership, segment: Segment, actor: Actor) -> str:
    """ "by a change: Industry is Museums"."""
    return _told(stay.came_why, say_part(segment, stay.came_part, actor))


def say_left(stay: Membership, segment: Segment, actor: Actor) -> str:
    """ "by a change: no longer Industry is Museums"."""
    words = say_part(segment, stay.left_part, actor)
    return _told(stay.left_why, _("no longer %s") % words if words else "")


def came_and_left(stay: Membership | None, segment: Segment, actor: Actor) -> tuple[str, str]:
    """Both, of one stay; "" of leaving while it lasts, and of no stay."""
    if stay is None:
        return "", ""
    return say_came(stay, segment, actor), say_left(stay, segment, actor) if stay.left_at else ""


def _told(why: str, words: str) -> str:
    label = str(Why(why).label) if why else ""
    return _("%(why)s: %(what)s") % {"why": label, "what": words} if words else label
