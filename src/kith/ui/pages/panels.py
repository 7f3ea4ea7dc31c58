"""Panels of a record page: drawn with the page, fetched again alone when something they show has changed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from markupsafe import Markup

from kith.ui.pages.related import links_to
from kith.ui.pages.row import Opened, open_row
from kith.ui.panels import BEFORE, BOUGHT, PLACES, SINCE, Panel, panels_of
from kith.ui.render import defaults, fragment, is_htmx, page, render_block


@require_GET
def panel(request: HttpRequest, slug: str, pk: int, key: str) -> HttpResponse:
    """One panel as a part; as a page of its own for those who followed the link of a lazy one without a script."""
    opened = open_row(request, slug, pk)
    found = next((p for p in panels_of(opened.record) if p.key == key), None)
    if found is None:
        raise Http404(_("This page has no part called “%s”.") % key)
    context = panel_context(opened, found)
    if is_htmx(request):
        return fragment(request, "pages/panel.html", "panel", context)
    return page(request, "pages/panel.html", context)


def draw(request: HttpRequest, opened: Opened, found: Panel, *, folded: bool = False) -> Markup:
    """A panel as markup for the page around it; a lazy or folded one as its place."""
    context = _place(opened, found) if found.lazy or folded else panel_context(opened, found)
    context |= {"waiting": found.lazy or folded, "folded": folded}
    return Markup(render_block("pages/panel.html", "panel", {**defaults(request), **context}))  # noqa: S704  our template


def panels_by_place(
    request: HttpRequest, opened: Opened, strip: list[dict[str, Any]] | None = None
) -> dict[str, list[Markup]]:
    """{place: panels in order}; under "folded" those that belong to another part of the relationship than it is in."""
    out: dict[str, list[Markup]] = {place: [] for place in (*PLACES, "folded")}
    other = other_phase(strip)
    for found in panels_of(opened.record):
        folded = bool(found.phase) and found.phase == other
        out["folded" if folded else found.place].append(draw(request, opened, found, folded=folded))
    return out


def other_phase(strip: list[dict[str, Any]] | None) -> str:
    """The part of the relationship that it is not in, by its line; "" where there is no line."""
    at = next((stop["step"] for stop in strip or () if stop["state"] == "current"), None)
    return "" if at is None else BEFORE if int(at) >= BOUGHT else SINCE


def _place(opened: Opened, found: Panel) -> dict[str, Any]:
    types = dict.fromkeys(name for dep in found.depends_on for name in _types(opened, dep))
    topics = " ".join([opened.topic, *types])
    src = f"{opened.url}/panel/{found.key}"
    return {
        "panel": found,
        "opened": opened,
        "topics": topics,
        "src": src,
        "shown": False,
        "waiting": True,
        "folded": False,
    }


def _types(opened: Opened, dep: str) -> list[str]:
    """The record types that a word of `depends_on` means."""
    return [record.name for record, _keys in links_to(opened.record.name, opened.actor)] if dep == "*" else [dep]


def panel_context(opened: Opened, found: Panel) -> dict[str, Any]:
    given = found.context(opened.actor, opened.row)
    return {**(given or {}), **_place(opened, found), "shown": given is not None, "waiting": False}


urlpatterns = [path("<slug:slug>/<int:pk>/panel/<slug:key>", panel, name="panel")]
