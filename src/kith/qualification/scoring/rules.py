"""Rules and bands as configuration, read once per stamp."""

from __future__ import annotations

from collections.abc import Iterable

from kith.kernel.access.actor import system
from kith.kernel.kinds import Day, Moment
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.conditions import tree_of
from kith.kernel.lookups.tree import Group
from kith.kernel.organisation.models import cached
from kith.kernel.records.registry import registry
from kith.qualification.models import Band, ScoreRule

Bands = list[tuple[int, str]]


def rules() -> list[ScoreRule]:
    """The rules in use that say what gives their points."""
    found: list[ScoreRule] = cached("score_rules", _rules, ("score_rule",))
    return found


def _rules() -> list[ScoreRule]:
    rows = ScoreRule.objects.filter(active=True, archived_at=None).order_by("part", "position", "id")
    return [rule for rule in rows if rule.where or rule.verb]


def bands() -> Bands:
    """[(from how many points, name)], lowest first."""
    found: Bands = cached("score_bands", _bands, ("score_band",))
    return found


def _bands() -> Bands:
    return list(Band.objects.filter(archived_at=None).order_by("starts_at").values_list("starts_at", "name"))


def band_of(total: int, among: Iterable[tuple[int, str]]) -> str:
    """The band that a total falls into; "" below the lowest."""
    return next((name for start, name in sorted(among, reverse=True) if total >= start), "")


def move_with_time() -> bool:
    """Does a rule look at a date, so that it may come true or end without anything happening?"""
    columns = registry["person"].columns()
    trees = [_readable(rule.where) for rule in rules() if rule.where]
    kinds = (columns[c.column].kind for tree in trees for c in tree.conditions() if c.column in columns)
    return any(isinstance(kind, Day | Moment) for kind in kinds)


def _readable(text: str) -> Group:
    from kith.kernel.errors import Invalid

    try:
        return tree_of(text)
    except Invalid:
        return Group()


def broken(rule: ScoreRule) -> str:
    """Why a rule gives no points at present, in words; "" when it can be asked."""
    found = compile_tree(registry["person"], _readable(rule.where), system()).broken
    return found[0][1] if found else ""
