"""No customer without a dated next step, and none silent for longer than their tier allows: who is, tier by tier."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from kith.kernel.access.actor import Actor
from kith.retention.contact.today import within
from kith.retention.models import Care


@dataclass(frozen=True)
class Covered:
    """One tier: how many customers, how many of them were spoken with in time, are silent, have no dated next step."""

    tier: str
    days: int | None
    customers: int
    silent: int
    dateless: int


def looked_at(actor: Actor, owners: Any = None, today: dt.date | None = None) -> QuerySet[Care]:
    """Customers within reach with `silent` and `dateless`."""
    day = today or timezone.localdate()
    step = Coalesce(F("company__next_step_at"), F("person__next_step_at"))
    silent = Case(When(due_on__lt=day, then=Value(True)), default=Value(False), output_field=BooleanField())
    dateless = Case(When(step=None, then=Value(True)), default=Value(False), output_field=BooleanField())
    return within(actor, Care.objects.all(), owners).annotate(step=step).annotate(silent=silent, dateless=dateless)


def by_tier(actor: Actor, today: dt.date | None = None) -> list[Covered]:
    """Figures of every tier, in the order of tiers. One query."""
    rows = (
        looked_at(actor, today=today)
        .values("tier__name", "tier__days", "tier__position")
        .order_by("tier__position", "tier__name")
    )
    told = rows.annotate(
        n=Count("pk"), quiet=Count("pk", filter=Q(silent=True)), without=Count("pk", filter=Q(dateless=True)),
    )  # fmt: skip
    return [Covered(one["tier__name"] or "", one["tier__days"], one["n"], one["quiet"], one["without"]) for one in told]


def violations(actor: Actor, owners: Any = None, today: dt.date | None = None) -> QuerySet[Care]:
    """Customers who are silent, or without a dated next step, the longest overdue first."""
    rows = looked_at(actor, owners, today).filter(Q(silent=True) | Q(dateless=True))
    return rows.select_related("company__owner", "person__owner", "tier").order_by(
        F("due_on").asc(nulls_last=True), "pk"
    )
