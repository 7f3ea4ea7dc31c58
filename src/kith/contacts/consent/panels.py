"""What a person agreed to, on their page; the versions of a purpose's words, on its own."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.contacts.consent.models import Purpose, Wording
from kith.contacts.consent.queries import purposes, standing_of
from kith.kernel.access.actor import Actor
from kith.ui.panels import Panel

VERBS = ("give_consent", "withdraw_consent")


def consent(actor: Actor, person: Any) -> dict[str, Any] | None:
    """What holds for each purpose; None while the organisation has no purposes."""
    if not purposes():
        return None
    standing = standing_of(person.pk)
    return {"standing": standing, "count": sum(one.holds for one in standing) or None}


def wordings(actor: Actor, purpose: Purpose) -> dict[str, Any]:
    """Every version, newest first."""
    rows = Wording.objects.filter(purpose=purpose).order_by("-number", "language")[:200]
    return {"versions": [(number, list(texts)) for number, texts in groupby(rows, key=lambda row: row.number)]}


CONSENT = Panel(
    "consent", _("What they agreed to"), "consent/panel_consent.html", consent, depends_on=("purpose",), place="facts",
    order=70, verbs=VERBS, covers=(),
)  # fmt: skip
WORDINGS = Panel(
    "wordings", _("Versions of the words"), "consent/panel_wordings.html", wordings, place="main", order=10
)
