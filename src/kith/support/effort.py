"""The effort of customers: how often they came back with the same, were handed on, were asked what they had said, and had to
open again what was called solved. Counted on each ticket as it happens, summed for people and companies.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Bool, Integer, Moment, Text
from kith.kernel.records.columns import Facts
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.support.models import UNSOLVED, Ticket

BACK, MOST = dt.timedelta(days=365), 200
REPEATS = Case(When(repeats=True, then=Value(1)), default=Value(0), output_field=IntegerField())
EFFORT = F("transfers") + F("reasked") + F("reopened") + REPEATS


def effort(link: str) -> Facts:
    """The column, for rows that tickets point at by `link`."""
    theirs = Ticket.objects.filter(**{f"{link}_id": OuterRef("pk")}, archived_at__isnull=True).order_by()
    total = theirs.values(link).annotate(n=Sum(EFFORT)).values("n")
    found = Coalesce(Subquery(total, output_field=IntegerField()), Value(0))
    return Facts(kind=Integer(), label=_("Effort"), faces=frozenset({"list", "filter"}), expr=found)


def open_tickets(link: str) -> Facts:
    """How many tickets of theirs are not solved."""
    from django.db.models import Count

    theirs = Ticket.objects.filter(UNSOLVED, **{f"{link}_id": OuterRef("pk")}).order_by()
    count = theirs.values(link).annotate(n=Count("pk")).values("n")
    found = Coalesce(Subquery(count, output_field=IntegerField()), Value(0))
    return Facts(kind=Integer(), label=_("Open tickets"), faces=frozenset({"list", "filter"}), expr=found)


def _theirs(actor: Actor, link: str, row: Any) -> Any:
    """Tickets of the last year, of those within reach."""
    rows = registry["ticket"].rows(actor, archived=False)
    return rows.filter(**{link: row}, opened_at__gte=timezone.now() - BACK)


def ledger(actor: Actor, row: Any) -> dict[str, Any] | None:
    """What a customer's tickets of the last year came to, and those that took most; None for somebody without any."""
    record = registry.by_model(type(row))
    assert record is not None
    found = list(_theirs(actor, record.name, row).order_by("-opened_at").select_related("owner")[:MOST])
    if not found:
        return None
    parts = {
        "repeats": sum(t.repeats for t in found), "transfers": sum(t.transfers for t in found),
        "reasked": sum(t.reasked for t in found), "reopened": sum(t.reopened for t in found),
    }  # fmt: skip
    return {**parts, "total": sum(parts.values()), "now_at": timezone.now(), "tickets": found[:6], "count": len(found),
            "more": max(0, len(found) - 6), "open": [t for t in found if t.awaits_step]}  # fmt: skip


def lines(link: str) -> Part:
    """The ledger for programs: what each ticket of the last year cost them, the last first."""
    counts = {
        "repeats": Bool(),
        "transfers": Integer(),
        "reasked": Integer(),
        "reopened": Integer(),
        "effort": Integer(),
    }

    def read(actor: Actor, row: Any) -> list[Any]:
        rows = _theirs(actor, link, row).annotate(effort=EFFORT)
        return list(rows.order_by("-opened_at", "-pk")[:MOST])

    return Part("effort", _("Effort"), {"id": Integer(), "subject": Text(300), "opened_at": Moment(), **counts}, read)


def lend() -> None:
    """Give people and companies their columns, and programs what these are made of."""
    for record in ("person", "company"):
        registry.lend_parts(record, lines(record))
        registry.lend(record, "effort", effort(record))
        registry.lend(record, "open_tickets", open_tickets(record))
