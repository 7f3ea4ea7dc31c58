"""Orders as purchases: whose they are, on which day, and what they were worth in the organisation's currency.

A customer is a company, or a person without one: orders of people who work somewhere count for that company. What is paid
again each period follows its contract and not a habit of coming back, so it is kept apart (`subscriptions.py`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, F, Func, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from kith.insight.expressions import worth
from kith.kernel.access.actor import Actor
from kith.kernel.money.queries import home
from kith.kernel.records.registry import registry

COMPANY, PERSON = "c", "p"


@dataclass(frozen=True)
class Contract:
    """What one order brings each year, in the organisation's currency, from when, and when it ended (None: it runs)."""

    customer: str
    yearly: float
    began: dt.date
    ended: dt.date | None


@dataclass
class Orders:
    """`purchases`: (customer, day, worth), customers as "c12" (a company) or "p7" (a person); `paid`: what each spent in all,
    first terms of contracts included. `unrated` and `nobody`: orders left out, for want of a rate or of a customer;
    `currencies`: {currency: (orders, of these without a rate)}."""

    purchases: list[tuple[str, dt.date, float]] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    paid: dict[str, float] = field(default_factory=dict)
    count: int = 0
    unrated: int = 0
    nobody: int = 0
    currencies: dict[str, tuple[int, int]] = field(default_factory=dict)


def who() -> Any:
    """The customer of an order as one word; NULL where it names nobody."""
    return Case(
        When(of_company__isnull=False, then=Concat(Value(COMPANY), Cast("of_company", CharField()))),
        When(person__isnull=False, then=Concat(Value(PERSON), Cast("person_id", CharField()))),
        default=None, output_field=CharField(max_length=24),
    )  # fmt: skip


def rows_of(actor: Actor, until: dt.date | None) -> QuerySet[Any]:
    """Orders within reach up to that day, with `who` and `worth`."""
    rows: QuerySet[Any] = registry["order"].rows(actor, archived=False).order_by()
    if until is not None:
        rows = rows.filter(placed_on__lte=until)
    rows = rows.annotate(of_company=Coalesce("company_id", "person__company_id"))
    return rows.annotate(who=who(), worth=worth("total", "currency", "placed_on"))


def read_orders(actor: Actor, until: dt.date | None = None) -> Orders:
    """Everything that was ordered up to `until`. Three queries, whatever their number."""
    rows = rows_of(actor, until)
    told = rows.values("currency").annotate(
        n=Count("pk"), unrated=Count("pk", filter=Q(worth=None)), nobody=Count("pk", filter=Q(who=None))
    )
    out = Orders()
    for code, n, unrated, nobody in told.values_list("currency", "n", "unrated", "nobody"):
        out.count, out.unrated, out.nobody = out.count + n, out.unrated + unrated, out.nobody + nobody
        before = out.currencies.get(code or home(), (0, 0))
        out.currencies[code or home()] = before[0] + n, before[1] + unrated
    sound = rows.filter(worth__isnull=False, who__isnull=False)
    days = (
        sound.filter(yearly=0)
        .values("who", "placed_on")
        .annotate(spent=Sum("worth"))
        .values_list("who", "placed_on", "spent")
    )
    for customer, day, spent in days.order_by("placed_on", "who").iterator(chunk_size=20_000):
        out.purchases.append((customer, day, float(spent)))
        out.paid[customer] = out.paid.get(customer, 0.0) + float(spent)
    again = sound.filter(yearly__gt=0).annotate(
        brings=worth("yearly", "currency", "placed_on"), began=Coalesce("starts_on", "placed_on")
    )
    for customer, spent, brings, began, ended in again.values_list("who", "worth", "brings", "began", "ended_on"):
        out.paid[customer] = out.paid.get(customer, 0.0) + float(spent)
        gone = ended if ended is not None and (until is None or ended <= until) else None
        out.contracts.append(Contract(customer, float(brings), began, gone))
    return out


def parts(customer: str) -> tuple[str, int]:
    """("company" or "person", id) of a customer's word."""
    return ("company" if customer[0] == COMPANY else "person"), int(customer[1:])


class Word(Func):
    """The customer's word of a row of people or companies, for joining with what was worked out."""

    def __init__(self, letter: str):
        super().__init__(Value(letter), Cast(F("pk"), CharField()), function="concat", output_field=CharField())
