"""The settings: one frame with places at the left, to which packages add theirs at start-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kith.ui.pages.base import actor_of

GROUPS = {
    "you": _("You"),
    "organisation": _("Organisation"),
    "sales": _("Sales"),
    "data": _("Data"),
    "system": _("System"),
}


@dataclass(frozen=True)
class Place:
    """One settings page: `href` is a URL name or a path, `needs` a right ("" for everybody)."""

    key: str
    group: str
    label: Any
    icon: str
    href: str
    needs: str = ""
    order: int = 50
    says: Any = ""  # one line for the overview

    @property
    def address(self) -> str:
        return self.href if self.href.startswith("/") else reverse(self.href)


_places: dict[str, Place] = {}


def register_settings(
    key: str, *, group: str, label: Any, icon: str, href: str, needs: str = "", order: int = 50, says: Any = ""
) -> None:
    """Add a place to the settings; the same key again replaces it."""
    if group not in GROUPS:
        raise ValueError(f"register_settings({key!r}): group must be one of {', '.join(GROUPS)}.")
    _places[key] = Place(key, group, label, icon, href, needs, order, says)


def places_for(request: HttpRequest) -> list[tuple[str, list[Place]]]:
    """[(group label, places)] that this person may open."""
    actor = actor_of(request)
    able = sorted(
        (p for p in _places.values() if not p.needs or actor.can(p.needs)), key=lambda p: (p.order, str(p.label))
    )
    grouped = [(str(label), [p for p in able if p.group == group]) for group, label in GROUPS.items()]
    return [(label, places) for label, places in grouped if places]


def commands(actor: Any) -> list[Any]:
    """Every settings page by name, for the palette."""
    from kith.kernel.search.commands import Command

    return [
        Command(p.label, p.address, p.icon, "", p.needs, _("settings")) for p in list(_places.values())
    ]  # addresses may load pages that add places


def overview(request: HttpRequest) -> HttpResponse:
    """`/settings/`: the first place one may open, or all of them with a line each."""
    from kith.ui.render import page

    groups = places_for(request)
    return page(request, "ui/settings_overview.html", {"groups": groups}) if groups else HttpResponseRedirect("/")
