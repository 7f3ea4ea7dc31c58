"""A deal is won: the company and the people on the deal are customers from that day, and the order stands.

A listener on what happens to deals, so all of it is the same transaction and operation as the winning, and undo takes all
of it back. One deal and a thousand from a file go the same way, set by set. A deal that is opened again loses its order,
and the status too where nothing else was bought. Whoever goes on from here is told.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __

from kith.activities.notices import notify
from kith.contacts.actions import become_customer, unsay_customer
from kith.conversion.events import OrderTakenBack
from kith.conversion.models import Order, OrderLine
from kith.conversion.terms import NOTHING, term_from, worth
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import User
from kith.kernel.errors import Invalid, KithError
from kith.kernel.organisation.models import current
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.types import Archived
from kith.kernel.timeline.write import Entry

WON, REOPENED = "deal.won", "deal.reopened"
KIND = "order"  # of notices
SOURCE = "won deal"
FEW = 20  # deals won at once of which colleagues hear one by one


def handles(verb: str) -> bool:
    return verb in (WON, REOPENED)


def hear(entries: list[Entry], by: Actor) -> None:
    """Follow what was just said of deals."""
    actor = dataclasses.replace(system(by.channel, cause=entries[0].id), operation=by.operation)
    verbs: dict[str, list[int]] = {WON: [], REOPENED: []}
    for entry in entries:
        verbs[entry.says.verb_for(entry.record)].append(entry.record_id)
    if verbs[WON]:
        orders = place_orders(verbs[WON], by=actor, strict=by.channel != "import")
        told = by.is_system and by.user_id is not None  # a sample's story, in the voices of its people: nobody is told
        if len(orders) <= FEW and not told:
            for order in orders:
                _announce(order, by, actor)
    if verbs[REOPENED]:
        take_back(verbs[REOPENED], by=actor)


def place_orders(deals: Iterable[int], *, by: Actor, strict: bool = True) -> list[Order]:
    """The orders of these deals, those won that have none yet; everybody on them is a customer. A deal from whose values no
    order can be made is refused in words, or (not strict: history from elsewhere) left to the list of mismatches."""
    rows = _won_without_order(deals)
    drafts = [_draft(deal) for deal in rows]
    problems: list[tuple[int, KithError]] = []
    items = [New(values, at=_at(values["placed_on"])) for values, _lines in drafts]
    made = bulk_create(registry["order"], items, by=by, refused=lambda n, problem: problems.append((n, problem)))
    if problems and strict:
        n, problem = problems[0]
        raise Invalid(__("No order can be made of %(deal)s: %(why)s") % {"deal": rows[n], "why": problem}, "amount")
    lines: list[OrderLine] = []
    for order, (_values, drafted) in zip(made, drafts, strict=True):
        if order is None:
            continue
        for line in drafted:
            line.order = order
            lines.append(line)
    OrderLine.objects.bulk_create(lines)
    _committees(rows, by)
    return [order for order in made if order is not None]


def _won_without_order(deals: Iterable[int]) -> list[Any]:
    rows = registry["deal"].model._default_manager.filter(pk__in=set(deals), status="won")
    rows = rows.exclude(orders__archived_at__isnull=True, orders__isnull=False).order_by("pk")
    return list(
        rows.select_related("company", "contact", "product", "owner", "team").prefetch_related("lines__product")
    )


def _draft(deal: Any) -> tuple[dict[str, Any], list[OrderLine]]:
    """Values of a deal's order, and its lines: those of the deal, else its main product at what the deal is worth."""
    day = deal.closed_on or timezone.localdate()
    lines, sold = _lines(deal)
    recurring = [product for product in sold if product.recurring]
    months = max((product.term or 12 for product in recurring), default=0)
    total, yearly = worth(lines, months or 12) if lines else (deal.amount or NOTHING, NOTHING)
    values: dict[str, Any] = {
        "number": f"{day.year}-{deal.pk:05d}", "name": deal.name[:300], "company": deal.company, "person": deal.contact,
        "deal": deal, "placed_on": day, "currency": deal.currency or current().currency, "total": total,
        "yearly": yearly, "starts_on": day, "source": SOURCE, "owner": deal.owner, "team": deal.team,
    }  # fmt: skip
    if recurring:
        term = term_from(day, months)
        notice = max((product.notice_days or 0 for product in recurring), default=0)
        values |= {"ends_on": term.ends_on, "renews_on": term.renews_on, "notice_days": notice}
    return values, lines


