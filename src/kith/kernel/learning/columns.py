"""Which columns may say something about how a row ends: own ones of people and companies, custom ones included.

Names, addresses, who looks after somebody and what Kith works out itself are no reasons and are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kith.kernel.kinds import Bool, Choice, Choices, Colleague, Link, Many, Tags, TeamLink, Text
from kith.kernel.kinds.number import Number
from kith.kernel.records.columns import Column
from kith.kernel.records.registry import registry

NEVER = frozenset({
    "id", "name", "given_name", "family_name", "email", "phone", "owner", "team", "next_step", "next_step_at", "last_touch_at",
    "created_at", "updated_at", "archived_at", "about_text", "domain", "birthday", "parent", "company",
})  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A column as a model sees it: `key` is "job_title", "custom.origin" or "company.industry"; numeric or in words."""

    key: str
    record: str
    column: Column
    numeric: bool

    @property
    def label(self) -> str:
        said = self.column.label
        return f"{registry['company'].label}: {said}" if self.record == "company" else said


def sources_of(records: Iterable[str], leave_out: Iterable[str] = ()) -> list[Source]:
    """Every column of these types that may be learned from, those left out by hand excepted. Columns of companies are named
    "company.industry"."""
    out = set(leave_out)
    found = []
    for record in records:
        for key, column in registry[record].columns().items():
            named = key if record == "person" else f"{record}.{key}"
            if named not in out and _may(key, column):
                found.append(Source(named, record, column, isinstance(column.kind, Number)))
    return found


def _may(key: str, column: Column) -> bool:
    if key in NEVER or column.expr is not None or column.related or not (column.field or column.custom):
        return False
    kind = column.kind
    if isinstance(kind, Link | Colleague | TeamLink | Many):
        return False
    if isinstance(kind, Number | Bool | Choice | Choices | Tags):
        return True
    return isinstance(kind, Text) and kind.widget == "text" and kind.sortable


def plain(source: Source, raw: Any) -> Any:
    """A stored value as a model reads it: a float or None, words or "" ("a, b" for several)."""
    if source.numeric:
        return None if raw in (None, "") else float(raw)
    if isinstance(raw, bool):
        return "yes" if raw else ""
    if isinstance(raw, list):
        return ", ".join(sorted(str(one) for one in raw))
    return "" if raw is None else str(raw).strip()
