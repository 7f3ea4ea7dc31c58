"""Verbs of orders: what was bought, ending one, and what invoicing reports of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.conversion.events import OrderEnded, OrderLinesChanged, OrderRenewed, OrderReported
from kith.conversion.models import Billing, Order, OrderLine, Period
from kith.conversion.standing import worth_after
from kith.conversion.terms import line_total
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput, NotFound
from kith.kernel.kinds import Choice, Day, Integer, Link, Money, Number, Text
from kith.kernel.money.steps import read_steps, stepping
from kith.kernel.records.action import GIVEN, action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

LEAST = Decimal("0.01")
Quantity = Annotated[Decimal, Number(12, 2, LEAST), _("Quantity")]
Price = Annotated[Decimal | None, Number(18, 2, Decimal(0)), _("Unit price")]
Discount = Annotated[Decimal | None, Number(5, 2, Decimal(0), Decimal(100)), _("Discount, %")]
Name = Annotated[str, Text(200), _("Name, if not the product's")]
Ramp = Annotated[
    str | None, Text(200), _("Price from the second year on, such as 52; 55, or the price itself where it holds")
]
Charged = Annotated[str, Choice({p.value: p.label for p in Period if p.value}), _("Paid again")]


@action("order.add_line", needs="order.edit", label=_("Add a product"), icon="plus", done=_("Product added"))
def add_line(
    order: Order,
    *,
    product: Annotated[Any, Link("product"), _("Product")] = None,
    name: Name = "",
    quantity: Quantity = Decimal(1),
    unit_price: Price = None,
    discount: Discount = None,
    recurring: Charged = "",
    ramp: Ramp = None,
    by: Actor,
) -> Order:
    """One more product of the order, by its name where it is none of ours any more. Raises NeedsInput."""

    def add(row: Order) -> str:
        if product is None and not name:
            raise NeedsInput(__("Say what was bought: a product, or its name."), ("product",))
        price = unit_price if unit_price is not None else getattr(product, "price", None)
        if price is None:
            raise NeedsInput(__("Say what one piece costs."), ("unit_price",))
        last = row.lines.order_by("-position").values_list("position", flat=True).first()
        line = OrderLine(
            order=row, product=product, name=name or str(product), quantity=quantity, unit_price=price,
            discount=discount or Decimal(0), recurring=recurring or getattr(product, "recurring", ""),
            ramp=read_steps(ramp or ""), position=(last or 0) + 1,
        )  # fmt: skip
        _save(line)
        return __("added %s") % line

    return _rewrite(order, add, by)


@action("order.change_line", needs="order.edit", label=_("Change a product"), icon="pencil", done=_("Product changed"))
def change_line(
    order: Order,
    *,
    line: Annotated[int, Integer(1), _("Line"), GIVEN],
    quantity: Annotated[Decimal | None, Number(12, 2, LEAST), _("Quantity")] = None,
    unit_price: Price = None,
    discount: Discount = None,
    ramp: Ramp = None,
    by: Actor,
) -> Order:
    """Another quantity, price or discount; what is not given stays."""

    def put(row: Order) -> str:
        item = _line(row, line)
        steps = None if ramp is None else read_steps(ramp)
        for key, value in (("quantity", quantity), ("unit_price", unit_price), ("discount", discount), ("ramp", steps)):
            if value is not None:
                setattr(item, key, value)
        _save(item)
        return __("changed %s") % item

    return _rewrite(order, put, by)


@action("order.remove_line", needs="order.edit", label=_("Remove a product"), icon="trash", done=_("Product removed"))
def remove_line(order: Order, *, line: Annotated[int, Integer(1), _("Line"), GIVEN], by: Actor) -> Order:
    """Take a product off the order."""

    def remove(row: Order) -> str:
        item = _line(row, line)
        words = __("removed %s") % item
        item.delete()
        return words

    return _rewrite(order, remove, by)


def _line(order: Order, pk: int) -> OrderLine:
    found = order.lines.filter(pk=pk).first()
    if found is None:
        raise NotFound(__("There is no such product on this order any more."))
    return found


def _save(line: OrderLine) -> None:
    line.ramp = stepping(line.unit_price, line.ramp)
    if line.ramp and not line.recurring:
        raise Invalid(__("Only what is charged every month or year has a price that steps."), "ramp")
    line.total = line_total(line.quantity, line.unit_price, line.discount)
    if abs(line.total) >= Decimal(10) ** 14:
        raise Invalid(__("This adds up to more than an amount can hold."), "quantity")
    line.save()


def _rewrite(order: Order, do: Callable[[Order], str], by: Actor) -> Order:
    """One change of lines on the locked order, with what it is worth in step."""
    with change(order, by=by) as c:
        lines = Sides(OrderLine.objects.all(), {"order_id": c.row.pk})
        before = list(c.row.lines.all())
        what = do(c.row)
        if not (touched := lines.touched()):
            return c.row
        c.row.total, c.row.yearly = worth_after(c.row, before, c.row.lines.all())
        c.says(OrderLinesChanged(what, sides=touched))
    return c.row


def runs(order: Order) -> bool:
    return order.ended_on is None


@action("order.renew", needs="order.edit", label=_("Renew"), icon="check", applies=lambda order: runs(order) and order.renews_on is not None,
        done=_("{row} is renewed"))  # fmt: skip
def renew(
    order: Order,
    *,
    until: Annotated[dt.date, Day(), _("Comes up again on")],
    yearly: Annotated[Decimal | None, Money(), _("A year from now on")] = None,
    by: Actor,
) -> Order:
    """Another term for that price, default the same, until the day before it comes up again. What is paid once and what the
    first term brought stay its total."""
    with change(order, by=by) as c:
        if not runs(c.row):
            raise Invalid(__("This order has ended; what goes on is a new one."), "until")
        since = c.row.renews_on or c.row.starts_on or c.row.placed_on
        if until <= since:
            raise Invalid(__("A renewed order runs on beyond %s.") % Day().show(since), "until")
        before, after = c.row.yearly, c.row.yearly if yearly is None else yearly
        c.row.renews_on, c.row.ends_on, c.row.yearly = until, until - dt.timedelta(days=1), after
        c.says(OrderRenewed(since=since.isoformat(), until=until.isoformat(), before=str(before), after=str(after)))
    return c.row


@action("order.end", needs="order.edit", label=_("End the order"), icon="x", applies=runs, done=_("{row} has ended"))
def end(
    order: Order,
    *,
    on: Annotated[dt.date | None, Day(), _("On")] = None,
    reason: Annotated[str, Text(300), _("Reason")] = "",
    by: Actor,
) -> Order:
    """It brings nothing more from that day, default today, and renews no more. Whether the customer left is said of the
    customer."""
    day = on or timezone.localdate()
    with change(order, by=by) as c:
        if day < c.row.placed_on:
            raise Invalid(__("An order cannot end before it was placed."), "on")
        if c.row.ended_on != day:
            c.row.ended_on, c.row.renews_on = day, None
            c.says(OrderEnded(on=day.isoformat(), reason=reason))
    return c.row


@action("order.report_status", needs="order.edit", label=_("Note what invoicing says"), icon="coins", done=_("Noted"))
def report_status(
    order: Order,
    *,
    state: Annotated[str, Choice(dict(Billing.choices)), _("Invoicing")],
    number: Annotated[str, Text(60), _("Number there")] = "",
    total: Annotated[Decimal | None, Number(18, 2, Decimal(0)), _("Total there")] = None,
    note: Annotated[str, Text(500), _("What it said")] = "",
    since: Annotated[dt.date | None, Day(), _("Overdue since")] = None,
    by: Actor,
) -> Order:
    """The system that writes invoices says how far it is; the same said twice is said once. A refusal says why. What is overdue
    is so since the day it names, else since the day on which it said so first."""
    if state == Billing.REFUSED and not note:
        raise NeedsInput(__("Say why it was refused."), ("note",))
    if since is not None and (state != Billing.OVERDUE or since > timezone.localdate()):
        raise Invalid(__("Only what is overdue is so since a day, and since none that is to come."), "since")
    with change(order, by=by) as c:
        late = (since or c.row.late_since or timezone.localdate()) if state == Billing.OVERDUE else None
        told = (state, number or c.row.billed_as, c.row.billed_total if total is None else total, note, late)
        if told == (c.row.billing, c.row.billed_as, c.row.billed_total, c.row.billing_note, c.row.late_since):
            return c.row
        c.row.billing, c.row.billed_as, c.row.billed_total, c.row.billing_note, c.row.late_since = told
        c.row.billed_at = timezone.now()
        label = str(Billing(state).label)
        c.says(OrderReported(state=label, number=told[1], total="" if told[2] is None else str(told[2]), note=note))
    return c.row
