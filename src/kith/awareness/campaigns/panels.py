"""Campaigns on pages: costs and members on their own, the campaigns somebody belongs to on a person's."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kith.awareness.campaigns.queries import cost_of
from kith.awareness.models import Campaign, CostLine, Member, State
from kith.kernel.access.actor import Actor
from kith.kernel.money.amounts import show_money
from kith.kernel.records.registry import registry
from kith.ui.panels import Panel

FEW = 8


def costs(actor: Actor, campaign: Campaign) -> dict[str, Any]:
    """Each cost, what they add up to, and how much of the budget that is."""
    found = list(CostLine.objects.filter(campaign=campaign).order_by("-day", "-pk"))
    lines = [
        {"pk": line.pk, "day": line.day, "amount": show_money(line.amount, line.currency, exact=True), "note": line.note}
        for line in found
    ]  # fmt: skip
    cost = cost_of(campaign, found)
    return {"lines": lines, "cost": cost, "count": len(lines) or None, "budget": cost.budget, "used": cost.used}


def members(actor: Actor, campaign: Campaign) -> dict[str, Any]:
    """How many are in which state, and the latest of them, as far as the reader may see them."""
    people = registry["person"].rows(actor, archived=False)
    theirs = Member.objects.filter(campaign=campaign, person__in=people)
    counts = dict(theirs.values_list("state").annotate(n=Count("pk")).order_by())
    latest = list(theirs.select_related("person").order_by("-since", "-pk")[:FEW])
    rows = [
        {"name": registry["person"].name_of(m.person), "href": f"/people/{m.person_id}", "pk": m.person_id,
         "state": State(m.state).label, "since": m.since}
        for m in latest
    ]  # fmt: skip
    states = [{"label": label, "count": counts[key]} for key, label in State.choices if counts.get(key)]
    return {
        "states": states, "rows": rows, "count": sum(counts.values()) or None,
        "all_href": f"/people/?filter=campaign.is:{campaign.key}", "audience": campaign.segment,
        "stale": stale_research(actor, campaign),
    }  # fmt: skip


def stale_research(actor: Actor, campaign: Campaign) -> list[tuple[str, str]]:
    """Research on the audience that is out of date: (name, address)."""
    record = registry["research"]
    if campaign.segment_id is None or not actor.can("research.see"):
        return []
    columns = record.columns()
    rows = record.rows(actor, archived=False).filter(segment_id=campaign.segment_id)
    found = record.listing(rows, [columns["stale"]])
    return [(note.name, record.url(note.pk)) for note in found if columns["stale"].get(note)]


def of_person(actor: Actor, person: Any) -> dict[str, Any] | None:
    """The campaigns that somebody belongs to, and how far they are with each."""
    if not actor.can("campaign.see"):
        return None
    seen = registry["campaign"].rows(actor, archived=False)
    found = Member.objects.filter(person_id=person.pk, campaign__in=seen).select_related("campaign").order_by("-since")
    rows = [
        {"name": m.campaign.name, "href": f"/campaigns/{m.campaign_id}", "state": State(m.state).label, "since": m.since}
        for m in found[:20]
    ]  # fmt: skip
    return {"campaigns": rows, "count": len(rows)} if rows else None


MEMBERS = Panel(
    "members", _("Who belongs to it"), "awareness/panel_members.html", members, depends_on=("person",), place="main",
    order=20, verbs=("invite", "mark", "remove_member"),
)  # fmt: skip
COSTS = Panel(
    "costs", _("Costs"), "awareness/panel_costs.html", costs, order=10, verbs=("add_cost", "remove_cost")
)  # fmt: skip
