"""Days on which it is natural to write: years as a customer, with a note drafted from what really happened.

Nobody is congratulated while a complaint of theirs is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.retention.customers import RECORDS, seen

AHEAD = 7
SHOWN = 8
UNSOLVED = ("new", "open", "waiting")


@dataclass(frozen=True)
class Occasion:
    """A customer's year comes round on `on`. `note`: a letter to begin with, made of their own history alone."""

    record: str
    pk: int
    name: str
    href: str
    on: dt.date
    years: int
    note: str


def anniversaries(actor: Actor, scope: Any, limit: int = SHOWN) -> list[Occasion]:
    """Years as a customer that come round within a week, of customers of `scope.owners`, the soonest first. One query for
    companies, one for people."""
    found = [one for record in RECORDS for one in _of(actor, record, scope.today, scope.owners)]
    return sorted(found, key=lambda one: (one.on, one.name))[:limit]


def _of(actor: Actor, record: str, today: dt.date, owners: Sequence[int] | None) -> list[Occasion]:
    days = {(d.month, d.day): d for d in (today + dt.timedelta(days=n) for n in range(AHEAD + 1))}
    if (2, 28) in days and (2, 29) not in days:
        days[2, 29] = days[2, 28]  # who came on 29 February is remembered the day before
    if (3, 1) in days and (2, 29) not in days:
        days.setdefault((2, 29), days[3, 1])
    rows = with_history(seen(actor, record).filter(customer_since__lt=today - dt.timedelta(days=300)), record)
    if owners is not None:
        rows = rows.filter(owner__in=list(owners))
    rows = rows.annotate(month=ExtractMonth("customer_since"), day=ExtractDay("customer_since"))
    wanted = Q()
    for month, day in days:
        wanted |= Q(month=month, day=day)
    out = []
    for row in rows.filter(wanted, complains=False).order_by("pk"):
        on = days[row.customer_since.month, row.customer_since.day]
        out.append(Occasion(
            record, row.pk, registry[record].name_of(row), registry[record].url(row.pk), on, on.year - row.customer_since.year, note(row, on),
        ))  # fmt: skip
    return [one for one in out if one.years > 0]


def complaints(record: str) -> Any:
    """Open complaints of a row."""
    tickets = registry["ticket"].model._default_manager.filter(kind="complaint", state__in=UNSOLVED, archived_at=None)
    return tickets.filter(**{record: OuterRef("pk")})


def with_history(rows: QuerySet[Any], record: str) -> QuerySet[Any]:
    """The rows with what a note tells: orders, the first of them, solved tickets; and whether a complaint is open."""
    orders = registry["order"].model._default_manager.filter(archived_at=None, **{record: OuterRef("pk")}).order_by()
    solved = registry["ticket"].model._default_manager.filter(
        state__in=("solved", "closed"), archived_at=None, **{record: OuterRef("pk")}
    )

    def many(found: Any) -> Any:
        return Coalesce(
            Subquery(found.values(record).annotate(n=Count("pk")).values("n"), output_field=IntegerField()), Value(0)
        )

    return rows.annotate(
        complains=Exists(complaints(record)), orders_made=many(orders), solved=many(solved.order_by()),
        first_order=Subquery(orders.order_by("placed_on", "pk").values("name")[:1]), spoke_at=F("care__spoke_at"),
    )  # fmt: skip


def note(row: Any, on: dt.date) -> str:
    """A letter to begin with. Says nothing that did not happen: what is not known is left out."""
    years = on.year - row.customer_since.year
    name = getattr(row, "given_name", "")
    lines = [_("Hello %s,") % name if name else _("Hello,"), ""]
    said = ngettext("it is a year today that you are with us", "it is %d years today that you are with us", years)
    first = said % years if "%d" in said else said
    lines.append(first + (_(", since “%s”.") % row.first_order if row.first_order else "."))
    if row.orders_made > 1:
        lines.append(_("You have ordered from us %d times since.") % row.orders_made)
    if row.solved:
        lines.append(
            ngettext(
                "We solved %d question of yours on the way.", "We solved %d questions of yours on the way.", row.solved
            )
            % row.solved
        )
    lines += ["", _("Thank you for that. What shall we do better in the next year?")]
    return "\n".join(lines)
