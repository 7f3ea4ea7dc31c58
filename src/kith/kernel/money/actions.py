"""Setting exchange rates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Currency, Day, Number, Text
from kith.kernel.money.models import ExchangeRate
from kith.kernel.money.queries import home
from kith.kernel.records.action import action
from kith.kernel.records.actions import fill, put_values
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change


@action("rate.set", needs="settings.manage", label=_("Set a rate"), icon="plus", done=_("Rate set"))
def set_rate(
    *,
    currency: Annotated[str, Currency(), _("Currency")],
    rate: Annotated[Decimal, Number(18, 8), _("One unit is worth")],
    day: Annotated[dt.date | None, Day(), _("From")] = None,
    source: Annotated[str, Text(80), _("Source")] = "",
    by: Actor,
) -> ExchangeRate:
    """From `day` on (default today) one unit of `currency` is worth `rate` of the organisation's; said twice, the last counts."""
    day = day or timezone.localdate()
    values = {"currency": currency, "day": day, "rate": rate, "source": source}
    known = ExchangeRate.objects.filter(currency=currency, base=home(), day=day, archived_at=None).first()
    return create_rate(values, by=by) if known is None else edit_rate(known, values, by=by)


def create_rate(values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None) -> ExchangeRate:
    """A new dated rate into the organisation's currency. Raises Invalid, InvalidMany."""
    row = ExchangeRate(base=home(), day=timezone.localdate())
    fill(registry["rate"], row, {k: v for k, v in values.items() if not (k == "day" and v is None)}, by=by)
    with change(row, by=by, at=at):
        pass
    return row


def edit_rate(row: Any, values: dict[str, Any], *, by: Actor, base: dict[str, Any] | None = None) -> ExchangeRate:
    """Correct a rate: figures that used it follow at once."""
    with change(row, by=by) as c:
        put_values(registry["rate"], c.row, values, base)
    fresh: ExchangeRate = c.row
    return fresh
