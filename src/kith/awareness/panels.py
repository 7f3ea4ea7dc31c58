"""What this room shows on record pages; each part stands in the module of what it is about. On a person's page segments,
campaigns and touches are one panel that comes after the page, so that they cost it nothing.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.awareness import segmentpanels
from kith.awareness.assets.panels import fitting
from kith.awareness.campaigns.panels import of_person
from kith.awareness.profiles import panels as profilepanels
from kith.awareness.touches.panels import found_us
from kith.kernel.access.actor import Actor
from kith.ui.panels import Panel, register_panel


def reach(actor: Actor, person: Any) -> dict[str, Any] | None:
    """The segments and campaigns somebody is in, how they found us, and what to give them; None where there is none of it."""
    parts = [part(actor, person) for part in (segmentpanels.in_segments, of_person, found_us, fitting)]
    if not any(parts):
        return None
    context: dict[str, Any] = {"segments": [], "campaigns": [], "touches": [], "offers": []}
    for part in parts:
        context |= {key: value for key, value in (part or {}).items() if key != "count"}
    return context


REACH = Panel(
    "reach", _("Segments and campaigns"), "awareness/panel_reach.html", reach, depends_on=("segment", "campaign", "asset"),
    place="facts", order=80, lazy=True, verbs=("delete_trail",),
)  # fmt: skip

segmentpanels.register()
profilepanels.register()
register_panel(REACH, on="person")
