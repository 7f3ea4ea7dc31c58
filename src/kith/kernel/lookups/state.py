"""What a list shows, as a value: filter tree, words, sort, columns, face, a board's axis. One state is an address, a saved view and an
export; comparing two of them tells whether a view was changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kith.kernel.errors import Invalid
from kith.kernel.lookups.models import SavedView
from kith.kernel.lookups.tree import Condition, Group, from_json, parse, to_json, to_text
from kith.kernel.text import clean_text

KEYS = ("filter", "q", "sort", "cols", "face", "by", "in")  # in addresses
MOST_WORDS = 200  # characters of a search
NO_FILTER = Group()


@dataclass(frozen=True)
class ListState:
    """`columns` are keys without the row's own name, which is always the first column; () means the type's own.

    `axis` is the column whose values are a board's lanes, `place` the id of the row of `Board.within` that it shows (one
    of several pipelines); "" means the type's own and the first.
    """

    tree: Group = NO_FILTER
    query: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    face: str = "list"
    axis: str = ""
    place: str = ""

    def params(self, base: ListState | None = None) -> dict[str, str]:
        """The address's parameters: all that say something, or only those that differ from `base`."""
        mine, theirs = self._words(), (base or ListState())._words()
        return {key: mine[key] for key in KEYS if mine[key] != theirs[key]}

    def _words(self) -> dict[str, str]:
        return {
            "filter": to_text(self.tree), "q": self.query, "sort": self.sort, "cols": ",".join(self.columns),
            "face": self.face, "by": self.axis, "in": self.place,
        }  # fmt: skip

    def changed(self, **changes: Any) -> ListState:
        return dataclasses.replace(self, **changes)


def read(params: Mapping[str, str], base: ListState) -> tuple[ListState, str]:
    """(state, unreadable filter text): `base` with what the address says on top."""
    state, unread = base, ""
    if "filter" in params:
        text = clean_text(params["filter"])
        try:
            state = state.changed(tree=parse(text))
        except Invalid:
            state, unread = state.changed(tree=Group()), text
    if "q" in params:
        state = state.changed(query=" ".join(clean_text(params["q"])[:MOST_WORDS].split()))
    if "sort" in params:
        state = state.changed(sort=clean_text(params["sort"])[:80])
    if "cols" in params:
        keys = clean_text(params["cols"])[:4000].split(",")
        state = state.changed(columns=tuple(dict.fromkeys(k for k in keys if k)))
    if "face" in params:
        state = state.changed(face=clean_text(params["face"])[:12])
    if "by" in params:
        state = state.changed(axis=clean_text(params["by"])[:80])
    if "in" in params:
        state = state.changed(place=clean_text(params["in"])[:20])
    return state, unread


def of_saved(view: SavedView) -> ListState:
    """The state a saved view stands for. A filter that cannot be read any more stays as a condition that means nothing."""
    try:
        tree = from_json(view.filter)
    except Invalid:
        tree = Group("all", (Condition("?", "?"),))
    axis, place = (str(view.options.get(key, "")) for key in ("by", "in"))
    return ListState(tree, view.query, view.sort, tuple(str(c) for c in view.columns), view.face, axis, place)


def onto_saved(view: SavedView, state: ListState) -> None:
    """Put a state on a saved view (nothing is saved)."""
    view.filter, view.query, view.sort = to_json(state.tree), state.query, state.sort
    view.columns, view.face = list(state.columns), state.face
    view.options = {key: value for key, value in (("by", state.axis), ("in", state.place)) if value}
