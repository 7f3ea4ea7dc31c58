"""Prices that step: on the day an order enters a new year of its own, it brings what was agreed for that year."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from kith.conversion.events import OrderStepped
from kith.conversion.models import OPEN_ORDER, Order
from kith.conversion.terms import A_YEAR, worth, years_since
from kith.kernel.access.actor import system
from kith.kernel.money.amounts import show_money
from kith.kernel.timeline.change import change

AT_ONCE = 500  # orders that are read together


def stepping() -> QuerySet[Order]:
    """Orders on their way with a price that steps."""
    return Order.objects.filter(OPEN_ORDER).filter(lines__ramp__gt="").distinct().order_by("pk")


def step() -> int:
    """Bring them to the year they are in; returns how many moved. One whose yearly amount was agreed otherwise since, at a
    renewal or by hand, keeps that."""
    today = timezone.localdate()
    rows = stepping().prefetch_related("lines").iterator(AT_ONCE)
    return sum(_step(order, years_since(order.starts_on, today)) for order in rows)


def _step(order: Order, year: int) -> bool:
    lines = list(order.lines.all())
    before = {worth(lines, A_YEAR, earlier)[1] for earlier in range(year)}
    yearly = worth(lines, A_YEAR, year)[1]
    if order.yearly == yearly or order.yearly not in before:
        return False
    with change(order, by=system()) as c:
        c.row.yearly = yearly
        c.says(OrderStepped(yearly=show_money(yearly, order.currency, exact=True), year=year + 1))
    return True
