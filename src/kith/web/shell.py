"""What stands around every page, from the registry: places, the new menu, search, live topics, the organisation's name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.search.commands import Command
from kith.kernel.search.commands import register as register_commands
from kith.ui.pages.base import actor_of
from kith.ui.settings import commands as settings_commands
from kith.ui.settings import register_settings
from kith.ui.shell import register_nav, register_part
from kith.web.help import help_for
from kith.web.live import token

KEYS = {"person": "p", "company": "c", "deal": "d", "activity": "a"}


def wire() -> None:
    """Called once at start-up, when every record type is known."""
    daily = sorted(
        (r for r in registry if (r.placed or r.drawer) and not r.settings),
        key=lambda r: list(KEYS).index(r.name) if r.name in KEYS else 99,
    )
    for order, record in enumerate(daily):
        register_nav(
            record.slug, label=record.plural, icon=record.icon, href=f"/{record.slug}/", order=20 + order,
            tab=record.name in ("person", "deal", "activity"), keys=KEYS.get(record.name), visible=_sees(record.name),
            drawer=record.drawer,
        )  # fmt: skip
        if not record.placed:
            continue
        register_nav(
            f"new-{record.slug}", label=record.label, icon=record.icon, href=f"/{record.slug}/new", section="new",
            order=20 + order, visible=_makes(record.name),
        )  # fmt: skip
    register_nav("settings", label=_("Settings"), icon="settings", href="/settings/", section="below", order=90)
    register_nav("help", label=_("Help"), icon="help", href=help_for, section="below", order=95)
    register_part("brand", _brand)
    register_part("search", lambda request: "/search/")
    register_part("live", _live)
    settings_places()
    register_commands(places)
    register_commands(settings_commands)
    register_commands(making)


def _brand(request: HttpRequest) -> str:
    """The organisation's name; in a sandbox it says on every page that it is one."""
    name = current().name or "Kith"
    return __("%s (sandbox)") % name if settings.SANDBOX else name


MANAGE, PEOPLE = "settings.manage", "settings.people"
SETTINGS: tuple[tuple[str, str, int, Any, str, str, str, Any], ...] = (  # key, group, order, label, icon, href, needs, says
    ("profile", "you", 10, _("Profile"), "person", "profile", "", _("Name, time zone, theme, density, keys")),
    ("password", "you", 20, _("Password"), "lock", "account_change_password", "", ""),
    ("factor", "you", 30, _("Second factor"), "shield", "mfa_index", "", _("Codes from an app, passkeys, recovery codes")),
    ("sessions", "you", 40, _("Signed in on"), "device", "usersessions_list", "", ""),
    ("tokens", "you", 50, _("API tokens"), "key", "api_tokens", "", _("Keys for programs that act as you")),
    ("organisation", "organisation", 10, _("Organisation"), "company", "/settings/organisation/", MANAGE,
     _("Name, currency, country, time zone")),
    ("colleagues", "organisation", 20, _("Colleagues"), "people", "colleagues", PEOPLE, ""),
    ("teams", "organisation", 30, _("Teams"), "share", "teams", PEOPLE, ""),
    ("roles", "organisation", 40, _("Roles"), "lock", "/settings/roles/", MANAGE, _("What each role sees and may change")),
    ("fields", "data", 10, _("Fields of your own"), "columns", "/settings/fields/", MANAGE, ""),
    ("sample", "data", 90, _("Sample company"), "box", "/settings/sample/", MANAGE, ""),
    ("jobs", "system", 10, _("Background work"), "clock", "/settings/jobs/", MANAGE, _("What waits, runs, or failed; schedules")),
    ("api", "system", 20, _("API"), "settings", "/settings/api/", "", _("How programs read and write")),
)  # fmt: skip


def settings_places() -> None:
    """The settings that are not a room's own; rooms register theirs in `apps.py`."""
    for key, group, order, label, icon, href, needs, says in SETTINGS:
        register_settings(key, group=group, label=label, icon=icon, href=href, needs=needs, order=order, says=says)


def _sees(name: str):  # type: ignore[no-untyped-def]
    return lambda request: actor_of(request).can(f"{name}.see")


def _makes(name: str):  # type: ignore[no-untyped-def]
    return lambda request: actor_of(request).can(f"{name}.create")


def _live(request: HttpRequest) -> str:
    """A token for the types this person may see; a record's own pages also hear its row by id."""
    actor = actor_of(request)
    topics = [r.name for r in registry if actor.can(f"{r.name}.see")]
    slug, pk = [*request.path.strip("/").split("/"), "", ""][:2]
    record = registry.by_slug(slug)
    if record is not None and pk.isdecimal():
        topics.append(f"{record.name}:{pk}")
    return token(topics, actor.user_id or 0, getattr(request, "began", None))


def places(actor: Actor) -> list[Command]:
    go = [
        Command(
            _("Go to %s") % r.plural,
            f"/{r.slug}/",
            r.icon,
            f"G {KEYS[r.name].upper()}" if r.name in KEYS else "",
            f"{r.name}.see",
        )
        for r in registry
        if not r.settings
    ]
    return [
        *go,
        Command(_("History and undo"), "/history", "undo", "", "", _("changes take back")),
        Command(_("Settings"), "/settings/", "settings"),
        Command(_("Help"), "/help/", "help", "", "", _("guide manual how")),
    ]


def making(actor: Actor) -> list[Command]:
    made = [
        Command(
            _("New %s") % r.label.lower(),
            f"/{r.slug}/new",
            "plus",
            "C" if r.name == "person" else "",
            f"{r.name}.create",
            _("add create"),
        )
        for r in registry
        if not r.settings
    ]
    brought = [
        Command(
            _("Import %s") % r.plural.lower(),
            f"/{r.slug}/import/",
            "download",
            "",
            f"{r.name}.import",
            _("file csv upload"),
        )
        for r in registry
        if not r.settings
    ]
    return made + brought
