"""What the page of a ticket shows of the whole relationship: how far they have come, how they are, what they are about to buy,
and what came before (promises stand there by themselves). Whoever answers need not ask what we know.

Everything comes through the one door: what the agent may not see of a customer is not here either.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.brief.sentences import CONTACTS, brief_of
from kith.process.panels import STYLE, stops_of
from kith.process.relationship import relationship_of
from kith.retention.queries import care_of
from kith.ui.panels import Panel, register_panel

BEFORE, DEALS = 4, 4  # rows of each
KEPT = "_customer_in_reach"


def customer_of(actor: Actor, row: Any) -> tuple[str, Any] | None:
    """("company" or "person", its row) of a ticket, as far as the actor may see it. Asked once a page."""
    if KEPT not in row.__dict__:
        row.__dict__[KEPT] = _customer(actor, row)
    found: tuple[str, Any] | None = row.__dict__[KEPT]
    return found


def _customer(actor: Actor, row: Any) -> tuple[str, Any] | None:
    for record, pk in (("company", row.company_id), ("person", row.person_id)):
        found = registry[record].rows(actor).filter(pk=pk).first() if pk else None
        if found is not None:
            return record, found
    return None


def so_far(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The line of the relationship, health with its reasons, and where the onboarding stands."""
    relationship = relationship_of(actor, registry["ticket"], row)
    who = customer_of(actor, row)
    care = care_of(who[1]) if who else None
    plans = (
        registry["onboarding_plan"].rows(actor, archived=False).filter(**{who[0]: who[1]}, state="running")
        if who
        else ()
    )
    plan = next(iter(plans[:1]), None) if who else None
    if relationship is None and care is None and plan is None:
        return None
    return {"stops": stops_of(relationship) if relationship else [], "care": care, "plan": plan}


def deals(actor: Actor, row: Any) -> dict[str, Any] | None:
    """What they are about to buy."""
    who = customer_of(actor, row)
    if who is None:
        return None
    rows = registry["deal"].rows(actor, archived=False).filter(status="open")
    mine = rows.filter(company=who[1]) if who[0] == "company" else rows.filter(contact=who[1])
    found = list(mine.select_related("stage").order_by("-amount", "pk")[:DEALS])
    return {"deals": found} if found else None


def before(actor: Actor, row: Any) -> dict[str, Any] | None:
    """Their tickets before this one, with what they said of them, and the last contacts."""
    who = customer_of(actor, row)
    if who is None:
        return None
    rows = registry["ticket"].rows(actor, archived=False).filter(**{who[0]: who[1]}).exclude(pk=row.pk)
    tickets = list(rows.order_by("-opened_at", "-pk")[:BEFORE])
    said = (
        registry["response"]
        .rows(actor)
        .filter(record="ticket", record_id__in=[t.pk for t in tickets], score__isnull=False)
    )
    scores = {r.record_id: r for r in said.select_related("survey").order_by("pk")}
    contacts = [one for one in brief_of(actor, who[0], who[1]) if one.part == CONTACTS]
    if not (tickets or contacts):
        return None
    return {"tickets": [(t, scores.get(t.pk)) for t in tickets], "contacts": contacts}


def join() -> None:
    """Put it on tickets."""
    told = (
        Panel("story", _("Story so far"), "process/panel_story.html", so_far, depends_on=("journey",), order=4, style=STYLE, lazy=True),
        Panel("deals", _("Open deals"), "process/panel_deals.html", deals, depends_on=("deal",), order=8, lazy=True),
        Panel("before", _("Before this"), "process/panel_before.html", before, depends_on=("ticket", "activity"), order=10, lazy=True),
    )  # fmt: skip
    for panel in told:
        register_panel(panel, on="ticket")
