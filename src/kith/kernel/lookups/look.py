"""One look at a record type: the view and the address read together, ready to be shown, counted, exported or acted on.

Whatever an address says that cannot be used (a column that is gone, a filter that cannot be read, a sort that does not
exist) is left out, kept in words and shown; acting on such a look is refused, because it would mean other rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import Compiled, compile_tree
from kith.kernel.lookups.directory import fill_in, joined
from kith.kernel.lookups.finding import matching
from kith.kernel.lookups.paging import Page, Sort, paginate, read_sort
from kith.kernel.lookups.state import KEYS, ListState, read
from kith.kernel.lookups.views import ALL, ViewOffer, default_of, offered, views_of
from kith.kernel.records.columns import Column
from kith.kernel.records.lean import lean_listing

MOST_COLUMNS = 40
EVERY = 2**31  # rows a search may give where nothing may be left out


@dataclass(eq=False)
class Look:
    """`problems` are sentences about what was left out; `unread` is a filter text that could not be read at all."""

    record: Any
    actor: Actor
    views: list[ViewOffer]
    view: ViewOffer
    state: ListState
    unread: str = ""
    problems: list[str] = field(default_factory=list)

    # --- what is shown
    @cached_property
    def columns(self) -> dict[str, Column]:
        """Every column that the actor may see."""
        return self.record.columns(self.actor)

    @cached_property
    def title(self) -> Column | None:
        """The column that names a row: always the first; None when it is hidden from the actor."""
        return self.columns.get(self.record.title)

    @cached_property
    def shown(self) -> list[Column]:
        """The columns of this look, the row's name first."""
        keys = self.state.columns or self.record.lists
        known = [c for k in keys if (c := self.listable.get(k)) is not None and c is not self.title]
        return [*([self.title] if self.title else []), *known[:MOST_COLUMNS]]

    @cached_property
    def listable(self) -> dict[str, Column]:
        """Columns that may stand in the list, those of the type's own list first."""
        able = {k: c for k, c in self.columns.items() if "list" in c.facts.faces}
        first = [k for k in self.record.lists if k in able]
        return {k: able[k] for k in (*first, *(k for k in able if k not in first))}

    @cached_property
    def sort(self) -> Sort:
        return read_sort(self.columns, self.state.sort or self.record.sort)

    @cached_property
    def compiled(self) -> Compiled:
        return compile_tree(self.record, self.state.tree, self.actor)

    # --- rows
    @cached_property
    def matched(self) -> QuerySet[Any]:
        """The rows of this look: scope, filter and words; neither ordered nor joined. Words cost a query, once."""
        rows = self.unsearched
        return matching(rows, self.state.query) if self.state.query else rows

    @cached_property
    def everything(self) -> QuerySet[Any]:
        """The same rows without the cap that searching has: for exact counts, exports and bulk changes."""
        return matching(self.unsearched, self.state.query, EVERY) if self.state.query else self.unsearched

    @property
    def unsearched(self) -> QuerySet[Any]:
        """The rows without the words. Archived rows are out unless the filter speaks of them."""
        spoken = any(c.column == "archived_at" for c in self.state.tree.conditions())
        return self.compiled.apply(self.record.rows(self.actor, archived=None if spoken else False))

    def page(self, cursor: str = "", limit: int = 50) -> Page:
        """One page of rows, ready to be shown without a further query. A broken cursor begins again."""
        rows = lean_listing(self.record, self.matched, joined(self.shown), self.shown)
        try:
            page = paginate(rows, self.sort, cursor, limit)
        except Invalid as problem:
            if problem.field != "cursor":
                raise
            self.problems.append(problem.message)
            page = paginate(rows, self.sort, "", limit)
        fill_in(self.shown, page.rows)
        return page

    # --- addresses
    @property
    def changed(self) -> bool:
        """Does this show something else than the view it began with?"""
        return self.state != self.view.state

    @property
    def narrowed(self) -> bool:
        """Is there a filter or a search, so that not every row is shown?"""
        return bool(self.state.tree or self.state.query or self.unread)

    @property
    def sound(self) -> bool:
        """May this look be acted on as a whole? Not when a part of its filter means nothing."""
        return not (self.compiled.broken or self.unread)

    def params(self, state: ListState | None = None, **more: str) -> dict[str, str]:
        """Parameters of the address that shows `state` (default: this one) within the same view."""
        base = {} if self.view.key == ALL else {"view": self.view.key}
        out = {**base, **(state or self.state).params(self.view.state), **more}
        needs_name = not out and default_of(self.views).key != ALL
        return {"view": ALL} if needs_name else out

    def query(self, state: ListState | None = None, **more: str) -> str:
        """The same as the text after the question mark."""
        return urlencode(self.params(state, **more), safe=":,()|-")


def look_at(record: Any, actor: Actor, params: Mapping[str, str]) -> Look:
    """The look that an address means. Never raises for what a person may have typed; see `Look.problems`."""
    views = views_of(record, actor)
    view, problems = _view(views, params)
    state, unread = read(params, view.state)
    look = Look(record, actor, views, view, state, unread, problems)
    if unread:
        problems.append(_("The filter “%s” cannot be read, so nothing is filtered.") % unread[:80])
    _check_sort(look)
    _check_columns(look)
    return look


def look_with(record: Any, actor: Actor, state: ListState) -> Look:
    """A look at a given state, without views: for exports, bulk changes and commands."""
    whole = ViewOffer(ALL, "", ListState())
    return Look(record, actor, [whole], whole, state)


def _view(views: list[ViewOffer], params: Mapping[str, str]) -> tuple[ViewOffer, list[str]]:
    key = params.get("view", "")
    if not key:
        return (views[0] if any(k in params for k in KEYS) else default_of(views)), []
    found = offered(views, key)
    if found is None:
        return views[0], [_("This view is gone, or it is not shared with you.")]
    return found, []


def _check_sort(look: Look) -> None:
    try:
        read_sort(look.columns, look.state.sort or look.record.sort)
        return
    except Invalid as problem:
        if look.state.sort:
            look.problems.append(problem.message)
    fallback = "" if look.record.sort.lstrip("-") in look.columns else "-id"
    look.state = look.state.changed(sort=fallback)


def _check_columns(look: Look) -> None:
    unknown = [k for k in look.state.columns if k not in look.listable]
    if not unknown:
        return
    look.problems += [_("There is no column “%s” to show.") % k for k in unknown[:3]]
    look.state = look.state.changed(columns=tuple(k for k in look.state.columns if k in look.listable))
