"""What an order is worth after its lines changed, and for which term.

Where an order stood at what its lines add up to, it stands there again. Where something else was agreed, at a renewal or by
hand, that stays, and what the change of lines makes is added to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from kith.conversion.events import OrderRenewed
from kith.conversion.models import Order
from kith.conversion.terms import months_between, worth, years_since
from kith.kernel.timeline.models import EventLink


def months_of(order: Order) -> int:
    """Whole months of the term it is in: from its start, or from where its last renewal began. One query."""
    told = EventLink.objects.filter(record="order", record_id=order.pk, event__verb=OrderRenewed.verb)
    days = [day for since in told.values_list("event__payload__since", flat=True) if (day := parse_date(since or ""))]
    terms = [day for day in days if order.renews_on is not None and day < order.renews_on]  # none that was taken back
    return months_between(max(terms, default=order.starts_on), order.renews_on)


def worth_after(order: Order, before: Iterable[Any], after: Iterable[Any]) -> tuple[Decimal, Decimal]:
    """(total, a year) once these lines stand where those stood; without any, what stands on the order."""
    old, new = list(before), list(after)
    if not new:
        return order.total, order.yearly
    months, year = months_of(order), years_since(order.starts_on, timezone.localdate())
    total, yearly = worth(new, months, year)
    if not old:
        return total, yearly
    was, was_yearly = worth(old, months, year)
    stepped = {worth(old, months, earlier)[1] for earlier in range(year + 1)}
    return (
        _moved(order.total, was, total, order.total == was),
        _moved(order.yearly, was_yearly, yearly, order.yearly in stepped),
    )


def _moved(stands: Decimal, before: Decimal, after: Decimal, by_lines: bool) -> Decimal:
    moved = stands + after - before
    return after if by_lines or moved < 0 else moved
