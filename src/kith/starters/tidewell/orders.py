"""What Tidewell's customers bought again, and what was promised to them: from the orders that their won deals made.

Recurring orders were renewed each year until today. Spare parts are bought now and then, as they come from the shop by import.
Invoicing reports what is paid, and what is overdue.
Promises were kept or broken as `BROKEN` says of each colleague: a truth that the ledger has to find again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from kith.conversion.events import OrderReported, PromiseBroken, PromiseKept, PromiseWaived
from kith.kernel.access.actor import Actor
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.models import Event

# Of the promises that are settled, the share that each colleague broke; everybody else as `OTHERS`.
BROKEN = {"Ines Okafor": 0.1, "Jonas Lindqvist": 0.35, "Priya Nair": 0.15, "Tomasz Wilk": 0.2}
OTHERS = 0.2
PROMISES = (
    ("All sensors live before the insurance renewal", "we will have every sensor live before your insurance renews", 60),
    ("A manual in their language", "you get the manual in your language", 45),
    ("One named contact for the night shift", "there will be one name to call at night", 30),
    ("Survey of the cellars within two weeks", "our people walk through the cellars within two weeks", 14),
    ("Alarm to the porter first", "the night porter gets the alarm first, then us", 40),
    ("Training for the caretakers on site", "we train your caretakers in the house", 50),
    ("Batteries changed for nothing in the first two years", "batteries are on us for two years", 365),
)  # fmt: skip
TERM, OVERDUE, LATE = dt.timedelta(days=30), 0.06, (4, 35)  # days to pay; share of orders overdue, for how many days
WHY_BROKEN = ("The supplier was late", "Nobody was told", "We had no people that week", "The survey came first")
WHY_WAIVED = ("They found another way", "They said it does not matter any more")
PARTS = (("Batteries, box of 50", 95), ("Mounting brackets", 60), ("Spare sensors", 245), ("Valve seals", 38))


@dataclass(frozen=True)
class Truth:
    """What was planted: (broken, settled) promises by colleague's name."""

    broken: dict[str, tuple[int, int]]


def write_orders(operation: int, actors: Iterable[Actor], now: dt.datetime, seed: int) -> Truth:
    """Write it all for the orders made under this operation."""
    made = Event.objects.filter(operation=operation, verb="order.created").values("record_id")
    orders = list(
        registry["order"]
        .model._default_manager.filter(pk__in=made)
        .select_related("owner", "company", "person", "deal")
        .order_by("pk")
    )
    voices = {actor.user_id: actor for actor in actors}
    dice, today = Random(seed), timezone.localdate(now)
    with transaction.atomic():
        _renewed(orders, next(iter(voices.values())), today)
        _spare_parts(orders, voices, dice, today)
        _billed(orders, next(iter(voices.values())), Random(f"{seed}:billing"), today)
        return Truth(_promised(orders, voices, dice, today))


def _renewed(orders: list[Any], by: Actor, today: dt.date) -> None:
    """Terms that ran out went on by another year."""

    def go_on(row: Any) -> list[Any]:
        while row.renews_on and row.renews_on <= today:
            row.renews_on += relativedelta(years=1)
            row.ends_on = row.renews_on - dt.timedelta(days=1)
        return []

    change_many([o for o in orders if o.renews_on and o.renews_on <= today], go_on, by=by)


def _spare_parts(orders: list[Any], voices: dict[Any, Actor], dice: Random, today: dt.date) -> None:
    news: dict[Any, list[New]] = defaultdict(list)
    for order in orders:
        for _n in range(dice.choice((0, 0, 1, 1, 2, 4))):
            day = order.placed_on + dt.timedelta(days=dice.randint(20, 900))
            name, price = dice.choice(PARTS)
            if day > today or order.owner_id not in voices:
                continue
            values = {
                "name": name, "company": order.company, "person": order.person, "placed_on": day, "currency": "EUR",
                "total": Decimal(price * dice.randint(1, 12)), "source": "import", "owner": order.owner, "team": order.team,
                "number": f"S-{order.pk:05d}-{_n + 1}",
            }  # fmt: skip
            news[order.owner_id].append(New(values, at=_noon(day)))
    for owner, some in news.items():
        bulk_create(registry["order"], some, by=voices[owner], refused=_never)


def _billed(orders: list[Any], by: Actor, dice: Random, today: dt.date) -> None:
    """Invoicing said of what was ordered long enough ago that it is paid, and of a few that they are overdue by now."""
    fates = {order.pk: dice.randint(*LATE) if dice.random() < OVERDUE else 0 for order in orders}

    def report(row: Any) -> list[Any]:
        days = fates[row.pk]
        row.late_since = today - dt.timedelta(days=days) if days else None
        row.billing = "overdue" if days else "paid"
        row.billed_as, row.billed_total = f"R-{row.pk:05d}", row.total
        day = row.late_since or row.placed_on + TERM
        row.billed_at = _noon(day)
        said = OrderReported(state=str(row.get_billing_display()), number=row.billed_as, total=str(row.total))
        return [(said, row.billed_at)]

    change_many([o for o in orders if o.placed_on + TERM + dt.timedelta(days=LATE[1]) < today], report, by=by)


def _promised(orders: list[Any], voices: dict[Any, Actor], dice: Random, today: dt.date) -> dict[str, tuple[int, int]]:
    """Promises on orders of deals, most of them settled by now."""
    by_owner: dict[Any, list[New]] = defaultdict(list)
    for order in orders:
        if order.deal is None or order.owner_id not in voices:
            continue
        for wording, quote, days in dice.sample(PROMISES, dice.choice((1, 1, 2, 3))):
            values = {
                "wording": wording, "quote": quote, "order": order, "evidence": dice.choice(("mail", "call", "meeting", "quote")),
                "due_on": order.placed_on + dt.timedelta(days=days), "made_on": order.placed_on, "owner": order.owner, "team": order.team,
            }  # fmt: skip
            by_owner[order.owner_id].append(New(values, at=_noon(order.placed_on)))
    told = {}
    for owner, news in by_owner.items():
        rows = [
            row for row in bulk_create(registry["promise"], news, by=voices[owner], refused=_never) if row is not None
        ]
        told[voices[owner].name] = _settled(rows, voices[owner], dice, today)
    return told


def _settled(rows: list[Any], by: Actor, dice: Random, today: dt.date) -> tuple[int, int]:
    """Settle what was due long ago, and most of what was due lately; exactly the planted share is broken."""
    due = [row for row in rows if row.due_on < today and dice.random() < 0.93]
    waived = {row.pk for row in due if dice.random() < 0.06}
    settled = [row.pk for row in due if row.pk not in waived]
    broken = set(dice.sample(settled, round(len(settled) * BROKEN.get(by.name, OTHERS))))
    reasons = {row.pk: dice.choice(WHY_WAIVED if row.pk in waived else WHY_BROKEN) for row in due}

    def settle(row: Any) -> list[Any]:
        away = row.pk in waived
        row.state = "waived" if away else "broken" if row.pk in broken else "kept"
        row.reason = "" if row.state == "kept" else reasons[row.pk]
        row.settled_on = min(row.due_on + dt.timedelta(days=9 if row.pk in broken else -1), today)
        event = PromiseWaived if away else PromiseBroken if row.pk in broken else PromiseKept
        return [(event(wording=row.wording, reason=row.reason), _noon(row.settled_on))]

    change_many(due, settle, by=by)
    return len(broken), len(settled)


def _noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def _never(_n: int, problem: Exception) -> None:
    raise problem
