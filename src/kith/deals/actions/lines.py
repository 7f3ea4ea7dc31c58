"""Products on a deal. The deal's amount is what they add up to; every change is one event and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.events import LinesChanged
from kith.deals.models import Deal, LineItem, PriceList, Product
from kith.deals.pricing import Offer, currency_of, line_total, piece_price, price_for
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NeedsInput, NotFound
from kith.kernel.kinds import Integer, Link, Number, Text
from kith.kernel.money.amounts import show_money
from kith.kernel.money.steps import read_steps, stepping, steps_of
from kith.kernel.records.action import GIVEN, action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

Quantity = Annotated[Decimal, Number(12, 2, Decimal("0.01")), _("Quantity")]
UnitPrice = Annotated[Decimal | None, Number(18, 2, Decimal(0)), _("Unit price")]
Discount = Annotated[Decimal | None, Number(5, 2, Decimal(0), Decimal(100)), _("Discount, %")]
Why = Annotated[str, Text(200), _("Why the discount")]
Ramp = Annotated[
    str | None, Text(200), _("Price from the second year on, such as 52; 55, or the price itself where it holds")
]


@action("deal.add_line", needs="deal.edit", label=_("Add a product"), icon="plus", done=_("Product added"))
def add_line(
    deal: Deal,
    *,
    product: Annotated[Product, Link("product"), _("Product")],  # type: ignore[valid-type]
    quantity: Quantity = Decimal(1),
    unit_price: UnitPrice = None,
    discount: Discount = None,
    discount_reason: Why = "",
    ramp: Ramp = None,
    price_list: Annotated[PriceList | None, Link("price_list"), _("Price list")] = None,
    by: Actor,
) -> Deal:
    """One more product. Without a price the list valid today says it; a discount says why; below the lowest price only
    a manager may go. Raises Invalid, NeedsInput."""

    def add(row: Deal) -> str:
        offer = price_for(
            product, currency_of(row), timezone.localdate(), (price_list.pk if price_list else row.price_list_id)
        )
        if unit_price is None and offer is None:
            message = __("%(product)s has no price in %(currency)s today; say one.") % {
                "product": product, "currency": currency_of(row)}  # fmt: skip
            raise NeedsInput(message, ("unit_price",))
        price = unit_price if unit_price is not None else offer.amount  # type: ignore[union-attr]
        last = row.lines.order_by("-position").values_list("position", flat=True).first()
        line = LineItem(deal=row, product=product, quantity=quantity, unit_price=price, discount=discount or Decimal(0),
                        discount_reason=discount_reason, ramp=read_steps(ramp or ""), position=(last or 0) + 1)  # fmt: skip
        _save(line, offer, by)
        return __("added %s") % line

    return _rewrite(deal, add, by)


@action("deal.change_line", needs="deal.edit", label=_("Change a product"), icon="pencil", done=_("Product changed"))
def change_line(
    deal: Deal,
    *,
    line: Annotated[int, Integer(1), _("Line"), GIVEN],
    quantity: Annotated[Decimal | None, Number(12, 2, Decimal("0.01")), _("Quantity")] = None,
    unit_price: UnitPrice = None,
    discount: Discount = None,
    discount_reason: Annotated[str | None, Text(200), _("Why the discount")] = None,
    ramp: Ramp = None,
    by: Actor,
) -> Deal:
    """Another quantity, price or discount; what is not given stays."""

    def put(row: Deal) -> str:
        item = _line(row, line)
        given = {
            "quantity": quantity,
            "unit_price": unit_price,
            "discount": discount,
            "discount_reason": discount_reason,
            "ramp": None if ramp is None else read_steps(ramp),
        }
        for name, value in given.items():
            if value is not None:
                setattr(item, name, value)
        if not item.discount:
            item.discount_reason = ""
        _save(item, price_for(item.product, currency_of(row), timezone.localdate(), row.price_list_id), by)
        return __("changed %s") % item

    return _rewrite(deal, put, by)


@action("deal.remove_line", needs="deal.edit", label=_("Remove a product"), icon="trash", done=_("Product removed"))
def remove_line(deal: Deal, *, line: Annotated[int, Integer(1), _("Line"), GIVEN], by: Actor) -> Deal:
    """Take a product off the deal."""

    def remove(row: Deal) -> str:
        item = _line(row, line)
        words = __("removed %s") % item
        item.delete()
        return words

    return _rewrite(deal, remove, by)


def _line(deal: Deal, pk: int) -> LineItem:
    found = deal.lines.select_related("product").filter(pk=pk).first()
    if found is None:
        raise NotFound(__("There is no such product on this deal any more."))
    return found


def _save(line: LineItem, offer: Offer | None, by: Actor) -> None:
    """Check discount, steps and floor, work out the total, write the line."""
    if line.discount and not line.discount_reason:
        raise NeedsInput(__("Say why there is a discount."), ("discount_reason",))
    line.ramp = stepping(line.unit_price, line.ramp)
    if line.ramp and not line.product.recurring:
        raise Invalid(__("Only what is charged every month or year has a price that steps."), "ramp")
    piece = piece_price(min([line.unit_price, *steps_of(line.ramp)]), line.discount)
    may = by.is_system or by.role in ("manager", "administrator")
    if offer is not None and offer.floor is not None and piece < offer.floor and not may:
        currency = currency_of(line.deal)
        raise Invalid(
            __("%(product)s at %(piece)s is below the lowest price, %(floor)s; ask a manager to enter it.")
            % {
                "product": line.product,
                "piece": show_money(piece, currency, exact=True),
                "floor": show_money(offer.floor, currency, exact=True),
            },
            "discount" if line.discount else "unit_price",
        )
    line.total = line_total(line.quantity, line.unit_price, line.discount)
    if abs(line.total) >= Decimal(10) ** 16:
        raise Invalid(__("This adds up to more than an amount can hold."), "quantity")
    line.save()


def _rewrite(deal: Deal, do: Callable[[Deal], str], by: Actor) -> Deal:
    """Run one change of lines on the locked deal, with the amount in step. It is worth what its products add up to; without
    products the last amount stays."""
    with change(deal, by=by) as c:
        lines = Sides(LineItem.objects.all(), {"deal_id": c.row.pk})
        what = do(c.row)
        if not (touched := lines.touched()):
            return c.row
        c.row.currency = currency_of(c.row)
        total = c.row.lines.aggregate(sum=Sum("total"))["sum"]
        c.row.amount = c.row.amount if total is None else total
        c.says(LinesChanged(what, sides=touched))
    return c.row