def _lines(deal: Any) -> tuple[list[OrderLine], list[Any]]:
    sold = list(deal.lines.all())
    if not sold and deal.product is not None:
        amount = deal.amount or NOTHING
        line = OrderLine(
            product=deal.product,
            name=deal.product.name,
            unit_price=amount,
            total=amount,
            recurring=deal.product.recurring,
        )
        return [line], [deal.product]
    lines = [
        OrderLine(
            product=one.product, name=one.product.name, quantity=one.quantity, unit_price=one.unit_price,
            discount=one.discount, ramp=one.ramp, total=one.total, recurring=one.product.recurring, position=one.position,
        )
        for one in sold
    ]  # fmt: skip
    return lines, [one.product for one in sold]


def _at(day: dt.date) -> dt.datetime | None:
    """When the order was placed: now today, else noon of its day."""
    if day >= timezone.localdate():
        return None
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def _committees(deals: list[Any], by: Actor) -> None:
    """Whoever took part in the decision is a customer too."""
    day = {deal.pk: deal.closed_on or timezone.localdate() for deal in deals}
    seats = registry["person"].model._default_manager.filter(committees__deal__in=list(day))
    since: dict[int, dt.date] = {}
    for deal, person in seats.values_list("committees__deal", "pk"):
        since[person] = min(since.get(person, day[deal]), day[deal])
    _customers("person", since, by)


def settle(pairs: list[tuple[Order | None, Order]], by: Actor) -> None:
    """Whoever ordered is a customer since then, however the order came to be: won, imported, written by hand."""
    actor = dataclasses.replace(system(by.channel, cause=by.cause), operation=by.operation)
    for record in ("company", "person"):
        since: dict[int, dt.date] = {}
        for old, order in pairs:
            pk = getattr(order, f"{record}_id")
            if pk and (old is None or getattr(old, f"{record}_id") != pk or old.placed_on != order.placed_on):
                since[pk] = min(since.get(pk, order.placed_on), order.placed_on)
        _customers(record, since, actor)


def _customers(record: str, since: dict[int, dt.date], by: Actor) -> None:
    if since:
        rows = registry[record].model._default_manager.filter(pk__in=list(since)).order_by("pk")
        become_customer(rows, since=since, by=by)


def take_back(deals: Iterable[int], *, by: Actor) -> int:
    """The orders of deals that are open again are archived; who bought nothing else is no customer. Returns how many."""
    orders = list(Order.objects.filter(deal__in=list(deals), source=SOURCE, archived_at=None).select_related("deal"))
    names = {order.pk: str(order.deal) for order in orders}

    def put_away(row: Order) -> list[Any]:
        row.archived_at = timezone.now()
        return [OrderTakenBack(deal=names[row.pk]), Archived()]

    changed = change_many(orders, put_away, by=by)
    reason = __("%s is open again") % ", ".join(sorted(set(names.values())))[:200]
    of_deals = [order.deal_id for order in orders]
    for record, link in (("company", "company_id"), ("person", "person_id")):
        theirs = Q(pk__in={pk for order in orders if (pk := getattr(order, link))})
        rows = registry[record].model._default_manager
        if record == "person":  # whoever took part in the decision had become one too
            theirs |= Q(pk__in=rows.filter(committees__deal__in=of_deals).values("pk"))
            rows = rows.exclude(pk__in=rows.filter(committees__deal__status="won").values("pk"))
        unsay_customer(rows.filter(theirs).exclude(orders__in=_standing()), reason=reason, by=by)
    return changed


def _standing() -> Any:
    return Order.objects.filter(archived_at=None).values("pk")


def _announce(order: Order, by: Actor, actor: Actor) -> None:
    """Tell whoever goes on from here: the owners of the company and the person, and of the deal, except who won it."""
    owners: set[Any] = {
        order.owner_id,
        getattr(order.company, "owner_id", None),
        getattr(order.person, "owner_id", None),
    }
    users = User.objects.filter(pk__in=owners - {None, by.user_id}, is_active=True)
    who = order.company or order.person or order.name
    text = __("%(who)s is a customer: %(order)s was won. What was sold and promised stands on the order.") % {
        "who": who, "order": order.name}  # fmt: skip
    notify(users, text, kind=KIND, key=f"order:{order.pk}", by=actor, about=("order", order.pk))
