"""What used the contact budget of a person, and what waits for it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.engagement.budget import parts  # noqa: F401  lent to people
from kith.engagement.budget.spending import MAIL, rooms, told, uses
from kith.engagement.models import EnrolmentState
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.ui.panels import BEFORE, Panel, register_panel


def budget(actor: Actor, person: Any) -> dict[str, Any] | None:
    """Of how many mails and calls how many went; None while nobody set limits and nothing was sent."""
    found = uses([person.pk]).get(person.pk, [])
    room = rooms(found)
    if not found and all(one.most is None for one in room):
        return None
    going = registry["enrolment"].rows(actor, archived=False).filter(person_id=person.pk, state=EnrolmentState.ACTIVE)
    return {
        "rooms": room, "uses": [(use, _href(use)) for use in reversed(told(actor, found))], "count": len(found) or None,
        "waits": list(going.exclude(why="").select_related("sequence")[:1]),
    }  # fmt: skip


def _href(use: Any) -> str:
    if use.record in registry and use.pk:
        return str(registry[use.record].url(use.pk))
    return f"/mail/{use.pk}" if use.pk and use.kind == MAIL and not use.record else ""


register_panel(
    Panel("budget", _("Heard from us this week"), "budget/panel_budget.html", budget, depends_on=("activity", "enrolment"),
          order=38, lazy=True, covers=(), phase=BEFORE),
    on="person",
)  # fmt: skip
