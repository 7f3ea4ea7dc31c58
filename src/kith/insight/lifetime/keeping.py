"""Lifetime value of everybody, worked out at night and kept: what lists, record pages and the page of lifetime value read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from kith.insight.lifetime import costs
from kith.insight.lifetime.orders import parts, read_orders
from kith.insight.lifetime.telling import as_json
from kith.insight.lifetime.worth import Worth, work_out
from kith.insight.models import Lifetime, LifetimeFit
from kith.kernel.access.actor import Actor, system

BATCH, KEPT = 5000, 20
CENT = Decimal("0.01")
IN_A_ROW = "SELECT pg_advisory_xact_lock(hashtextextended('kith.lifetime', 0))"


def keep(until: dt.date | None = None) -> LifetimeFit:
    """Work everything out and put it in place of what was there; says what was found."""
    out = work_out(read_orders(system(), until), until)
    rows = [_row(one) for one in sorted(out.customers.values(), key=lambda one: one.customer)]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(IN_A_ROW)
        Lifetime.objects.all().delete()
        Lifetime.objects.bulk_create(rows, batch_size=BATCH)
        made = LifetimeFit.objects.create(
            report=as_json(out) | {"costs": costs.as_json(costs.costs_of(system(), out.until))}
        )
        LifetimeFit.objects.filter(pk__lte=made.pk - KEPT).delete()
    return made


def _row(one: Worth) -> Lifetime:
    record, pk = parts(one.customer)
    return Lifetime(
        **{f"{record}_id": pk}, spent=_money(one.spent), yearly=_money(one.yearly), purchases=one.purchases, first_on=one.first,
        last_on=one.last, alive=one.alive, again=one.again, expected=_money(one.expected), low=_money(one.low), high=_money(one.high),
    )  # fmt: skip


def _money(value: float | None) -> Any:
    return None if value is None else Decimal(repr(value)).quantize(CENT)


def make_room(record: Any, keep: Any, others: list[Any], by: Actor) -> None:
    """Who stays has a row of their own before a merge, so that those of the others are put by; the night adds them up."""
    if (
        record.name in ("company", "person")
        and Lifetime.objects.filter(**{f"{record.name}__in": [o.pk for o in others]}).exists()
    ):
        Lifetime.objects.get_or_create(**{record.name: keep})
