"""Whose journey it is: a company, or a person without one. One place that says so, for one row and for thousands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kith.kernel.records.registry import registry
from kith.process.models import RUNNING, Journey

Ref = tuple[str, int]
BEARERS = ("company", "person")


@dataclass
class Customer:
    """A customer, the journey they are on, if any, and the people of theirs who were asked for."""

    ref: Ref
    row: Any
    journey: Journey | None = None
    people: list[Ref] = field(default_factory=list)


def customers_of(refs: Iterable[Ref]) -> list[Customer]:
    """The customers that these people and companies are, or belong to, in order of their ids; archived ones are none.

    At most three queries, however many.
    """
    wanted = set(refs)
    people = {pk for record, pk in wanted if record == "person"}
    companies = {pk for record, pk in wanted if record == "company"}
    alone: dict[int, Any] = {}
    theirs: dict[int, list[Ref]] = {}
    if people:
        for row in _rows("person", people):
            if row.company_id is None:
                alone[row.pk] = row
            else:
                companies.add(row.company_id)
                theirs.setdefault(row.company_id, []).append(("person", row.pk))
    firms = {row.pk: row for row in _rows("company", companies)} if companies else {}
    running = _running(firms, alone)
    found = [
        Customer(("company", pk), row, running.get(("company", pk)), theirs.get(pk, []))
        for pk, row in sorted(firms.items())
    ]
    return found + [Customer(("person", pk), row, running.get(("person", pk))) for pk, row in sorted(alone.items())]


def _rows(record: str, pks: Iterable[int]) -> Any:
    return registry[record].model._default_manager.filter(pk__in=list(pks), archived_at__isnull=True)


def _running(firms: dict[int, Any], alone: dict[int, Any]) -> dict[Ref, Journey]:
    out: dict[Ref, Journey] = {}
    if firms:
        out |= {
            ("company", j.company_id): j
            for j in Journey.objects.filter(RUNNING, company__in=list(firms))
            if j.company_id
        }
    if alone:
        out |= {
            ("person", j.person_id): j for j in Journey.objects.filter(RUNNING, person__in=list(alone)) if j.person_id
        }
    return out


def running_of(record: str, pk: int) -> Journey | None:
    """The journey that this person or company is on; a person's is that of their company."""
    found = customers_of([(record, pk)]) if record in BEARERS else []
    return found[0].journey if found else None
