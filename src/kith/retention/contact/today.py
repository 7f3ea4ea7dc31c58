"""What Today says of customers: who is at risk, and whose day it is. One query each, as sections of Today ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, DateField, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.money.amounts import show_money
from kith.kernel.records.registry import registry
from kith.retention.customers import RECORDS, seen
from kith.retention.models import AT_RISK, GOING, LIKELIEST, Care, Renewal

SHOWN = 8


@dataclass(frozen=True)
class Line:
    """One customer, in words ready to be shown."""

    record: str
    pk: int
    name: str
    href: str
    what: str
    small: str
    mark: str
    tone: str = "late"
    icon: str = "trend-down"


def at_risk(actor: Actor, scope: Any, limit: int = SHOWN) -> list[Line]:
    """Customers of `scope.owners` who may leave, the likeliest first. One query."""
    return [line_of(row, scope.today) for row in at_risk_rows(actor, scope.owners)[:limit]]


def at_risk_rows(actor: Actor, owners: Sequence[int] | None = None) -> QuerySet[Any]:
    """The same as plain rows, for `line_of`."""
    fields = ("company_id", "person_id", "parts", "health", "chance", "renews_on", "brings", "code")
    rows = risky(actor, owners).select_related(None).annotate(firm=F("company__name"), who=F("person__name"))
    return rows.values_list(*fields, "firm", "who", named=True)


def risky(actor: Actor, owners: Sequence[int] | None = None) -> QuerySet[Care]:
    """Customers within reach whose health is at risk or who are likely to leave; of these colleagues, or everybody's."""
    rows = within(actor, Care.objects.filter(AT_RISK), owners)
    renewals = Renewal.objects.filter(
        GOING, Q(company=OuterRef("company")) | Q(person=OuterRef("person"), company=None)
    ).order_by("renews_on")
    return (
        rows.annotate(
            renews_on=Subquery(renewals.values("renews_on")[:1], output_field=DateField()),
            brings=Subquery(renewals.values("yearly")[:1], output_field=DecimalField()),
            code=Subquery(renewals.values("currency")[:1], output_field=CharField()),
        )
        .select_related("company", "person")
        .order_by(*LIKELIEST)
    )


def within(actor: Actor, rows: QuerySet[Care], owners: Sequence[int] | None = None) -> QuerySet[Care]:
    """Those of these rows whose customer is one within reach, and of these colleagues."""
    if owners is not None:
        rows = rows.filter(owner__in=list(owners))
    reach = Q()
    for record in RECORDS:
        reach |= Q(Exists(seen(actor, record).order_by().filter(pk=OuterRef(record))))
    return rows.filter(reach)


def line_of(care: Any, today: dt.date) -> Line:
    """A row of `at_risk_rows` in words."""
    record, pk = ("company", care.company_id) if care.company_id else ("person", care.person_id)
    weak = sorted(
        (p for p in care.parts if p["points"] is not None and p["points"] < 60),
        key=lambda p: (p["points"], -p["weight"]),
    )
    small = []
    if care.renews_on:
        days = (care.renews_on - today).days
        small.append(
            ngettext("Renews in %d day", "Renews in %d days", days) % days if days > 0 else _("Renewal is due")
        )
        small.append(_("%s a year") % show_money(care.brings, care.code))
    mark = (
        _("Health %d") % care.health
        if care.health is not None
        else _("%d %% may leave") % round((care.chance or 0) * 100)
    )
    return Line(
        record, pk, care.firm or care.who or "–", registry[record].url(pk),
        "; ".join(p["words"] for p in weak[:2]) or _("Likely to leave"), " · ".join(small), mark,
    )  # fmt: skip
