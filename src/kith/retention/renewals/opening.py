"""Renewals open by themselves: early enough before the last day of notice that there is time to talk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Day
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.retention.events import RenewalOpened
from kith.retention.health.computing import by_itself
from kith.retention.models import Care, Renewal
from kith.retention.suggestions.proposing import ideas_of

AHEAD = 60  # days before the last day of notice
LATE = 365  # a renewal longer ago is history and no task any more


def due(today: dt.date | None = None) -> Any:
    """Running orders whose renewal is to be opened, oldest first."""
    day = today or timezone.localdate()
    orders = registry["order"].model._default_manager.filter(
        archived_at=None, ended_on=None, yearly__gt=0, renews_on__isnull=False
    )
    opens = ExpressionWrapper(F("renews_on") - F("notice_days") - AHEAD, output_field=DateField())
    there = Renewal.objects.filter(order=OuterRef("pk"), renews_on=OuterRef("renews_on"), archived_at=None)
    rows = orders.annotate(opens=opens).filter(opens__lte=day, renews_on__gte=day - dt.timedelta(days=LATE))
    return rows.filter(~Exists(there)).select_related("company", "person").order_by("renews_on", "pk")


def open_due(today: dt.date | None = None, *, by: Actor | None = None) -> int:
    """Open them; returns how many. Said twice on a day, the second finds nothing."""
    by, n = by or by_itself(), 0
    for order in due(today).iterator(chunk_size=500):
        open_for(order, by=by)
        n += 1
    return n


def open_for(order: Any, *, by: Actor) -> Renewal:
    """The renewal of one order, with the risk and what more they could use as far as that is known. Expected is the price a year
    and one of each idea that is paid again, where its list price is in the order's currency."""
    customer = order.company or order.person
    care = Care.objects.filter(**{customer._meta.model_name: customer}).first() if customer is not None else None
    risk, why = risk_of(care)
    ideas = ideas_of(customer) if customer is not None else []
    more = sum((idea.yearly for idea in ideas if idea.currency == order.currency), type(order.yearly)(0))
    row = Renewal(
        name=_("%(order)s, renewal %(year)d") % {"order": order.name[:270], "year": order.renews_on.year}, order=order,
        company=order.company, person=order.person, renews_on=order.renews_on, decide_by=order.renews_on - dt.timedelta(days=order.notice_days),
        currency=order.currency, yearly=order.yearly, expected=order.yearly + more, idea="\n".join(idea.words for idea in ideas),
        risk=risk, risk_words=why[:500], owner_id=order.owner_id or getattr(customer, "owner_id", None),
        team_id=order.team_id or getattr(customer, "team_id", None),
    )  # fmt: skip
    with change(row, by=by) as c:
        c.says(RenewalOpened(order=order.name, due=Day().show(order.renews_on), risk=risk))
    return row


def risk_of(care: Care | None) -> tuple[int | None, str]:
    """(chance of leaving in percent, why in words); where nothing is predicted, health says why and no figure."""
    if care is None:
        return None, ""
    weak = sorted(
        (line for line in care.parts if line["points"] is not None and line["points"] < 40),
        key=lambda line: line["points"],
    )
    why = "; ".join(f"{line['name']}: {line['words']}" for line in weak[:3])
    return None if care.chance is None else round(care.chance * 100), why
