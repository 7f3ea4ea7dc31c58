"""Campaigns as they went, told afterwards: what they cost, and who answered when. Without events, whose place is the story of
whoever marks somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from kith.awareness.models import Campaign, CostLine, Member, MemberStep


def tell_costs(campaign: Campaign, lines: Sequence[tuple[dt.date, Decimal, str]]) -> None:
    """Cost lines (day, amount in the campaign's currency, for what)."""
    CostLine.objects.bulk_create(CostLine(campaign=campaign, day=d, amount=a, note=n) for d, a, n in lines)


def tell_members(told: Sequence[tuple[Campaign, Any, Sequence[tuple[str, dt.datetime]]]], name: str) -> None:
    """(campaign, person, [(state, when)], oldest first) of people who are no members yet; `name`: who says so."""
    members, steps = [], []
    for campaign, person, states in told:
        before = ""
        for state, at in states:
            steps.append(MemberStep(campaign=campaign, person=person, old=before, new=state, at=at, by_name=name))
            before = state
        members.append(Member(campaign=campaign, person=person, state=before, since=states[-1][1]))
    Member.objects.bulk_create(members)
    MemberStep.objects.bulk_create(steps)
