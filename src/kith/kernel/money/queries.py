"""Rates by currency and day, read once per configuration stamp."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from decimal import Decimal

from django.utils import timezone

from kith.kernel.money.models import ExchangeRate
from kith.kernel.organisation.models import cached, current

Course = tuple[list[dt.date], list[Decimal]]  # days in order, and the rate from each of them on


def home() -> str:
    """The organisation's currency, in which totals are given."""
    return current().currency


def rate(currency: str, day: dt.date | None = None) -> Decimal | None:
    """What one unit was worth in the organisation's currency on `day` (default today), or None when nobody said.

    The latest rate set for that day or before counts; a day before the first rate has none.
    """
    if currency in ("", home()):
        return Decimal(1)
    days, rates = courses().get(currency, ([], []))
    at = bisect_right(days, day or timezone.localdate())
    return rates[at - 1] if at else None


def courses() -> dict[str, Course]:
    """All rates into the organisation's currency, by currency."""
    courses: dict[str, Course] = cached("rates", _load)
    return courses


def _load() -> dict[str, Course]:
    out: dict[str, Course] = {}
    rows = ExchangeRate.objects.filter(base=home(), archived_at__isnull=True).order_by("currency", "day")
    for currency, day, value in rows.values_list("currency", "day", "rate"):
        days, rates = out.setdefault(currency, ([], []))
        days.append(day)
        rates.append(value)
    return out
