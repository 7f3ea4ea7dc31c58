"""Whether opens and clicks are counted at all, and of whom: while the purpose with the key `mail-tracking` is in use, and of
those who agreed to it. Each mailing and each sequence says for itself whether it wants to know.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.contacts.consent.models import Purpose
from kith.contacts.consent.queries import may, purposes
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records import actions
from kith.kernel.records.registry import registry

PURPOSE = "mail-tracking"
TRACK_HELP = gettext_lazy(
    "Only of those who agreed to it. The organisation has to allow it first: Settings, Mail tracking."
)


def allowed() -> bool:
    """Does the organisation allow it? Without a query mostly."""
    return PURPOSE in purposes()


def agreed(people: Iterable[int]) -> set[int]:
    """Who of these agreed, as it holds now; one query, none where it is not allowed."""
    return may(people, PURPOSE) if allowed() else set()


def allow(*, by: Actor) -> None:
    """From now on people may be asked for it, and mailings and sequences may be told to count. Twice is once."""
    by.require("settings.manage")
    record, held = registry["purpose"], Purpose.objects.filter(key=PURPOSE).first()
    if held is None:
        values = {
            "name": _("Tracking of mail"), "key": PURPOSE,
            "what_for": _("To see which of our mails are of use to you, and to send you fewer of the others."),
            "wording": _("You may note whether I open your mails, and which links in them I follow."),
        }  # fmt: skip
        actions.create(record, values, by=by)
    elif held.archived_at is not None:
        actions.restore(record, held, by=by)


def forbid(*, by: Actor) -> None:
    """Nothing is counted any more, of mails either that left already; their links go on leading where they led."""
    by.require("settings.manage")
    held = purposes().get(PURPOSE)
    if held is not None:
        actions.archive(registry["purpose"], held, by=by)


def settle_tracking(pairs: list[tuple[Any, Any]], by: Actor) -> None:
    """Nothing is told to count while it is not allowed. Raises Invalid."""
    if not allowed() and any(row.track and (old is None or not old.track) for old, row in pairs):
        raise Invalid(_("Your organisation does not count opens and clicks. Whoever manages the settings can allow it: Settings, Mail tracking."), "track")  # fmt: skip
