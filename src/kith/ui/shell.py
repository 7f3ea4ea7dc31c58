"""What stands around every page: brand, places, spine, the new menu, the person signed in.

Packages add their own places from `AppConfig.ready()` with `register_nav(…)`; nobody edits this folder for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

Count = tuple[int | str | None, str | None]  # the figure, and its tone: "late", "warn", "good" or None


@dataclass(frozen=True)
class NavItem:
    """One place to go to. `count` stands at its right in `tone`; `keys` is what follows G on the keyboard."""

    label: str
    href: str
    icon: str
    count: int | str | None = None
    tone: str | None = None
    current: bool = False
    keys: str | None = None


@dataclass(frozen=True)
class NavDrawer:
    """Places that are not for every hour, under a name that opens; it stands open where one of them is current."""

    label: str
    icon: str
    items: tuple[NavItem, ...] = ()

    @property
    def current(self) -> bool:
        return any(item.current for item in self.items)


@dataclass(frozen=True)
class SpineStop:
    """One of the nine steps in the sidebar: its number, name, address and how many stand there."""

    step: int
    name: str
    href: str
    count: int | str | None = None
    current: bool = False


@dataclass(frozen=True)
class Shell:
    """Everything `ui/shell.html` draws around the page."""

    brand: str = "Kith"
    home: str = "/"
    places: tuple[NavItem, ...] = ()
    below: tuple[NavItem, ...] = ()
    drawers: tuple[NavDrawer, ...] = ()
    tabs: tuple[NavItem, ...] = ()
    new: tuple[NavItem, ...] = ()
    spine: tuple[SpineStop, ...] = ()
    spine_title: str = ""
    spine_total: int | str | None = None
    me: NavItem | None = None
    search: str | None = None
    live: str | None = None


@dataclass(frozen=True)
class _Entry:
    key: str
    label: str
    icon: str
    href: str | Callable[[HttpRequest], str]
    section: str
    order: int
    count: Callable[[HttpRequest], Count] | None
    visible: Callable[[HttpRequest], bool] | None
    tab: bool
    keys: str | None
    drawer: str = ""


_entries: dict[str, _Entry] = {}
_parts: dict[str, Callable[[HttpRequest], object]] = {}
DRAWERS = {
    "marketing": (_("Marketing"), "send"),
    "selling": (_("Selling"), "deal"),
    "customers": (_("Customers"), "star"),
}
SECTIONS, PARTS = ("places", "below", "new"), ("brand", "spine", "search", "live", "me")


def register_nav(
    key: str,
    *,
    label: str,
    icon: str,
    href: str | Callable[[HttpRequest], str],
    section: str = "places",
    order: int = 50,
    count: Callable[[HttpRequest], Count] | None = None,
    visible: Callable[[HttpRequest], bool] | None = None,
    tab: bool = False,
    keys: str | None = None,
    drawer: str = "",
) -> None:
    """Add a place to the shell; the same `key` again replaces it.

    `href` is a URL name ("people"), a path ("/people/") or a function of the request. `section` is "places" (top),
    "below" (under the spine) or "new" (the menu behind C). `count` gives (figure, tone). `tab` puts it in the phone
    bar too, which holds four. `keys` is the letter after G. `drawer` puts a place into one of DRAWERS instead, under the
    spine.
    """
    if section not in SECTIONS:
        raise ValueError(f"register_nav({key!r}): section must be one of {', '.join(SECTIONS)}, not {section!r}.")
    if drawer and drawer not in DRAWERS:
        raise ValueError(f"register_nav({key!r}): drawer must be one of {', '.join(DRAWERS)}, not {drawer!r}.")
    _entries[key] = _Entry(key, label, icon, href, section, order, count, visible, tab, keys, drawer)


def register_part(name: str, source: Callable[[HttpRequest], object]) -> None:
    """Say where another part of the shell comes from, as a function of the request.

    "brand" gives the organisation's name; "spine" gives (title, total, stops); "search" the address the palette
    asks; "live" the token for `/live`; "me" a NavItem for the foot of the sidebar.
    """
    if name not in PARTS:
        raise ValueError(f"register_part({name!r}): the parts are {', '.join(PARTS)}.")
    _parts[name] = source


def shell_for(request: HttpRequest) -> Shell:
    """The shell as this person sees it on this page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Shell(brand=_part("brand", request) or "Kith")
    shown = [
        e for e in sorted(_entries.values(), key=lambda e: (e.order, e.key)) if not e.visible or e.visible(request)
    ]
    items = [(entry, _item(entry, request)) for entry in shown]
    title, total, stops = _part("spine", request) or ("", None, ())
    return Shell(
        brand=_part("brand", request) or "Kith",
        **{name: tuple(item for entry, item in items if entry.section == name and not entry.drawer) for name in SECTIONS},
        drawers=_drawers(items),
        tabs=tuple(item for entry, item in items if entry.tab)[:4],
        spine=tuple(stops), spine_title=title, spine_total=total,
        me=_part("me", request) or NavItem(str(user), "/accounts/", "person"),
        search=_part("search", request), live=_part("live", request),
    )  # fmt: skip


def _drawers(items: list[tuple[_Entry, NavItem]]) -> tuple[NavDrawer, ...]:
    """The drawers that hold something this person may see."""
    every = (
        NavDrawer(str(label), icon, tuple(item for entry, item in items if entry.drawer == key))
        for key, (label, icon) in DRAWERS.items()
    )
    return tuple(drawer for drawer in every if drawer.items)


def _part(name: str, request: HttpRequest):
    return _parts[name](request) if name in _parts else None


def _item(entry: _Entry, request: HttpRequest) -> NavItem:
    href = entry.href(request) if callable(entry.href) else entry.href
    href = href if href.startswith("/") else reverse(href)
    count, tone = entry.count(request) if entry.count else (None, None)
    current = request.path == href or (href != "/" and request.path.startswith(href))
    return NavItem(entry.label, href, entry.icon, count, tone, current, entry.keys)
