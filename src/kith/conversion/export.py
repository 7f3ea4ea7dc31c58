"""Orders for the system that writes invoices: what changed since the last time, and where the two disagree.

Every line carries a key that says which order in which form it is, made from what stands in its lines, so that whoever takes
the same file twice books nothing twice, nor after a change of what is not exported. The cursor names the last change that was
taken; orders changed since come again. What may still be written by a transaction that is under way waits for its end, so that
no cursor passes it by.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kith.conversion.models import Billing, Order
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry

COLUMNS = (
    "key", "order", "number", "name", "state", "company", "company_id", "person", "person_id", "deal_id", "placed_on",
    "starts_on", "ends_on", "renews_on", "ended_on", "currency", "order_total", "order_yearly", "line", "product", "sku",
    "what", "quantity", "unit_price", "discount", "recurring", "line_total", "ramp",
)  # fmt: skip
MOST = 5_000  # orders of one file; the cursor asks for the rest
OLDEST = """
    SELECT coalesce(min(xact_start), clock_timestamp()) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
WAITS = 30  # days after which an order that was never invoiced is a mismatch


def read_cursor(text: str) -> tuple[dt.datetime, int] | None:
    """(moment, id) of the last order taken; None from the beginning. Raises Invalid."""
    if not text:
        return None
    moment, _dash, pk = text.rpartition("_")
    at = None
    try:
        at = parse_datetime(moment)
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at) or not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        raise Invalid(_("“%s” is no cursor; leave it out to begin from the start.") % text[:60], "after")
    return at, int(pk)


def write_cursor(order: Order) -> str:
    return f"{order.updated_at.astimezone(dt.UTC).isoformat().replace('+00:00', 'Z')}_{order.pk}"


def changed_since(actor: Actor, cursor: tuple[dt.datetime, int] | None, limit: int = MOST) -> list[Order]:
    """Orders in the order of their last change, archived ones too, since those are to be cancelled there."""
    actor.require("order.export")
    rows = registry["order"].rows(actor).filter(updated_at__lt=_settled())
    if cursor is not None:
        at, pk = cursor
        rows = rows.filter(updated_at__gte=at).exclude(updated_at=at, pk__lte=pk)
    rows = rows.select_related("company", "person").prefetch_related("lines__product")
    return list(rows.order_by("updated_at", "pk")[:limit])


def _settled() -> dt.datetime:
    """Up to when everything that was written can be seen: the begin of the oldest transaction of others, else now."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST)
        (at,) = cursor.fetchone()
    return at


def as_json(orders: Iterable[Order]) -> list[dict[str, Any]]:
    """The same lines as objects: amounts as text, days as they are."""
    return [
        {name: _plain(value) for name, value in zip(COLUMNS, values, strict=True)}
        for order in orders
        for values in _lines(order)
    ]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def as_csv(orders: Iterable[Order]) -> Iterator[str]:
    """The file, line by line; an order without lines has one of its own."""
    yield _row(COLUMNS)
    for order in orders:
        for values in _lines(order):
            yield _row(values)


def _lines(order: Order) -> list[list[Any]]:
    """Values of every line, each with the key of the order in this form."""
    rows = list(_values(order))
    digest = hashlib.sha256(repr([[_plain(value) for value in row] for row in rows]).encode()).hexdigest()
    return [[f"order-{order.pk}-{digest[:16]}", *row] for row in rows]


def _values(order: Order) -> Iterator[list[Any]]:
    state = "cancelled" if order.archived_at else "ended" if order.ended_on else "placed"
    head = [
        order.pk, order.number, order.name, state, order.company, order.company_id, order.person, order.person_id,
        order.deal_id, order.placed_on, order.starts_on, order.ends_on, order.renews_on, order.ended_on, order.currency,
        order.total, order.yearly,
    ]  # fmt: skip
    lines = list(order.lines.all())
    for line in lines:
        sku = line.product.sku if line.product else ""
        yield [*head, line.pk, line.product_id, sku, line.name, line.quantity, line.unit_price, line.discount,
               line.recurring or "once", line.total, line.ramp]  # fmt: skip
    if not lines:
        yield [*head, "", "", "", order.name, 1, order.total, 0, "once", order.total, ""]


def _row(values: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_safe(value) for value in values])
    return out.getvalue()


def _safe(value: Any) -> str:
    """A text that begins like a formula is kept from being one."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in "=+-@\t\r" and text else text


@dataclass(frozen=True)
class Mismatch:
    """An order (or a won deal that has none) and what does not fit, in words."""

    row: Any
    href: str
    why: str
    ours: str = ""
    theirs: str = ""


def mismatches(actor: Actor, limit: int = 200) -> list[Mismatch]:
    """Where invoicing and Kith disagree: refused, another total, paid though cancelled, never invoiced, won without an
    order. Three queries."""
    rows = registry["order"].rows(actor).select_related("company")
    differ = rows.filter(
        Q(billing=Billing.REFUSED, archived_at=None)
        | Q(billed_total__isnull=False, archived_at=None) & ~Q(billed_total=F("total"))
        | Q(billing__in=[Billing.INVOICED, Billing.PAID, Billing.OVERDUE], archived_at__isnull=False)
    )
    found = [_differs(order) for order in differ.order_by("-billed_at")[:limit]]
    if registry["order"].model._default_manager.exclude(billing="").exists():  # invoicing reports at all
        before = timezone.localdate() - dt.timedelta(days=WAITS)
        silent = rows.filter(billing="", archived_at=None, placed_on__lt=before, source="won deal").order_by(
            "-placed_on"
        )
        found += [Mismatch(o, registry["order"].url(o.pk), _("never invoiced"), _ours(o)) for o in silent[:limit]]
    return found + _without_order(actor, limit)


def _differs(order: Order) -> Mismatch:
    if order.archived_at:
        why = _("invoiced, though the order was taken back")
    elif order.billing == Billing.REFUSED:
        why = _("refused: %s") % order.billing_note
    else:
        why = _("another total")
    theirs = "" if order.billed_total is None else _money(order.billed_total, order.currency)
    return Mismatch(order, registry["order"].url(order.pk), why, _ours(order), theirs)


def _without_order(actor: Actor, limit: int) -> list[Mismatch]:
    deals = registry["deal"].rows(actor, archived=False).filter(status="won")
    live = Order.objects.filter(archived_at=None, deal__isnull=False).values("deal")
    rows = deals.exclude(pk__in=live).order_by("-closed_on")[:limit]
    return [
        Mismatch(
            deal,
            registry["deal"].url(deal.pk),
            _("won, but there is no order"),
            _money(deal.amount, deal.currency) if deal.amount is not None else "",
        )
        for deal in rows
    ]


def _ours(order: Order) -> str:
    return _money(order.total, order.currency)


def _money(amount: Any, currency: str) -> str:
    from kith.kernel.money.amounts import show_money

    return show_money(amount, currency, exact=True)
