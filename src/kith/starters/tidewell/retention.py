"""How the customers of the sample company stay or leave: use of the product that fades before somebody goes, leave-takings that
agree with the journeys, health as the product itself works it out month by month, renewals that come up, and plays for those
who were not well (`plays.py`).

What is planted: those whose journey ended left on that day, for the reason it tells; in the two months before, the use of
their product falls to a third. So who skipped onboarding leaves three and a half times as often
(`journeys.TIMES_AS_OFTEN`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from random import Random

from django.db import transaction
from django.utils import timezone

from kith.contacts.actions import become_customer
from kith.kernel.access.actor import Actor
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.retention.churn.leaving import churn
from kith.retention.customers import batches
from kith.retention.health.computing import keep
from kith.retention.health.dirty import forget
from kith.retention.health.parts import bring
from kith.retention.health.replaying import replay
from kith.retention.health.usage import Count
from kith.retention.health.usage import keep as keep_counts
from kith.retention.renewals.opening import open_due
from kith.retention.renewals.values import rebuild
from kith.retention.suggestions.proposing import keep_rules
from kith.starters.tidewell.plays import write_plays

SESSIONS = "sessions"
WEEKS, MONTHS, BATCH = 30, 6, 2000
FADES, FADED = 60, 0.33  # days before somebody leaves, and what is left of their use
UNUSED = 0.15  # customers whose product reports nothing
AT_ONCE = 20_000  # customers; a larger company is worked out by the worker
REASONS = {  # why journeys ended, as reasons of the tree
    "Too many false alarms": "Service disappointed", "Nobody there uses it": "Never got started",
    "Sold the building": "No fit any more", "Went to the insurer's own sensors": "Went to a competitor",
}  # fmt: skip
PLAY = {
    "name": "Before they go",
    "steps": "0: Call whoever uses it\n3: Look at their tickets together\n14: Visit them",
    "when_poor": True,
    "active": False,
}


def write_retention(by: Actor, seed: int, now: dt.datetime) -> int:
    """Set up and tell it, for the customers that are there; returns how many activities that took."""
    with transaction.atomic():
        bring(by)
        tiers(by)
        play = actions.create(registry["play"], dict(PLAY), by=by)
        customers(by)
        gone = ended(now)
        _use(seed, now, gone)
        _leave(by, gone)
        rebuild()
    days = _health(now)
    with transaction.atomic():
        tasks = write_plays(play, by, seed, now, days)
        if days:
            forget()
        keep_rules()
        open_due(timezone.localdate(now), by=by)
    return tasks


def tiers(by: Actor) -> None:
    """Large customers hear from Tidewell every month, the others every quarter."""
    record = registry["tier"]
    if not record.model._default_manager.filter(where__gt="").exists():
        actions.create(record, {"name": "Large", "where": "employees.over:100", "days": 30, "position": 10}, by=by)


def customers(by: Actor) -> None:
    """Whoever won a deal is a customer since then, where nothing says so yet."""
    companies = registry["company"].model._default_manager
    if companies.filter(customer_since__isnull=False).exists():
        return
    first: dict[int, dt.date] = {}
    won = registry["deal"].model._default_manager.filter(status="won", company__isnull=False, archived_at=None)
    for company, day in won.order_by("closed_on").values_list("company_id", "closed_on"):
        first.setdefault(company, day)
    days: dict[dt.date, list[int]] = defaultdict(list)
    for company, day in first.items():
        days[day].append(company)
    for day in sorted(days):
        become_customer(companies.filter(pk__in=days[day]), since=day, by=by)


def ended(now: dt.datetime) -> dict[int, tuple[dt.date, str]]:
    """{company: (day, why)} of journeys that ended because the customer left."""
    rows = registry["journey"].model._default_manager.filter(
        outcome="churned", company__isnull=False, closed_at__lte=now
    )
    told = rows.values_list("company_id", "closed_at", "reason")
    return {company: (timezone.localdate(at), why) for company, at, why in told}


def _use(seed: int, now: dt.datetime, gone: dict[int, tuple[dt.date, str]]) -> None:
    """Sessions of each week; they fade before somebody leaves, and end with it."""
    today = timezone.localdate(now)
    counts = []
    rows = registry["company"].model._default_manager.filter(customer_since__isnull=False, archived_at=None)
    for pk, name, since in rows.values_list("pk", "name", "customer_since"):
        random = Random(f"{seed}:{name}:use")
        usual = random.uniform(8, 60)
        if random.random() < UNUSED:
            continue
        left = gone.get(pk, (None, ""))[0]
        for week in range(WEEKS):
            day = today - dt.timedelta(days=7 * week + 1)
            share = random.uniform(0.8, 1.2)
            if day < since or (left is not None and day >= left):
                continue
            if left is not None and (left - day).days <= FADES:
                share *= FADED
            counts.append(Count(("company", pk), SESSIONS, day, float(round(usual * share))))
    keep_counts(counts)


def _leave(by: Actor, gone: dict[int, tuple[dt.date, str]]) -> None:
    """Those whose journey ended left on that day."""
    reasons = {reason.name: reason for reason in registry["churn_reason"].model._default_manager.all()}
    usual = next(iter(reasons.values()))
    rows = registry["company"].model._default_manager.filter(
        pk__in=gone, customer_since__isnull=False, customer_until=None
    )
    for row in rows.order_by("pk"):
        day, why = gone[row.pk]
        reason = reasons.get(REASONS.get(why, ""), usual)
        churn.run(row, reason=reason, ended_on=max(day, row.customer_since), words=why, by=by)


def _health(now: dt.datetime) -> list[dt.datetime]:
    """Health month by month as it stood, and as it is now; returns the moments that were looked at."""
    if sum(len(batch) for batch in batches(BATCH, timezone.localdate(now))) > AT_ONCE:
        return []
    days = [now - dt.timedelta(days=30 * month) for month in range(1, MONTHS + 1)]
    replay(days)
    for batch in batches(BATCH, timezone.localdate(now)):
        with transaction.atomic():
            keep(batch, now)
    return days
