"""The last words about somebody, for the row in hand: who said them, how, and when."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.activities.queries import last_said
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.text import brief
from kith.ui.dates import day

LONGEST = 280


def last(actor: Actor, record: str, pk: int) -> tuple[str, str] | None:
    """(words, "Call, Ines Okafor, yesterday") of the newest note, call, meeting or mail about a row the actor sees."""
    found = last_said(actor, record, pk)
    if found is None:
        return None
    kind = _("E-mail") if found.kind == "mail" else registry["activity"].columns()["kind"].kind.show(found.kind)
    return brief(found.words, LONGEST), ", ".join(str(part) for part in (kind, found.who, day(found.at)) if part)
