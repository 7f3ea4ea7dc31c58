"""A filter tree as a database condition and as a sentence.

Conditions that cannot be used (a column that is gone, a value that cannot be read) are reported, never guessed: lists
show them struck through, the API refuses, bulk actions refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Link, Operator, Text
from kith.kernel.lookups.tree import Condition, Group
from kith.kernel.records.columns import Column
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text


@dataclass
class Compiled:
    """`q` uses the aliases in `computed`; `broken` pairs unusable conditions with the reason. `few`: it is asked of a few known
    rows, not of all."""

    q: Q = field(default_factory=Q)
    computed: dict[str, Any] = field(default_factory=dict)
    broken: list[tuple[Condition, str]] = field(default_factory=list)
    few: bool = False

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return (rows.alias(**self.computed) if self.computed else rows).filter(self.q)


def compile_tree(record: Any, tree: Group, actor: Actor, *, few: bool = False) -> Compiled:
    """The condition for `record`'s rows; values such as "me" or "this_quarter" are resolved now. few: for some known rows."""
    out = Compiled(few=few)
    out.q = _group(record.columns(actor), tree, actor, out) or Q()
    return out


def filtered(record: Any, tree: Group, actor: Actor, rows: QuerySet[Any], *, few: bool = False) -> QuerySet[Any]:
    """`rows` under the tree, or Invalid naming the first condition that cannot be used. few: `rows` are some known ones."""
    compiled = compile_tree(record, tree, actor, few=few)
    if compiled.broken:
        raise Invalid(compiled.broken[0][1], "filter")
    return compiled.apply(rows)


def _group(columns: dict[str, Column], tree: Group, actor: Actor, out: Compiled) -> Q | None:
    parts = []
    for part in tree.parts:
        q = _group(columns, part, actor, out) if isinstance(part, Group) else _leaf(columns, part, actor, out)
        if q is not None:
            parts.append(q)
    if not parts:
        return None
    whole = parts[0]
    for q in parts[1:]:
        whole = (whole & q) if tree.how == "all" else (whole | q)
    return negated(whole) if tree.how == "not" else whole


def negated(q: Q) -> Any:
    """True where `q` is false or unknown. SQL's NOT of an unknown is unknown, which would lose rows with blanks."""
    return Q(Exact(Case(When(q, then=Value(True)), default=Value(False)), False))


def _leaf(columns: dict[str, Column], condition: Condition, actor: Actor, out: Compiled) -> Q | None:
    try:
        column, op = resolve(columns, condition)
        value = _operand(column, op, condition, actor)
        value = column.kind.narrowed(value) if out.few else value
    except Invalid as problem:
        out.broken.append((condition, problem.message))
        return None
    if column.custom and op.key == "is" and (op.takes == "many" or value is True):
        return _contains_any(column, value if op.takes == "many" else [value])
    expression = column.computed()
    if expression is not None:
        out.computed[column.alias] = expression
    return _reachable(column, actor) & op.q(column.lookup, value)


def _operand(column: Column, op: Operator, condition: Condition, actor: Actor) -> Any:
    """The value to compare with. A blank one means something only for text."""
    raw = _raw(op, condition)
    parts = raw if isinstance(raw, list) else [raw]
    if (
        op.takes != "none"
        and not isinstance(column.kind, Text)
        and any(p is None or (isinstance(p, str) and not p.strip()) for p in parts)
    ):
        raise Invalid(_("%(field)s %(op)s … lacks a value.") % {"field": column.label, "op": op.label})
    return column.kind.operand(op, raw, actor=actor)


def _reachable(column: Column, actor: Actor) -> Q:
    """A value of a linked row counts only where the actor may see that row: filtering must not tell what lists hide."""
    via, dotted, _rest = column.path.partition("__")
    if not dotted or column.custom or column.expr is not None:
        return Q()
    target = getattr(registry.fixed_columns(registry[column.record])[via].kind, "record", None)
    if target is None or not hasattr(target, "scope") or target.scope.q(actor, target.name, "see") == Q():
        return Q()
    return Q(**{f"{via}__isnull": True}) | Q(**{f"{via}__in": target.rows(actor).values("pk")})


def _contains_any(column: Column, values: list[Any]) -> Q:
    """Equality on a custom field: containment, which the GIN index on `custom` answers."""
    whole = Q(pk__in=[])
    for value in values:
        data = {"id": value} if isinstance(column.kind, Link) else column.kind.dump(value)
        whole |= Q(custom__contains={column.custom: data})
    return whole


def resolve(columns: dict[str, Column], condition: Condition) -> tuple[Column, Operator]:
    """Column and operator of a condition. Raises Invalid in words."""
    column = columns.get(condition.column)
    if column is None or not column.filterable:
        raise Invalid(_("There is no field “%s” to filter by.") % condition.column)
    op = column.kind.operators().get(condition.op)
    if op is None:
        known = ", ".join(column.kind.operators())
        raise Invalid(_("%(field)s cannot be compared by “%(op)s”; known: %(known)s.") % {
            "field": column.label, "op": condition.op, "known": known})  # fmt: skip
    if op.takes != "none" and not condition.values:
        raise Invalid(_("%(field)s %(op)s … lacks a value.") % {"field": column.label, "op": op.label})
    return column, op


def _raw(op: Operator, condition: Condition) -> Any:
    values = [clean_text(v) if isinstance(v, str) else v for v in condition.values]
    return values[0] if op.takes == "one" else values


def say_condition(columns: dict[str, Column], condition: Condition, actor: Actor) -> tuple[str, str, str]:
    """(column, operator, value) in words, for a filter chip. Raises Invalid."""
    column, op = resolve(columns, condition)
    return column.label, str(op.label), column.kind.say(op, _raw(op, condition), actor=actor)


def say_tree(record: Any, tree: Group, actor: Actor) -> str:
    """The filter as a sentence; unusable conditions are named as such."""
    columns = record.columns(actor)
    words: dict[str, Callable[[list[str]], str]] = {
        "all": lambda parts: _(" and ").join(parts),
        "any": lambda parts: "(" + _(" or ").join(parts) + ")",
        "not": lambda parts: _("not (%s)") % _(" or ").join(parts),
    }

    def part(p: Condition | Group) -> str:
        if isinstance(p, Group):
            return words[p.how]([part(x) for x in p.parts])
        try:
            return " ".join(w for w in say_condition(columns, p, actor) if w)
        except Invalid:
            return _("%s (no longer usable)") % p.column

    return words[tree.how]([part(p) for p in tree.parts]) if tree.parts else ""
