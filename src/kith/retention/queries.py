"""Reading retention, for the floors above: what contracts bring from when on, who left, who needs a word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from kith.kernel.access.actor import Actor
from kith.kernel.money.queries import home
from kith.kernel.money.totals import convert
from kith.kernel.records.registry import registry
from kith.retention.customers import Key
from kith.retention.models import Care, Churn, ChurnModel, HealthMoved, Value


@dataclass(frozen=True)
class Brings:
    """From `since` on an order brings `yearly` a year, in the organisation's currency at the rate of the day it was placed, so
    that no exchange rate looks like growth."""

    order: int
    customer: Key
    since: dt.date
    yearly: Decimal


def brings(actor: Actor) -> tuple[list[Brings], int]:
    """(what each order within reach brings from when on, oldest first; how many values have no customer or rate)."""
    orders = registry["order"].rows(actor, archived=False).order_by().values("pk")
    rows = Value.objects.filter(order__in=orders).annotate(
        firm=Coalesce("order__company_id", "order__person__company_id"), who=F("order__person_id"), placed=F("order__placed_on"),
        code=F("order__currency"),
    )  # fmt: skip
    found, lost = [], 0
    for order, since, yearly, firm, who, placed, code in rows.order_by("since", "pk").values_list(
        "order_id", "since", "yearly", "firm", "who", "placed", "code"
    ):
        worth = convert(yearly, code or home(), placed)
        if worth is None or not (firm or who):
            lost += 1
            continue
        found.append(
            Brings(order, ("company", firm) if firm else ("person", who), since, worth.quantize(Decimal("0.01")))
        )
    return found, lost


def customers(actor: Actor) -> list[tuple[Key, dt.date, dt.date | None]]:
    """(customer, since, until) of everybody within reach who ever was one."""
    out: list[tuple[Key, dt.date, dt.date | None]] = []
    for record in ("company", "person"):
        rows = registry[record].rows(actor, archived=False).filter(customer_since__isnull=False).order_by("pk")
        if record == "person":
            rows = rows.filter(company=None)
        out += [
            ((record, pk), since, until)
            for pk, since, until in rows.values_list("pk", "customer_since", "customer_until")
        ]
    return out


def churns(actor: Actor) -> QuerySet[Churn]:
    rows: QuerySet[Churn] = registry["churn"].rows(actor, archived=False)
    return rows


def health_then(at: dt.datetime) -> dict[int, int]:
    """{company: health as it stood at that moment}, as its history tells."""
    rows = HealthMoved.objects.filter(at__lte=at, company__isnull=False, after__isnull=False).order_by("at", "pk")
    return {company: points for company, points in rows.values_list("company_id", "after") if points is not None}


def care_of(row: Any) -> Care | None:
    """What is known of one customer; None for whoever is none."""
    return Care.objects.filter(**{row._meta.model_name: row}).select_related("tier").first()


def cares(companies: Collection[int], people: Collection[int]) -> QuerySet[Care]:
    """What is known of these customers."""
    return Care.objects.filter(Q(company__in=companies) | Q(person__in=people))


def latest_model() -> ChurnModel | None:
    return ChurnModel.objects.order_by("-number").first()
