"""Renewals are won or lost, by verbs that every face has; winning extends the order, losing ends it on its day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.kinds import Bool, Choice, Day, Link, LongText, Money
from kith.kernel.records.action import ACTIONS, LATER, action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry
from kith.retention.events import RenewalLost, RenewalWon
from kith.retention.models import GOING, Renewal, RenewalState

Reason = Annotated[Any, Link("churn_reason"), _("Why not")]
Words = Annotated[str, LongText(5000), _("In their words")]
STEPS = dict(RenewalState.choices)


def going(renewal: Renewal) -> bool:
    return renewal.going


@action("renewal.win", needs="renewal.edit", label=_("Renewed"), icon="check", applies=going, done=_("{row} is renewed"),
        offers=lambda renewal: {"until": [(day.isoformat(), label) for label, day in terms(renewal)]})  # fmt: skip
def win(
    renewal: Renewal,
    *,
    until: Annotated[dt.date | None, Day(), _("Until")] = None,
    yearly: Annotated[Decimal | None, Money(), _("A year from now on")] = None,
    by: Actor,
) -> Renewal:
    """They stay: the order runs on until that day, default one more year, for that price, default what was proposed."""
    day = until or terms(renewal)[0][1]
    if day <= renewal.renews_on:
        raise Invalid(__("A renewed order runs on beyond %s.") % Day().show(renewal.renews_on), "until")
    with transaction.atomic():
        row = won(renewal, until=day, yearly=yearly, by=by)
        if row.order is not None:
            ACTIONS["order.renew"].run(row.order, until=day, yearly=row.expected, by=by)
    return row


def won(renewal: Renewal, *, until: dt.date, yearly: Decimal | None, by: Actor) -> Renewal:
    """The renewal alone is won; the order is renewed by its own verb."""
    with change(renewal, by=by) as c:
        _must_go(c.row)
        before, after = c.row.yearly, c.row.expected if yearly is None else yearly
        c.row.state, c.row.until, c.row.closed_on, c.row.expected = (
            RenewalState.WON,
            until,
            timezone.localdate(),
            after,
        )
        c.says(RenewalWon(until=until.isoformat(), before=str(before), after=str(after)))
    return c.row


def renewed_elsewhere(verb: str) -> bool:
    return verb == "order.renewed"


def follow_order(entries: list[Entry], by: Actor) -> None:
    """An order that is renewed on its own page or by a program leaves no renewal behind that is still to be talked about."""
    actor = dataclasses.replace(system(by.channel, cause=entries[0].id), operation=by.operation)
    for entry in entries:
        told = entry.says.payload()
        until = dt.date.fromisoformat(told["until"])
        for renewal in Renewal.objects.filter(GOING, order=entry.record_id, renews_on__lt=until):
            won(renewal, until=until, yearly=Decimal(told["after"]), by=actor)


def terms(renewal: Renewal) -> list[tuple[Any, dt.date]]:
    """[(words, day)]: until when it could run."""
    return [
        (_("One more year"), renewal.renews_on + relativedelta(years=1)), (_("Two years"), renewal.renews_on + relativedelta(years=2)),
        (_("Three years"), renewal.renews_on + relativedelta(years=3)),
    ]  # fmt: skip


@action("renewal.lose", needs="renewal.edit", label=_("Not renewed"), icon="x", tone="late", applies=going,
        done=_("{row} is not renewed"))  # fmt: skip
def lose(
    renewal: Renewal,
    *,
    reason: Reason,
    words: Words = "",
    left: Annotated[bool, Bool(), _("They leave us altogether")] = False,
    by: Actor,
) -> Renewal:
    """They do not renew, for a reason of the tree; the order ends on the day when it would have renewed. Who leaves us
    altogether leaves on that day: now, or by themselves when it has come (`churn/announced.py`)."""
    with transaction.atomic():
        row = lost(renewal, reason=reason, words=words, leaving=left, by=by)
        if row.order is not None and row.order.ended_on is None:
            end_on(row.order, row.renews_on, reason.name, by)
        customer = row.company or row.person
        if left and customer is not None and row.renews_on <= timezone.localdate():
            from kith.retention.churn.leaving import churn

            churn.run(customer, reason=reason, ended_on=row.renews_on, words=words, by=by)
    return row


def lost(renewal: Renewal, *, reason: Any, words: str, leaving: bool = False, by: Actor) -> Renewal:
    """The renewal alone is lost, with why; what becomes of the order is said elsewhere."""
    with change(renewal, by=by) as c:
        _must_go(c.row)
        c.row.leaving = leaving
        c.row.state, c.row.reason, c.row.words, c.row.closed_on = RenewalState.LOST, reason, words, timezone.localdate()
        c.says(RenewalLost(reason=reason.name, words=words))
    return c.row


def end_on(order: Any, day: dt.date, why: str, by: Actor) -> None:
    ACTIONS["order.end"].run(order, on=max(day, order.placed_on), reason=why, by=by)


@action("renewal.move", needs="renewal.edit", label=_("Move on"), icon="right", applies=going, done=_("Moved"))
def move(
    renewal: Renewal,
    *,
    state: Annotated[str, Choice(STEPS), _("State")],
    reason: Annotated[Any, Link("churn_reason"), _("Why not"), LATER] = None,
    by: Actor,
) -> Renewal:
    """Another state; renewed and not renewed are decided as their verbs do, the latter with a reason. Raises NeedsInput."""
    if state == RenewalState.WON:
        return win.run(renewal, by=by)
    if state == RenewalState.LOST:
        if reason is None:
            raise NeedsInput(__("Say why they do not renew."), ("reason",))
        return lose.run(renewal, reason=reason, by=by)
    with change(renewal, by=by) as c:
        _must_go(c.row)
        c.row.state = state
    return c.row


def _must_go(renewal: Renewal) -> None:
    if not renewal.going:
        raise Invalid(__("This renewal is decided already."), "state")
