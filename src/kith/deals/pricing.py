"""What a product costs on a given day, how low it may go, and what a line adds up to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F, Q

from kith.deals.models import Deal, Price, Product
from kith.kernel.organisation.models import current

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Offer:
    """The price of one piece, the lowest that may be agreed without a manager, and the list both come from."""

    amount: Decimal
    floor: Decimal | None
    source: str


def price_for(product: Product, currency: str, day: dt.date, price_list_id: int | None = None) -> Offer | None:
    """The price valid that day in that currency: of the list given, else of the newest list that has one, else the
    product's own. None when nobody set one in that currency."""
    valid = Price.objects.filter(
        Q(price_list__starts_on__isnull=True) | Q(price_list__starts_on__lte=day),
        Q(price_list__ends_on__isnull=True) | Q(price_list__ends_on__gte=day),
        product=product, price_list__currency=currency, archived_at=None, price_list__archived_at=None,
    ).select_related("price_list")  # fmt: skip
    newest = valid.order_by(F("price_list__starts_on").desc(nulls_last=True), "-price_list_id")
    found = newest.filter(price_list_id=price_list_id).first() if price_list_id else None
    found = found or newest.first()
    if found is not None:
        return Offer(found.amount, found.floor, found.price_list.name)
    if product.price is not None and (product.currency or current().currency) == currency:
        return Offer(product.price, None, "")
    return None


def line_total(quantity: Decimal, unit_price: Decimal, discount: Decimal) -> Decimal:
    """Quantity × price less the discount in percent, rounded to cents half up."""
    return (quantity * unit_price * (HUNDRED - discount) / HUNDRED).quantize(CENT, ROUND_HALF_UP)


def piece_price(unit_price: Decimal, discount: Decimal) -> Decimal:
    """What one piece costs after the discount; compared with the floor."""
    return unit_price * (HUNDRED - discount) / HUNDRED


def currency_of(deal: Deal) -> str:
    return deal.currency or current().currency
