"""Whom we speak with in time and whether plays help, for programs and terminals: the same as on their pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.retention.contact import coverage
from kith.retention.models import Play
from kith.retention.plays.judging import effect_by_play, effect_now, without_peers

MOST = 1000  # customers of one answer


def coverage_json(actor: Actor) -> dict[str, Any]:
    """Tier by tier who is spoken with in time, and the customers who are not, the longest overdue first."""
    actor.require("company.see")
    found = list(coverage.violations(actor)[: MOST + 1])
    tiers = [asdict(one) for one in coverage.by_tier(actor)]
    return {"tiers": tiers, "data": [_customer(care) for care in found[:MOST]], "more": len(found) > MOST}


def _customer(care: Any) -> dict[str, Any]:
    record = registry["company" if care.company_id else "person"]
    row = care.company or care.person
    return {
        "record": record.name, "id": row.pk, "name": record.name_of(row), "url": f"/api/v1/{record.slug}/{row.pk}",
        "owner": str(row.owner or ""), "tier": care.tier.name if care.tier else "", "spoke_at": care.spoke_at,
        "due_on": care.due_on, "silent": care.silent, "without_next_step": care.dateless,
    }  # fmt: skip


def coverage_lines(actor: Actor) -> list[str]:
    actor.require("company.see")
    out = [f"{'tier':<28} {'days':>5} {'customers':>10} {'silent':>7} {'no next step':>13}"]
    for one in coverage.by_tier(actor):
        days = "–" if one.days is None else one.days
        out.append(f"{one.tier or '–':<28} {days:>5} {one.customers:>10} {one.silent:>7} {one.dateless:>13}")
    return out


def plays_json(actor: Actor) -> dict[str, Any]:
    """Whether plays help: the difference in the share that left, with its range, and how often that can never be said."""
    actor.require("settings.manage")
    told, alone = effect_by_play(), without_peers()
    plays = Play.objects.filter(archived_at=None).order_by("name", "pk")
    return {
        "all": asdict(effect_now()) | {"never_judged": sum(alone.values())},
        "data": [
            {"id": play.pk, "name": play.name, "active": play.active, "never_judged": alone.get(play.pk, 0),
             "effect": asdict(told[play.pk]) if play.pk in told else None}
            for play in plays
        ],
    }  # fmt: skip
