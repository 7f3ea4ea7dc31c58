"""Who is a customer: a company, or a person without one, since and until the days that stand on the row.

A customer is named by a key here: ("company", 12) or ("person", 7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from kith.contacts.actions import is_customer, newest_day
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry

Key = tuple[str, int]
RECORDS = ("company", "person")


@dataclass
class Batch:
    """Some customers, each by the day since when they are one."""

    companies: dict[int, dt.date] = field(default_factory=dict)
    people: dict[int, dt.date] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.companies) + len(self.people)

    def every(self) -> list[Key]:
        return [*(("company", pk) for pk in self.companies), *(("person", pk) for pk in self.people)]

    def since(self, key: Key) -> dt.date:
        return (self.companies if key[0] == "company" else self.people)[key[1]]

    def given(self) -> dict[str, Any]:
        """What statements over a batch take."""
        return {"companies": list(self.companies), "people": list(self.people)}


def current(day: dt.date | None = None) -> Q:
    """Condition on companies and people: customers on that day, default now."""
    on, begun = day or timezone.localdate(), day or newest_day()
    return (
        Q(customer_since__lte=begun) & (Q(customer_until__isnull=True) | Q(customer_until__gt=on)) & Q(archived_at=None)
    )


def rows(record: str, day: dt.date | None = None) -> QuerySet[Any]:
    """Customers of one type, whoever sees them."""
    found: QuerySet[Any] = registry[record].model._default_manager.filter(current(day))
    return found.filter(company=None) if record == "person" else found


def stands_alone(row: Any) -> bool:
    """Is this row a customer now, by itself: a company, or a person without one?"""
    return is_customer(row) and getattr(row, "company_id", None) is None


def seen(actor: Actor, record: str, day: dt.date | None = None) -> QuerySet[Any]:
    """Customers of one type within reach."""
    found: QuerySet[Any] = registry[record].rows(actor, archived=False).filter(current(day))
    return found.filter(company=None) if record == "person" else found


def batch_of(keys: Iterable[Key], day: dt.date | None = None) -> Batch:
    """Those of these that are customers; people of a company stand for it. At most three queries."""
    companies = {pk for record, pk in keys if record == "company"}
    people = {pk for record, pk in keys if record == "person"}
    if people:
        model = registry["person"].model
        companies |= set(
            model._default_manager.filter(pk__in=people, company__isnull=False).values_list("company_id", flat=True)
        )
    out = Batch()
    if companies:
        out.companies = dict(rows("company", day).filter(pk__in=companies).values_list("pk", "customer_since"))
    if people:
        out.people = dict(rows("person", day).filter(pk__in=people).values_list("pk", "customer_since"))
    return out


def batches(size: int, day: dt.date | None = None) -> Iterator[Batch]:
    """All customers, in batches by key."""
    for record in RECORDS:
        last = 0
        while found := list(
            rows(record, day).filter(pk__gt=last).order_by("pk").values_list("pk", "customer_since")[:size]
        ):
            last = found[-1][0]
            yield Batch(companies=dict(found)) if record == "company" else Batch(people=dict(found))


def customers_on(day: dt.date, size: int) -> Iterator[Batch]:
    """Who was a customer on that day: by the days on their rows, and by leave-takings for those who came back since."""
    from kith.retention.models import Churn

    was = Q(customer_since__lte=day) & (Q(customer_until=None) | Q(customer_until__gt=day)) & Q(archived_at=None)
    for record in RECORDS:
        rows = registry[record].model._default_manager.filter(was)
        if record == "person":
            rows = rows.filter(company=None)
        away = Churn.objects.filter(archived_at=None, ended_on__lte=day).filter(
            Q(returned_on=None) | Q(returned_on__gt=day)
        )
        rows = rows.exclude(pk__in=away.filter(**{f"{record}__isnull": False}).values(record))
        last = 0
        while found := dict(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "customer_since")[:size]):
            last = max(found)
            yield Batch(companies=found) if record == "company" else Batch(people=found)


def told(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement over a batch."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
