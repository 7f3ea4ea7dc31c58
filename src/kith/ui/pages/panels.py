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
from kith.ui.panels import PLACES, Panel, panels_of
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


def draw(request: HttpRequest, opened: Opened, found: Panel) -> Markup:
    """A panel as markup for the page around it; a lazy one as its place."""
    context = _place(opened, found) if found.lazy else panel_context(opened, found)
    return Markup(render_block("pages/panel.html", "panel", {**defaults(request), **context}))  # noqa: S704  our template


def panels_by_place(request: HttpRequest, opened: Opened) -> dict[str, list[Markup]]:
    """{place: panels in order}."""
    out: dict[str, list[Markup]] = {place: [] for place in PLACES}
    for found in panels_of(opened.record):
        out[found.place].append(draw(request, opened, found))
    return out


def _place(opened: Opened, found: Panel) -> dict[str, Any]:
    types = dict.fromkeys(name for dep in found.depends_on for name in _types(opened, dep))
    topics = " ".join([opened.topic, *types])
    src = f"{opened.url}/panel/{found.key}"
    return {"panel": found, "opened": opened, "topics": topics, "src": src, "shown": False, "waiting": found.lazy}


def _types(opened: Opened, dep: str) -> list[str]:
    """The record types that a word of `depends_on` means."""
    return [record.name for record, _keys in links_to(opened.record.name, opened.actor)] if dep == "*" else [dep]


def panel_context(opened: Opened, found: Panel) -> dict[str, Any]:
    given = found.context(opened.actor, opened.row)
    return {**(given or {}), **_place(opened, found), "shown": given is not None, "waiting": False}


urlpatterns = [path("<slug:slug>/<int:pk>/panel/<slug:key>", panel, name="panel")]
