"""Filters that the mere passing of time may make true: with "in the next 30 days" or a value counted up to now in them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import resolve
from kith.kernel.lookups.tree import Condition, Group
from kith.kernel.records.columns import Column


def moves_by_itself(record: Any, tree: Group) -> bool:
    """Can rows begin to meet this filter though nobody changes anything?"""
    columns: dict[str, Column] = record.columns()
    return any(_moves(columns, condition) for condition in tree.conditions())


def _moves(columns: dict[str, Column], condition: Condition) -> bool:
    try:
        column, op = resolve(columns, condition)
    except Invalid:
        return False  # a condition that cannot be used holds for nobody, whatever the day
    return _counts_to_now(column.expr) or (
        op.takes != "none" and any(column.kind.moves(value) for value in condition.values)
    )


def _counts_to_now(part: Any) -> bool:
    if isinstance(part, Now):
        return True
    if isinstance(part, Q):
        return any(_counts_to_now(child[1] if isinstance(child, tuple) else child) for child in part.children)
    inner = [*getattr(part, "get_source_expressions", list)(), getattr(part, "condition", None)]
    return any(_counts_to_now(one) for one in inner if one is not None)
