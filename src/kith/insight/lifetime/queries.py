"""Reading last night's lifetime values: who is within reach, and what some customers are worth together."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from kith.insight.models import Lifetime
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry

SUMS = {
    "customers": Count("pk"),
    "spent": Sum("spent"),
    "yearly": Sum("yearly"),
    "expected": Sum("expected"),
    "low": Sum("low"),
    "high": Sum("high"),
}


@dataclass(frozen=True)
class Line:
    """Some customers together, in the organisation's currency; `expected` None where nothing is expected of any of them."""

    label: str
    customers: int
    spent: Decimal
    yearly: Decimal
    expected: Decimal | None
    low: Decimal | None
    high: Decimal | None


def line_of(label: str, sums: dict[str, Any]) -> Line:
    return Line(
        label,
        sums["customers"],
        sums["spent"] or Decimal(0),
        sums["yearly"] or Decimal(0),
        sums["expected"],
        sums["low"],
        sums["high"],
    )


def seen(actor: Actor) -> QuerySet[Lifetime]:
    """Customers within reach, with what they are worth."""
    firms, people = (
        registry[name].rows(actor, archived=False).order_by().values("pk") for name in ("company", "person")
    )
    return Lifetime.objects.filter(Q(company__in=firms) | Q(person__in=people))


def worth_of(actor: Actor, people: QuerySet[Any]) -> Line | None:
    """What the customers are worth that these people are, or work for; None for who may not see orders. One query."""
    if not actor.can("order.see"):
        return None
    theirs = people.order_by()
    firms, alone = theirs.filter(company__isnull=False).values("company"), theirs.filter(company=None).values("pk")
    return line_of("", seen(actor).filter(Q(company__in=firms) | Q(person__in=alone)).aggregate(**SUMS))
