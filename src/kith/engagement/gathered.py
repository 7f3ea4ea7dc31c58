"""Sequences on the page of a segment of people: how many of them are in one, and everybody enrolled at once.

Enrolling is the verb that the list of people has for many, with the segment as its filter: so it says beforehand how many
that is, and afterwards who was not enrolled and why, and one undo takes it back.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kith.engagement.models import GOING
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Segment
from kith.kernel.segments.queries import members
from kith.ui.panels import Panel, register_panel

FEW = 5  # sequences that are named


def in_sequences(actor: Actor, segment: Segment) -> dict[str, Any] | None:
    """The sequences that members are in now, as far as the actor sees both, the fullest first."""
    may = actor.can("person.bulk") and actor.can("activity.create") and segment.archived_at is None
    if segment.subject != "person" or not (may or actor.can("enrolment.see")):
        return None
    going = registry["enrolment"].rows(actor, archived=False).filter(state__in=GOING)
    inside = going.filter(person__in=members(actor, segment).order_by().values("pk"))
    counted = inside.order_by().values_list("sequence_id", "sequence__name").annotate(n=Count("pk"))
    found = list(counted.order_by("-n", "sequence__name"))
    return {
        "may": may, "state": f"filter=segment.is:{segment.key}", "count": sum(n for _pk, _name, n in found) or None,
        "sequences": [(name, f"/sequences/{pk}", n) for pk, name, n in found[:FEW]], "more": max(len(found) - FEW, 0),
    }  # fmt: skip


register_panel(
    Panel("in-sequences", _("Sequences"), "engagement/panel_gathered.html", in_sequences, depends_on=("enrolment",), order=15, lazy=True),
    on="segment",
)  # fmt: skip
