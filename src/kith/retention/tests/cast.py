"""Customers for the tests of retention, with what happened to them, on the day they are asked about."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from kith.contacts.actions import become_customer
from kith.contacts.models import Company, Person
from kith.conversion.models import Order
from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.write import Entry, write_events
from kith.retention.customers import Batch
from kith.support.models import Ticket

BY = system("web")


def days_ago(n: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=n)


def firm(name: str = "Hafen Logistik", since: int = 400, **values: Any) -> Company:
    """A company that is a customer for so many days."""
    made: Company = actions.create(registry["company"], {"name": name, **values}, by=BY)
    become_customer([made], since=days_ago(since).date(), by=BY)
    return Company.objects.get(pk=made.pk)


def person(name: str = "Mara Vogt", since: int = 400) -> Person:
    """Somebody without a company who is a customer."""
    given, family = name.split()
    made: Person = actions.create(registry["person"], {"given_name": given, "family_name": family}, by=BY)
    become_customer([made], since=days_ago(since).date(), by=BY)
    return Person.objects.get(pk=made.pk)


def told(row: Any, says: Any, days: float) -> None:
    """Something that happened to a customer so many days ago."""
    write_events([Entry(row._meta.model_name, row.pk, says=says, at=days_ago(days))], by=BY)


def ticket(row: Any, days: float, kind: str = "problem", **values: Any) -> Ticket:
    made: Ticket = Ticket.objects.create(
        subject="It stands still", kind=kind, opened_at=days_ago(days), **{row._meta.model_name: row}, **values
    )
    return made


def order(row: Any, yearly: int = 1200, days: int = 300, **values: Any) -> Order:
    """A contract placed so many days ago, through the verb that every face uses."""
    given = {
        "name": "Service", row._meta.model_name: row, "placed_on": days_ago(days).date(), "starts_on": days_ago(days).date(),
        "total": Decimal(yearly), "yearly": Decimal(yearly), **values,
    }  # fmt: skip
    made: Order = actions.create(registry["order"], given, by=BY)
    return made


def batch(*rows: Any) -> Batch:
    out = Batch()
    for row in rows:
        (out.companies if isinstance(row, Company) else out.people)[row.pk] = row.customer_since
    return out
