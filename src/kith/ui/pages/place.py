"""The list somebody came from: the way back to it, "17 of 318", and the rows before and after this one.

The browser says where it came from; on the way to a neighbour the list's address travels along as `?list=`. Which rows
there are is asked again each time, with the rights of whoever reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kith.kernel.lookups.beside import Place, place_of
from kith.kernel.lookups.look import Look, look_at
from kith.ui.filters import number
from kith.ui.pages.base import base_url
from kith.ui.pages.row import Opened

LONGEST = 2000  # characters of a list's address that are carried along
MOST_PARAMS = 20


@dataclass(frozen=True)
class Whence:
    """The list's address behind its question mark."""

    base: str
    query: str

    @property
    def href(self) -> str:
        return f"{self.base}?{self.query}" if self.query else self.base

    @property
    def carried(self) -> str:
        """The query as the value of a parameter."""
        return quote(self.query, safe="")


def whence(request: HttpRequest, opened: Opened) -> Whence | None:
    """The list of this type that the row was opened from; None when it was reached another way."""
    base = base_url(opened.record)
    if (carried := request.GET.get("list")) is not None:
        return Whence(base, carried) if len(carried) <= LONGEST else None
    came = urlsplit(request.META.get("HTTP_REFERER", ""))
    if came.netloc != request.get_host() or came.path != base or len(came.query) > LONGEST:
        return None
    return Whence(base, came.query)


def place_in(came: Whence | None, opened: Opened) -> dict[str, Any]:
    """What the crumb says: which row of how many, and the ways to its neighbours. Only where rows stand in one order."""
    context: dict[str, Any] = {"opened": opened, "came": came, "place": {"words": "", "ways": []}}
    if came is None:
        return context
    look = look_at(opened.record, opened.actor, _params(came.query))
    place = place_of(look, opened.row.pk) if look.state.face == "list" and look.sound else None
    if place is None:
        return context
    context["place"] = {
        "words": _words(look, place),
        "ways": [
            {"label": _("Previous"), "icon": "up", "rel": "prev", "key": "k", "href": _href(came, place.before)},
            {"label": _("Next"), "icon": "down", "rel": "next", "key": "j", "href": _href(came, place.after)},
        ],
    }
    return context


def _params(query: str) -> dict[str, str]:
    """The list's own parameters. A page of the list is no part of what it shows."""
    try:
        return dict(parse_qsl(query, max_num_fields=MOST_PARAMS))
    except ValueError:  # more parameters than any list has
        return {}


def _href(came: Whence, pk: int | None) -> str | None:
    return None if pk is None else f"{came.base}{pk}?list={came.carried}"


def _words(look: Look, place: Place) -> str:
    """Which of how many, and of what: a view by its name, anything else as what was found."""
    name = "" if look.changed or look.view.key == "all" else look.view.name
    many = number(place.total) + ("" if place.exact else "+")
    if place.at is None:
        return name
    said = {"at": number(place.at), "many": many, "view": name}
    if name:
        return _("%(at)s of %(many)s in “%(view)s”") % said
    return (_("%(at)s of %(many)s found") if look.narrowed else _("%(at)s of %(many)s")) % said
