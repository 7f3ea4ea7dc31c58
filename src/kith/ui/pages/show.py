"""A value as markup: what every list, card, fact and panel shows for one column of one row.

The kind says the words (`Kind.show`); this adds what only a page can: links, tags, relative dates, the row's own
currency. Nothing here queries, except `unseen_links`, once for a whole list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from kith.kernel.kinds import (
    EMPTY,
    Addresses,
    Day,
    Email,
    Emails,
    Kind,
    Link,
    Links,
    LongText,
    Moment,
    Money,
    Phone,
    Phones,
    Tags,
    Url,
)  # fmt: skip
from kith.kernel.records.columns import Column
from kith.kernel.records.reach import NONE_UNSEEN, Unseen, hides, unseen_links
from kith.ui.filters import when
from kith.ui.markup import link

__all__ = ["NONE_UNSEEN", "Unseen", "render", "render_value", "shows", "unseen_links"]
BRIEF = 120  # characters of a long text that a cell shows
EMPTY_MARKUP = Markup("")


@dataclass(frozen=True)
class Cell:
    """What a renderer may look at. `brief`: one line in a table, against the whole value on a record page."""

    kind: Any
    value: Any
    row: Any
    brief: bool


def render_value(column: Column, row: Any, *, brief: bool = False, unseen: Unseen = NONE_UNSEEN) -> Markup:
    """The column's value on `row` as safe markup; empty markup when it is not known.

    brief: keep to one line (lists, cards). unseen: what `unseen_links` found, so that no name of a row beyond the
    reader's scope is shown.
    """
    if unseen and hides(column, row, unseen):
        return Markup('<span class="faint">{}</span>').format(_("not yours to see"))
    custom_link = column.custom and isinstance(column.kind, Link)
    value = column.raw(row) if custom_link else column.get(row)
    return render(column.kind, value, row=row, brief=brief)


def render(kind: Kind, value: Any, *, row: Any = None, brief: bool = False) -> Markup:
    """A value of a kind as safe markup, without a column: inputs of actions, old and new values of history."""
    if value in EMPTY:
        return EMPTY_MARKUP
    return _renderer(type(kind))(Cell(kind, value, row, brief))


# --- one small function a kind -------------------------------------------------------------------------------------

Renderer = Callable[[Cell], Markup]
_RENDERERS: dict[type[Kind], Renderer] = {}
_found: dict[type[Kind], Renderer] = {}


def shows(*kinds: type[Kind]) -> Callable[[Renderer], Renderer]:
    """Register how values of these kinds (and kinds made from them) become markup; packages may add their own."""

    def register(fn: Renderer) -> Renderer:
        _RENDERERS.update(dict.fromkeys(kinds, fn))
        _found.clear()
        return fn

    return register


def _renderer(kind: type[Kind]) -> Renderer:
    if kind not in _found:
        _found[kind] = next((_RENDERERS[k] for k in kind.__mro__ if k in _RENDERERS), _words)
    return _found[kind]


def _words(cell: Cell) -> Markup:
    return escape(cell.kind.show(cell.value))


@shows(LongText)
def _long(cell: Cell) -> Markup:
    text = str(cell.value)
    if not cell.brief:
        return Markup('<span class="pre-line">{}</span>').format(text)
    line = " ".join(text[: BRIEF * 2].split())
    return escape(line if len(line) <= BRIEF else line[: BRIEF - 1].rstrip() + "…")


@shows(Link)
def _link(cell: Cell) -> Markup:
    if isinstance(cell.value, dict):  # as stored in custom fields and in history: the id, and the name it had then
        pk, name = cell.value.get("id"), str(cell.value.get("name") or f"#{cell.value.get('id')}")
    else:
        pk, name = cell.value.pk, cell.kind.show(cell.value)
    url = getattr(cell.kind.record, "url", None)
    return link(url(pk), name) if url and pk else escape(name)


@shows(Money)
def _money(cell: Cell) -> Markup:
    key = cell.kind.currency
    currency = getattr(cell.row, key, "") if key and cell.row is not None else ""
    return escape(cell.kind.show(cell.value, currency or "", brief=cell.brief))


@shows(Day)
def _day(cell: Cell) -> Markup:
    return when(cell.value, "due")


@shows(Moment)
def _moment(cell: Cell) -> Markup:
    value: dt.datetime = cell.value
    return when(value, "due" if value > timezone.now() else "ago")


@shows(Url)
def _url(cell: Cell) -> Markup:
    return _web(str(cell.value))


def _web(address: str) -> Markup:
    if not address.lower().startswith(("http://", "https://")):
        return escape(address)
    words = address.partition("://")[2].removeprefix("www.").rstrip("/")
    return Markup('<a href="{}" rel="noopener noreferrer external" target="_blank">{}</a>').format(address, words)


@shows(Email)
def _email(cell: Cell) -> Markup:
    return _mailto(str(cell.value))


def _mailto(address: str) -> Markup:
    return Markup('<a href="mailto:{}">{}</a>').format(quote(address, safe="@+.-_"), address)


@shows(Phone)
def _phone(cell: Cell) -> Markup:
    return _tel(str(cell.value), cell.kind.show(cell.value))


def _tel(number: str, words: str) -> Markup:
    return Markup('<a href="tel:{}">{}</a>').format(quote(number, safe="+;=-"), words)


@shows(Emails)
def _emails(cell: Cell) -> Markup:
    return _several(cell, lambda entry: _mailto(entry["value"]))


@shows(Phones)
def _phones(cell: Cell) -> Markup:
    return _several(cell, lambda entry: _tel(entry["value"], cell.kind.one.show(entry["value"])))


@shows(Links)
def _links(cell: Cell) -> Markup:
    return _several(cell, lambda entry: _web(entry["value"]))


@shows(Addresses)
def _addresses(cell: Cell) -> Markup:
    return _several(cell, lambda entry: escape(cell.kind.show([entry])))


def _several(cell: Cell, one: Callable[[dict[str, Any]], Markup]) -> Markup:
    """The main entry and how many more in a table; each on its own line elsewhere."""
    if cell.brief:
        more = len(cell.value) - 1
        rest = Markup(' <span class="faint">+{}</span>').format(more) if more else EMPTY_MARKUP
        return one(cell.value[0]) + rest
    lines = []
    for entry in cell.value:
        label = (
            Markup(' <small class="faint">{}</small>').format(entry["label"]) if entry.get("label") else EMPTY_MARKUP
        )
        lines.append(one(entry) + label)
    return Markup("<br>").join(lines)


@shows(Tags)
def _tags(cell: Cell) -> Markup:
    return Markup(" ").join(Markup('<span class="badge">{}</span>').format(cell.kind.show([tag])) for tag in cell.value)
