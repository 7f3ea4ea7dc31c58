"""What programs count for a customer: sessions, seats, days that an invoice is late. Said twice for a day, the last counts."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Day, Number, Text
from kith.kernel.records.action import action
from kith.retention.customers import Key
from kith.retention.health.dirty import mark

NAME = re.compile(r"^[a-z][a-z0-9_]{0,59}$")
KEEP = """
    INSERT INTO retention_usage ({record}_id, counter, day, amount)
    SELECT DISTINCT ON (id, counter, day) id, counter, day, amount
    FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::float[]) WITH ORDINALITY AS g (id, counter, day, amount, n)
    ORDER BY id, counter, day, n DESC
    ON CONFLICT ({record}_id, counter, day) WHERE {record}_id IS NOT NULL DO UPDATE SET amount = excluded.amount
"""


@dataclass(frozen=True)
class Count:
    """So much of `counter` for one customer on a day."""

    customer: Key
    counter: str
    day: dt.date
    amount: float


LISTENERS: list[Callable[[list[Count]], None]] = []


def hears_counts(told: Callable[[list[Count]], None]) -> None:
    """Let a room above hear what was counted, in its transaction. Call it at start-up."""
    LISTENERS.append(told)


@action("customer.count", needs="company.edit", label=_("Note use"), icon="chart", undo=False, done=_("Noted"))
def count(
    row: Any,
    *,
    counter: Annotated[str, Text(60), _("Counter")],
    amount: Annotated[Any, Number(), _("How much")],
    day: Annotated[dt.date | None, Day(), _("On")] = None,
    by: Actor,
) -> Any:
    """Note what a program counted for this customer on a day, default today."""
    keep([Count((row._meta.model_name, row.pk), counter, day or timezone.localdate(), float(amount))])
    return row


@transaction.atomic
def keep(counts: Iterable[Count]) -> int:
    """Keep thousands at once; returns how many. Raises Invalid naming the first that cannot be taken."""
    some = list(counts)
    for one in some:
        if not NAME.match(one.counter):
            raise Invalid(
                __("“%s” is no name of a counter: small letters, digits and _, a letter first.") % one.counter[:60],
                "counter",
            )
        if not math.isfinite(one.amount):
            raise Invalid(__("An amount is a number."), "amount")
        if one.day > timezone.localdate() + dt.timedelta(days=1):
            raise Invalid(__("%s has not come yet.") % one.day.isoformat(), "day")
    for record in ("company", "person"):
        mine = [c for c in some if c.customer[0] == record]
        if mine:
            columns = [
                [c.customer[1] for c in mine],
                [c.counter for c in mine],
                [c.day for c in mine],
                [c.amount for c in mine],
            ]
            with connection.cursor() as cursor:
                cursor.execute(KEEP.format(record=record), columns)
    mark(c.customer for c in some)
    for told in LISTENERS:
        told(some)
    return len(some)
