"""What a quote offers: the deal's lines as they stand, with list prices and costs beside them.

One rule keeps deal and quote in step: a draft follows its deal, and a deal follows the quote that is accepted. So lines are
only ever changed on the deal. A line may be free of charge; none is below zero, and what is offered is worth something.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.deals.events import LinesChanged
from kith.deals.models import Deal, LineItem
from kith.deals.pricing import currency_of, price_for
from kith.deals.quotes.models import Quote, QuoteLine
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides

CENT, NOTHING = Decimal("0.01"), Decimal("0.00")
# What of a deal's line is the same on the quote.
SAME = ("product_id", "quantity", "unit_price", "discount", "discount_reason", "ramp", "total", "position")


def drawn_up(deal: Deal) -> list[QuoteLine]:
    """The lines of a quote for this deal as it stands, unsaved. A deal without products offers what it is worth under its
    own name. Raises Invalid where there is nothing to offer, or less."""
    currency, today = currency_of(deal), timezone.localdate()
    sold = list(deal.lines.select_related("product"))
    if not sold:
        if deal.amount is None:
            raise Invalid(_("Add a product to the deal first, or say what it is worth."), "deal")
        lines = [
            QuoteLine(
                product=deal.product, name=deal.name, unit_price=deal.amount, listed=deal.amount, total=deal.amount
            )
        ]
        if deal.product is not None:
            lines[0].recurring, lines[0].cost = deal.product.recurring, None
    else:
        lines = []
        for one in sold:
            offer = price_for(one.product, currency, today, deal.price_list_id)
            listed = max(one.unit_price, offer.amount) if offer is not None else one.unit_price
            cost = one.product.cost if (one.product.currency or currency) == currency else None
            same = {name: getattr(one, name) for name in SAME}
            lines.append(
                QuoteLine(name=one.product.name, listed=listed, cost=cost, recurring=one.product.recurring, **same)
            )
    check(lines)
    return lines


def check(lines: Iterable[Any]) -> None:
    """The rule about zero and less. Raises Invalid."""
    for line in lines:
        if line.unit_price < 0 or line.total < 0 or line.quantity <= 0:
            raise Invalid(
                _("“%s” would cost less than nothing; give a discount on another line instead.") % line.name, "deal"
            )


def must_be_worth(quote: Quote) -> None:
    """A line may be free, a whole quote is not: there would be nothing to agree to. Raises Invalid."""
    if quote.total <= 0:
        raise Invalid(_("This quote comes to nothing; a gift needs no quote."), "total")


def sum_up(quote: Quote, lines: list[QuoteLine]) -> None:
    """Total and discount of a quote by its lines. The discount is what all lines together are below their list prices."""
    quote.total = sum((line.total for line in lines), NOTHING)
    listed = sum((line.listed * line.quantity for line in lines), NOTHING)
    off = (listed - quote.total) * 100 / listed if listed > 0 else NOTHING
    quote.discount = max(off, NOTHING).quantize(CENT, ROUND_HALF_UP)


def margin(quote: Quote) -> tuple[Decimal, Decimal] | None:
    """(what is left, in percent of the total) of the lines whose cost is known; None where none is."""
    known = [line for line in quote.lines.all() if line.cost is not None]
    total = sum((line.total for line in known), NOTHING)
    if not known or total <= 0:
        return None
    left = total - sum(((line.cost or NOTHING) * line.quantity for line in known), NOTHING)
    return left.quantize(CENT), (left * 100 / total).quantize(Decimal("0.1"))


def in_step(quote: Quote, deal: Deal) -> bool:
    """Whether the deal costs what the quote says, line by line."""
    lines = list(quote.lines.all())
    sold = list(deal.lines.order_by("position", "pk"))
    if not sold:
        return deal.amount == quote.total and currency_of(deal) == quote.currency
    fixed = [tuple(getattr(line, name) for name in SAME) for line in lines]
    return fixed == [tuple(getattr(one, name) for name in SAME) for one in sold] and (
        (deal.amount, currency_of(deal)) == (quote.total, quote.currency)
    )


def bring_deal_in_step(quote: Quote, *, by: Actor) -> None:
    """The deal offers what was accepted: its lines become those of the quote, its amount their sum."""
    with change(quote.deal, by=by) as c:
        if in_step(quote, c.row):
            return
        sides = Sides(LineItem.objects.all(), {"deal_id": c.row.pk})
        offered = [line for line in quote.lines.all() if line.product_id]
        if offered and len(offered) == quote.lines.count() and (c.row.lines.exists() or len(offered) > 1):
            c.row.lines.all().delete()
            LineItem.objects.bulk_create(
                LineItem(deal=c.row, **{name: getattr(line, name) for name in SAME}) for line in offered
            )
        c.row.amount, c.row.currency = quote.total, quote.currency
        if touched := sides.touched():
            c.says(LinesChanged(_("put the products of the quote %s on the deal") % quote.number, sides=touched))
