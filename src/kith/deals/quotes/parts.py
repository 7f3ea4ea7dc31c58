"""Lines of a quote for programs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.deals.models import Charged
from kith.deals.quotes.models import Quote
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Integer, Link, Number, Text
from kith.kernel.records.parts import Part


def _lines(actor: Actor, quote: Quote) -> list[Any]:
    return list(quote.lines.select_related("product"))


LINES = Part(
    "lines", _("Products"),
    {"id": Integer(), "product": Link("product"), "name": Text(300), "quantity": Number(12, 2), "unit_price": Number(18, 2),
     "listed": Number(18, 2), "discount": Number(5, 2), "discount_reason": Text(200), "ramp": Text(200), "total": Number(18, 2),
     "recurring": Choice(dict(Charged.choices))},
    _lines,
)  # fmt: skip
