"""What filter trees say of given rows, tree by tree and set by set: met, not met, or unknown because a field is blank.

One query for any number of rows and trees. Segments say by it why somebody is in; profiles and checklists say how well
somebody fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, Value, When

from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import Condition, Group

NOT_SAYING = ("empty", "filled")  # comparisons for which a blank is an answer


@dataclass(frozen=True)
class Asked:
    """One tree as expressions over a row: is it met, and is a field that it asks about blank. `usable` says whether the
    tree means anything; `aliases` are what the expressions lean on."""

    met: Any
    blank: Any
    usable: bool
    aliases: dict[str, Any]


def judge(record: Any, trees: Sequence[Group], pks: Iterable[int], actor: Actor) -> dict[int, list[bool | None]]:
    """{row id: what each tree says of it}: True met, False not met, None unknown (it is not met, and a field that it asks
    about is blank) or not usable. Rows that are not there are left out."""
    rows = record.model._default_manager.filter(pk__in=list(pks))
    named: dict[str, Any] = {}
    for n, one in enumerate(asked := [ask(record, tree, actor) for tree in trees]):
        rows = rows.alias(**one.aliases)
        named |= {f"met_{n}": one.met, f"blank_{n}": one.blank}
    out: dict[int, list[bool | None]] = {}
    for row in rows.order_by().values("pk", **named):
        out[row["pk"]] = [
            True if row[f"met_{n}"] else None if row[f"blank_{n}"] or not one.usable else False
            for n, one in enumerate(asked)
        ]
    return out


def ask(record: Any, tree: Group, actor: Actor, *, blanks: bool = True) -> Asked:
    """What a tree asks of each row, as expressions for a query over many. blanks: whether `blank` matters too."""
    compiled = compile_tree(record, tree, actor, few=True)
    if compiled.broken:
        return Asked(Value(False), Value(True), False, {})
    blank, more = _blank(record, tree, actor) if blanks else (Q(), {})
    return Asked(_yes(compiled.q), _yes(blank) if blank else Value(False), True, {**compiled.computed, **more})


def _yes(q: Q) -> Any:
    return Case(When(q, then=Value(True)), default=Value(False)) if q else Value(True)


def _blank(record: Any, tree: Group, actor: Actor) -> tuple[Q, dict[str, Any]]:
    """When is one of the fields that the tree asks about blank?"""
    asked = [
        Condition(c.column, "empty")
        for c in tree.conditions()
        if c.op not in NOT_SAYING and "empty" in record.columns(actor)[c.column].kind.operators()
    ]
    if not asked:
        return Q(), {}
    compiled = compile_tree(record, Group("any", tuple(asked)), actor)
    return compiled.q, compiled.computed
