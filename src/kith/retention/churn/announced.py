"""Customers who said with a lost renewal that they leave altogether leave on the day it would have renewed, by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import operation
from kith.retention.churn.leaving import churn
from kith.retention.health.computing import by_itself
from kith.retention.models import Churn, Renewal, RenewalState


def due(today: dt.date | None = None) -> Any:
    """Lost renewals whose customer leaves by now. Not who left since, was taken back after leaving, or bought again after
    they had said so: what was said is not so any more."""
    said = Renewal.objects.filter(
        state=RenewalState.LOST, leaving=True, archived_at=None, renews_on__lte=today or timezone.localdate()
    )
    orders = registry["order"].model._default_manager.filter(
        archived_at=None, ended_on=None, yearly__gt=0, placed_on__gt=OuterRef("closed_on")
    )
    still: Any = Q()
    gone: Any = Q()
    for name in ("company", "person"):
        whose = {name: OuterRef(name)}
        here = {
            f"{name}__customer_until": None,
            f"{name}__customer_since__lte": F("renews_on"),
            f"{name}__archived_at": None,
        }
        still |= Q(**here) & ~Exists(orders.filter(**whose))
        gone |= Exists(Churn.objects.filter(ended_on__gte=OuterRef("renews_on"), **whose))
    return said.filter(still).exclude(gone).select_related("company", "person", "reason").order_by("renews_on", "pk")


def leave_due(today: dt.date | None = None) -> int:
    """They leave, each by an operation that can be taken back; returns how many. The second run of a day finds nobody."""
    left: set[tuple[str, int]] = set()
    for renewal in due(today):
        customer = renewal.company or renewal.person
        key = (customer._meta.model_name, customer.pk)
        if key in left:
            continue
        with operation("customer.churn", f"{churn.label}: {customer}"[:300], by=by_itself(), record="customer") as (
            _op,
            by,
        ):
            churn.run(customer, reason=renewal.reason, ended_on=renewal.renews_on, words=renewal.words, by=by)
        left.add(key)
    return len(left)
