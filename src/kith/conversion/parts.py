"""Products of an order for programs: what the panel shows, in JSON, with the ids that the verbs ask for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kith.conversion.models import Order, OrderLine, Period
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Choice, Integer, Link, Number, Text
from kith.kernel.records.parts import Part


def _lines(actor: Actor, order: Order) -> list[OrderLine]:
    return list(order.lines.select_related("product"))


LINES = Part(
    "lines", _("Products"),
    {"id": Integer(), "product": Link("product"), "name": Text(200), "quantity": Number(12, 2), "unit_price": Number(18, 2),
     "discount": Number(5, 2), "ramp": Text(200), "total": Number(18, 2), "recurring": Choice({p.value: p.label for p in Period if p.value})},
    _lines,
)  # fmt: skip
