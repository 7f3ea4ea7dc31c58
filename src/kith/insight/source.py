"""The rows a report counts: one record type, one reader, one filter; and the addresses of lists that show them.

Every figure is a filter tree. The same tree is compiled into the aggregate and written into the link, so a figure and
the list behind it cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from kith.insight.figures import Part
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.lookups.compile import Compiled, compile_tree
from kith.kernel.lookups.look import Look, look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, to_text
from kith.kernel.records.columns import Column

SAFE = ":,()|-"


@dataclass(frozen=True, eq=False)
class Source:
    """`record` as `actor` sees it, narrowed by `tree`."""

    record: Any
    actor: Actor
    tree: Group = field(default_factory=Group)

    @cached_property
    def look(self) -> Look:
        return look_with(self.record, self.actor, ListState(self.tree))

    @cached_property
    def columns(self) -> dict[str, Column]:
        return self.look.columns

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows within scope and filter, unordered; archived ones are out unless the filter speaks of them."""
        rows: QuerySet[Any] = self.look.unsearched.order_by()
        return rows

    @property
    def compiled(self) -> Compiled:
        return self.look.compiled

    def require_sound(self) -> None:
        """Raises Invalid where a part of the filter cannot be used: other rows would be counted than were asked for."""
        if self.compiled.broken:
            raise Invalid(self.compiled.broken[0][1], "filter")

    def require(self, *keys: str) -> None:
        """Raises NotAllowed where the reader's role does not see these columns."""
        hidden = [key for key in keys if key not in self.columns]
        if hidden:
            labels = ", ".join(str(self.record.columns()[key].label) for key in hidden)
            raise NotAllowed(f"This report needs {labels}, which your role does not see; ask an administrator.")

    def shows(self, *keys: str) -> bool:
        return all(key in self.columns for key in keys)

    def q(self, *parts: Part) -> Q:
        """The condition of more parts, for aggregates. They must compare stored columns."""
        compiled = compile_tree(self.record, Group("all", parts), self.actor)
        assert not compiled.broken, compiled.broken
        return compiled.q

    def within(self, *parts: Part) -> QuerySet[Any]:
        """The rows under more parts of any kind."""
        return compile_tree(self.record, Group("all", parts), self.actor).apply(self.rows)

    def url(self, *parts: Part) -> str:
        """The address of the list with the rows under these parts."""
        base = self.tree.parts if self.tree.how == "all" else (self.tree,)
        text = to_text(Group("all", (*base, *parts)))
        query = {"filter": text} if text else {"view": "all"}
        return f"/{self.record.slug}/?{urlencode(query, safe=SAFE)}"
