"""The rows somebody means to act on: picked one by one, or all that match a filter, frozen as text.

A frozen filter is carried from page to page and into the background; a filter of which a part means nothing refuses,
because without that part it would mean other rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups.finding import AnyOf
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import parse

MOST_PICKED = 5000  # ids that one form may carry


@dataclass(frozen=True)
class Selection:
    """`ids`, or with `every` all rows under `filter` (text form) and `query`."""

    ids: tuple[int, ...] = ()
    every: bool = False
    filter: str = ""
    query: str = ""

    def rows(self, record: Any, actor: Actor) -> QuerySet[Any]:
        """The rows meant, those that the actor may see. Raises Invalid for a filter that cannot be used whole."""
        if not self.every:
            return record.rows(actor).filter(AnyOf("pk", list(self.ids)))
        look = look_with(record, actor, ListState(parse(self.filter), self.query))
        if look.compiled.broken:
            raise Invalid(
                _("A part of this filter cannot be used, so nothing was done: %s") % look.compiled.broken[0][1],
                "filter",
            )
        return look.everything

    def batches(self, record: Any, actor: Actor, size: int, after: int = 0) -> Iterator[list[Any]]:
        """The rows by id, `size` at a time, from above id `after`; each batch is read when it is asked for."""
        rows = self.rows(record, actor).order_by("pk")
        while batch := list(rows.filter(pk__gt=after)[:size]):
            yield batch
            after = batch[-1].pk

    def to_json(self) -> dict[str, Any]:
        return {"ids": list(self.ids), "every": self.every, "filter": self.filter, "query": self.query}


def from_json(data: dict[str, Any]) -> Selection:
    return Selection(tuple(data["ids"]), data["every"], data["filter"], data["query"])


def picked(ids: list[str], *, every: bool, filter: str, query: str) -> Selection:
    """The selection that a form sent. Raises Invalid when nothing, nonsense or far too much was picked."""
    if every:
        parse(filter)
        return Selection((), True, filter, query)
    if not ids:
        raise Invalid(_("Pick at least one row first."), "pick")
    if len(ids) > MOST_PICKED:
        raise Invalid(_("At most %s rows can be picked one by one; pick all that match instead.") % MOST_PICKED, "pick")
    if not all(i.isdecimal() and i.isascii() and int(i) < 2**63 for i in ids):
        raise Invalid(_("What was picked is not a list of rows; go back and pick again."), "pick")
    return Selection(tuple(dict.fromkeys(int(i) for i in ids)))
