"""Find or do: records by words, recent ones, and everything the person may do, in the palette and as a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.records.registry import registry
from kith.kernel.search.commands import Command, commands
from kith.kernel.search.queries import find
from kith.kernel.search.visits import recent
from kith.ui.pages.base import actor_of
from kith.ui.render import fragment, is_htmx, page


def search(request: HttpRequest) -> HttpResponse:
    """`?q=` words, `&on=/deals/12` the page one is on (its record's actions come first)."""
    actor, q = actor_of(request), request.GET.get("q", "").strip()[:200]
    on = _open_row(request.GET.get("on", ""))
    hits = find(actor, q) if q else recent(actor, but=(on[0].name, on[1]) if on else None)
    groups: dict[str, list[object]] = {}
    for hit in hits:
        groups.setdefault(registry[hit.record].plural if q else _("Recent"), []).append(hit)
    context = {
        "q": q,
        "groups": groups,
        "icons": {r.name: r.icon for r in registry},
        "typo": bool(hits) and any(h.typo for h in hits),
        "here": _here(actor, on, q),
        "commands": commands(actor, q),
        "short": bool(q) and len(q) < 2,
    }
    if is_htmx(request):
        return fragment(request, "pages/search.html", "answers", context)
    return page(request, "pages/search.html", context)


def _open_row(on: str) -> tuple[Any, int] | None:
    """Record type and id of the record whose page is open."""
    slug, _sep, pk = on.strip("/").partition("/")
    record = registry.by_slug(slug)
    return (record, int(pk)) if record is not None and pk.isdecimal() and len(pk) < 19 else None


def _here(actor: Actor, on: tuple[Any, int] | None, q: str) -> list[Command]:
    """The actions of the record whose page is open."""
    if on is None:
        return []
    record, pk = on
    try:
        row = record.get(actor, pk)
    except KithError:
        return []
    able = [a for a in record.actions if a.open_to(row, actor) and not a.points]
    made = [Command(a.label, f"{record.url(row.pk)}/do/{a.verb}", a.icon or "arrow", a.key) for a in able]
    asked = q.lower()
    return [c for c in made if asked in str(c.label).lower()]


urlpatterns = [path("search/", search, name="search")]
