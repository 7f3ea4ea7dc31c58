"""What an address of the API asks to see: a view, with filter, words and sort on top. Nothing unclear is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups.look import Look, look_with
from kith.kernel.lookups.paging import read_sort
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import parse
from kith.kernel.lookups.views import named
from kith.kernel.text import clean_text


def look_of(record: Any, actor: Actor, asked: Mapping[str, str]) -> Look:
    """The look of `?view=&filter=&q=&sort=`. Without a sort rows come as the view has them, or by id. Raises Invalid,
    NotFound for a view."""
    state = named(record, actor, asked["view"]).state if asked.get("view") else ListState()
    if "filter" in asked:
        state = state.changed(tree=parse(clean_text(asked["filter"])))
    if "q" in asked:
        state = state.changed(query=clean_text(asked["q"]).strip()[:200])
    if asked.get("sort"):
        state = state.changed(sort=clean_text(asked["sort"]))
    if not state.sort:
        own = record.sort if asked.get("view") and record.sort.lstrip("-") in record.columns(actor) else "id"
        state = state.changed(sort=own)
    return checked(look_with(record, actor, state))


def checked(look: Look) -> Look:
    """The look, if all of it can be used. Raises Invalid with the part that cannot."""
    if look.compiled.broken:
        raise Invalid(look.compiled.broken[0][1], "filter")
    if look.state.sort:
        read_sort(look.columns, look.state.sort)
    if unknown := [k for k in look.state.columns if k not in look.listable]:
        known = ", ".join(look.listable)
        raise Invalid(f"{look.record.label} has no column “{unknown[0]}” to list; known: {known}.", "columns")
    return look
