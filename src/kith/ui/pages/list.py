"""The list of any record type: `/people/?view=&filter=&q=&sort=&cols=&face=&cursor=`. The address carries all of it.

The view says which face shows the rows: a list here, a board or a calendar in their own modules.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kith.kernel.lookups.look import Look, look_at
from kith.kernel.lookups.paging import Page
from kith.kernel.lookups.tree import Group
from kith.kernel.records.queries import capped_count
from kith.ui.pages.base import actor_of, record_of
from kith.ui.pages.bulkbar import buttons
from kith.ui.pages.frame import frame, has_face
from kith.ui.pages.rows import has_portraits, heads, row_views
from kith.ui.render import fragment, is_htmx, page

Face = Callable[[HttpRequest, Look], HttpResponse]
STEP, CAP = 50, 1000  # rows of a page, rows that are counted without being asked


def listing(request: HttpRequest, slug: str) -> HttpResponse:
    look = look_at(record_of(slug), actor_of(request), request.GET)
    if not has_face(look.record, look.state.face):
        look.problems.append(_("There is no face “%s” of this; here is the list.") % look.state.face)
        look.state = look.state.changed(face="list")
    return FACES[look.state.face](request, look)


def show(request: HttpRequest, look: Look) -> HttpResponse:
    """The list face. As a part: the whole region, its rows alone (`part=rows`), or the sentence that counts (`count`)."""
    found = look.page(request.GET.get("cursor", ""), STEP)
    context = {**frame(request, look), **rows_context(request, look, found)}
    if not is_htmx(request):
        return page(request, "pages/list.html", context)
    part = "total" if request.GET.get("count") else "rows" if request.GET.get("part") == "rows" else "region"
    response = fragment(request, "pages/list.html", part, context)
    if part == "region":
        response["HX-Replace-Url"] = request.path + ("?" + look.query() if look.query() else "")
    return response


def rows_context(request: HttpRequest, look: Look, found: Page) -> dict[str, Any]:
    """Heads, rows, foot and what can be done to picked ones."""
    record, actor = look.record, look.actor
    total, exact = count(look, found, exactly=request.GET.get("count") == "exact")
    cursor = request.GET.get("cursor", "")
    columns = heads(look, editable=actor.can(f"{record.name}.edit"))
    return {
        "heads": columns, "rows": row_views(look, found.rows, columns),
        "portraits": has_portraits(record), "shown": len(found.rows), "total": total, "exact": exact,
        "back": _href(look, cursor=found.before), "next": _href(look, cursor=found.after), "step": STEP,
        "count_href": None if exact else _href(look, cursor=cursor, count="exact", always=True),
        "live_src": f"{request.path}?{look.query(**_said(part='rows', cursor=cursor))}",
        "pick_word": _("Pick %(name)s"), "picked": set(request.GET.getlist("pick")), "buttons": buttons(look) if look.sound else [],
        "empty": None if found.rows else empty(look, cursor),
    }  # fmt: skip


def count(look: Look, found: Page, *, exactly: bool = False) -> tuple[int, bool]:
    """(rows of the whole look, whether that is exact). A page that is all there is needs no query."""
    if not (found.before or found.after):
        return len(found.rows), True
    return (look.everything.count(), True) if exactly else capped_count(look.matched, CAP)


def empty(look: Look, cursor: str = "") -> dict[str, Any]:
    """Why nothing is here, and the one next move: a first row, or the filter that is to blame."""
    if not look.narrowed:
        return {"kind": "page" if cursor else "first"}
    clear = "?" + look.query(look.state.changed(tree=Group(), query=""))
    if look.state.query:
        without = look.state.changed(query="")
        short = len(look.state.query) < 2
        return {"kind": "short" if short else "words", "without": "?" + look.query(without), "clear": clear}
    last = len(look.state.tree.parts) - 1
    without = look.state.changed(tree=look.state.tree.without(last) if last > 0 else Group())
    wider = Look(look.record, look.actor, look.views, look.view, without)
    many, exact = capped_count(wider.matched, CAP)
    return {
        "kind": "filter",
        "without": "?" + look.query(without),
        "clear": clear,
        "many": many,
        "exact": exact,
        "last": last,
    }


def _href(look: Look, always: bool = False, **more: str) -> str | None:
    """An address of this list with a cursor; None where there is nothing to go to."""
    said = _said(**more)
    return "?" + look.query(**said) if said or always else None


def _said(**more: str) -> dict[str, str]:
    return {key: value for key, value in more.items() if value}


def _elsewhere(module: str) -> Face:
    """A face in a module of its own, imported when it is first asked for."""

    def show_face(request: HttpRequest, look: Look) -> HttpResponse:
        face: Face = import_module(f"kith.ui.pages.{module}").show
        return face(request, look)

    return show_face


FACES: dict[str, Face] = {"list": show, "calendar": _elsewhere("calendar"), "board": _elsewhere("board")}
urlpatterns = [path("<slug:slug>/", listing, name="list")]
