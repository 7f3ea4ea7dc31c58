"""What stands around every page, from the registry: places, the new menu, search, live topics, the organisation's name."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.search.commands import Command
from kith.kernel.search.commands import register as register_commands
from kith.ui.shell import register_nav, register_part
from kith.web.live import token

KEYS = {"person": "p", "company": "c", "deal": "d", "activity": "a"}


def wire() -> None:
    """Called once at start-up, when every record type is known."""
    for order, record in enumerate(r for r in registry if not r.settings):
        register_nav(
            record.slug, label=record.plural, icon=record.icon, href=f"/{record.slug}/", order=20 + order,
            tab=record.name in ("person", "deal", "activity"), keys=KEYS.get(record.name), visible=_sees(record.name),
        )  # fmt: skip
        register_nav(
            f"new-{record.slug}", label=record.label, icon=record.icon, href=f"/{record.slug}/new", section="new",
            order=20 + order, visible=_makes(record.name),
        )  # fmt: skip
    register_nav("settings", label=_("Settings"), icon="settings", href="/settings/", section="below", order=90)
    register_part("brand", lambda request: current().name or "Kith")
    register_part("search", lambda request: "/search/")
    register_part("live", _live)
    register_commands(places)
    register_commands(making)


def _sees(name: str):  # type: ignore[no-untyped-def]
    return lambda request: request.actor.can(f"{name}.see")


def _makes(name: str):  # type: ignore[no-untyped-def]
    return lambda request: request.actor.can(f"{name}.create")


def _live(request: HttpRequest) -> str:
    """A token for the types this person may see; a record's own page also hears its row by id."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    topics = [r.name for r in registry if actor.can(f"{r.name}.see")]
    slug, _sep, pk = request.path.strip("/").partition("/")
    record = registry.by_slug(slug)
    if record is not None and pk.isdigit():
        topics.append(f"{record.name}:{pk}")
    return token(topics, actor.user_id or 0)


def places(actor: Actor) -> list[Command]:
    go = [
        Command(_("Go to %s") % r.plural, f"/{r.slug}/", r.icon, f"G {KEYS[r.name].upper()}" if r.name in KEYS else "", f"{r.name}.see")
        for r in registry
        if not r.settings
    ]
    return [
        *go,
        Command(_("History and undo"), "/history", "undo", "", "", _("changes take back")),
        Command(_("Settings"), "/settings/", "settings"),
        Command(_("Appearance and profile"), "/accounts/profile/", "person", "", "", _("theme dark light password")),
        Command(_("API"), "/settings/api/", "settings", "", "", _("token programs")),
    ]


def making(actor: Actor) -> list[Command]:
    made = [
        Command(_("New %s") % r.label.lower(), f"/{r.slug}/new", "plus", "C" if r.name == "person" else "", f"{r.name}.create", _("add create"))
        for r in registry
        if not r.settings
    ]
    brought = [Command(_("Import %s") % r.plural.lower(), f"/{r.slug}/import", "download", "", f"{r.name}.import", _("file csv upload")) for r in registry if not r.settings]
    return made + brought
