"""Products on a deal. The deal's amount is what they add up to; every change is one event and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

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
from kith.kernel.records.action import GIVEN, action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undoes

Quantity = Annotated[Decimal, Number(12, 2, Decimal("0.01")), _("Quantity")]
UnitPrice = Annotated[Decimal | None, Number(18, 2, Decimal(0)), _("Unit price")]
Discount = Annotated[Decimal | None, Number(5, 2, Decimal(0), Decimal(100)), _("Discount, %")]
Why = Annotated[str, Text(200), _("Why the discount")]


@action("deal.add_line", needs="deal.edit", label=_("Add a product"), icon="plus", done=_("Product added"))
def add_line(
    deal: Deal,
    *,
    product: Annotated[Product, Link("product"), _("Product")],  # type: ignore[valid-type]
    quantity: Quantity = Decimal(1),
    unit_price: UnitPrice = None,
    discount: Discount = None,
    discount_reason: Why = "",
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
                        discount_reason=discount_reason, position=(last or 0) + 1)  # fmt: skip
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
    """Check discount and floor, work out the total, write the line."""
    if line.discount and not line.discount_reason:
        raise NeedsInput(__("Say why there is a discount."), ("discount_reason",))
    piece = piece_price(line.unit_price, line.discount)
    may = by.is_system or by.role in ("manager", "administrator")
    if offer is not None and offer.floor is not None and piece < offer.floor and not may:
        currency = currency_of(line.deal)
        raise Invalid(
            __("%(product)s at %(piece)s is below the lowest price, %(floor)s; ask a manager to enter it.")
            % {
                "product": line.product,
                "piece": show_money(piece, currency),
                "floor": show_money(offer.floor, currency),
            },
            "discount" if line.discount else "unit_price",
        )
    line.total = line_total(line.quantity, line.unit_price, line.discount)
    if abs(line.total) >= Decimal(10) ** 16:
        raise Invalid(__("This adds up to more than an amount can hold."), "quantity")
    line.save()


def _rewrite(deal: Deal, do: Callable[[Deal], str], by: Actor) -> Deal:
    """Run one change of lines on the locked deal: amount in step, before and after in the event."""
    with change(deal, by=by) as c:
        before = image(c.row)
        what = do(c.row)
        after = image(c.row)
        if before == after:
            return c.row
        _total(c.row, after)
        c.says(LinesChanged(what, tuple(before), tuple(after)))
    return c.row


def _total(deal: Deal, lines: list[dict[str, Any]]) -> None:
    """The deal is worth what its products add up to; without products the last amount stays."""
    deal.currency = currency_of(deal)
    if lines:
        deal.amount = deal.lines.aggregate(sum=Sum("total"))["sum"]


def image(deal: Deal) -> list[dict[str, Any]]:
    """The lines as plain data, in order: what events keep and undo restores."""
    names = ("id", "product_id", "quantity", "unit_price", "discount", "discount_reason", "total", "position")
    rows = deal.lines.order_by("position", "id").values(*names)
    return [{k: str(v) if isinstance(v, Decimal) else v for k, v in row.items()} for row in rows]


def undo_lines(op: Operation, by: Actor) -> list[str]:
    """Put the lines back as they were before the operation, unless somebody changed them since."""
    conflicts: list[str] = []
    for event in Event.objects.filter(operation=op.pk, verb=LinesChanged.verb).order_by("-id"):
        deal = Deal.objects.filter(pk=event.record_id).first()
        if deal is None:
            continue
        with change(deal, by=by) as c:
            if image(c.row) != event.payload["after"]:
                conflicts.append(__("%s: the products were changed since and were left as they are.") % deal)
                continue
            before = event.payload["before"]
            c.row.lines.all().delete()
            LineItem.objects.bulk_create(LineItem(deal=c.row, **line) for line in before)
            old = event.changes.get("amount")
            _total(c.row, before)
            if not before and old is not None:
                c.row.amount = None if old[0] is None else Decimal(str(old[0]))
            c.says(
                LinesChanged(__("took back: %s") % event.payload["what"], tuple(event.payload["after"]), tuple(before))
            )
    return conflicts


for _kind in ("deal.add_line", "deal.change_line", "deal.remove_line"):
    undoes(_kind)(undo_lines)
