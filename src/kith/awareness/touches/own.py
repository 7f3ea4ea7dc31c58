"""How somebody found us, on their own page behind the signed link: for them to see, and to delete without asking anybody."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.awareness.models import Channel, Touch
from kith.awareness.touches.writing import delete_trail_of
from kith.contacts.consent.sections import Section

SHOWN = 100


def _trail(person: Any) -> dict[str, Any] | None:
    """Day, way and page of each touch, newest first; what we call a campaign is ours, what its address said is theirs."""
    touches = Touch.objects.filter(person=person)
    found = list(touches.order_by("-at", "-pk")[: SHOWN + 1])
    if not found:
        return None
    rows = [
        {"at": t.at, "way": Channel(t.channel).label, "said": " · ".join(w for w in (t.source, t.word) if w), "page": t.landing}
        for t in found[:SHOWN]
    ]  # fmt: skip
    return {"rows": rows, "more": touches.count() - SHOWN if len(found) > SHOWN else 0}


TRAIL = Section(
    "trail", "awareness/own_trail.html", _trail, delete_trail_of, _("Nothing of how you found us is kept any more.")
)
