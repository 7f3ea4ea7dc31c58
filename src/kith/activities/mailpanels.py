"""What mailboxes and arrived mail show on their pages: how the mailbox fares, day by day, and what a message says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.mail.arriving import cleared
from kith.kernel.mail.health import health_of
from kith.kernel.mail.models import Arrived, ArrivedState, Mailbox
from kith.kernel.mail.queries import message_in
from kith.kernel.records.registry import registry
from kith.ui.panels import Panel, register_panel
from kith.ui.settings import register_settings

MOST_SHOWN = 20_000  # characters of a message on the page of its arrival


def health(actor: Actor, row: Mailbox) -> dict[str, Any] | None:
    """Folders, days, gaps and lag."""
    return {"health": health_of(row), "may": actor.can("settings.manage")}


def arrived(actor: Actor, row: Arrived) -> dict[str, Any] | None:
    """The words of a message whose bytes are here, the way to the whole of it, and to the story it stands on."""
    parsed = message_in(row)
    record = registry.get(row.record) if row.record else None
    found = record.rows(actor).filter(pk=row.record_id).first() if record is not None else None
    return {
        "parsed": parsed, "text": (parsed.fresh or parsed.text)[:MOST_SHOWN] if parsed is not None else "",
        "original": f"/files/{row.file_id}" if row.file_id else "", "cleared": cleared(row) if row.cleared_at else "", "waits": row.state == ArrivedState.WAITING,
        "story": (record.name_of(found), record.url(found.pk)) if record is not None and found is not None else None,
    }  # fmt: skip


PANELS: Sequence[tuple[Panel, str]] = (
    (Panel("health", _("How it fares"), "activities/mail_health.html", health, place="main", order=5), "mailbox"),
    (Panel("message", _("Message"), "activities/mail_arrived.html", arrived, place="main", order=5), "arrived"),
)


def register() -> None:
    """At start-up: the panels, and the places in the settings."""
    for panel, record in PANELS:
        register_panel(panel, on=record)
    register_settings(
        "mailboxes", group="organisation", label=_("Mailboxes"), icon="mail", href="/mailboxes/", needs="settings.manage",
        order=70, says=_("Where mail to you is read, and whether all of it is here."),
    )  # fmt: skip
    register_settings(
        "arrived-mail", group="organisation", label=_("Arrived mail"), icon="inbox", href="/arrived-mail/?view=held",
        needs="settings.manage", order=71, says=_("What could not be filed, what waits for somebody, and all the rest."),
    )  # fmt: skip
    register_settings(
        "suppressed", group="organisation", label=_("Suppressed addresses"), icon="x", href="/suppressed-addresses/",
        needs="settings.manage", order=72, says=_("Who is not written to, since when and why."),
    )  # fmt: skip
