"""A customer leaves: one verb that ends what runs, says why, and is told on the timeline. Who comes back is noted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.contacts.actions import end_customer
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Day, Link, LongText
from kith.kernel.money.queries import home
from kith.kernel.money.totals import convert
from kith.kernel.records.action import ACTIONS, action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry
from kith.retention.customers import stands_alone
from kith.retention.events import Churned
from kith.retention.models import GOING, Care, Churn, ChurnReason, Outcome, PlayRun, Renewal

Reason = Annotated[Any, Link("churn_reason"), _("Why")]


@action("customer.churn", needs="churn.edit", label=_("They left us"), icon="x", tone="late", applies=stands_alone,
        done=_("Noted: {row} left us"))  # fmt: skip
def churn(
    row: Any,
    *,
    reason: Reason,
    ended_on: Annotated[dt.date | None, Day(), _("Left on")] = None,
    words: Annotated[str, LongText(5000), _("In their words")] = "",
    by: Actor,
) -> Any:
    """They buy from us no more: what still runs ends that day, and the reason says whether we wanted it."""
    day = _left_on(row, ended_on)
    with transaction.atomic():
        name = row._meta.model_name
        orders = _with_us_on(name, row, day)
        yearly = worth(orders)
        _end([order for order in orders if order.ended_on is None], day, reason, by)
        end_customer([row], until=day, reason=reason.name, by=by)
        if name == "company":
            theirs = row.people.filter(customer_since__lte=day, customer_until=None)  # who bought later is one still
            end_customer(theirs, until=day, reason=reason.name, by=by)
        made = Churn(
            title=str(row)[:300], reason=reason, kind=reason.kind, ended_on=day, yearly=yearly, words=words, owner_id=row.owner_id, chance=_chance(name, row),
            team_id=row.team_id, **{name: row},
        )  # fmt: skip
        moment = _moment(day)
        with change(made, by=by, at=moment) as c:
            c.row.derive()
        _close_renewals(name, row, reason, words, by)
        _close_plays(name, row, day, by)
        with change(type(row)._default_manager.get(pk=row.pk), by=by, at=moment) as c:
            yearly_words = f"{yearly} {home()}"
            c.says(
                Churned(
                    ended_on=day.isoformat(), reason=reason.name, kind=reason.kind, yearly=yearly_words, words=words
                )
            )
    return c.row


def _left_on(row: Any, ended_on: dt.date | None) -> dt.date:
    """The day they left, today where none is named. Raises Invalid for one on which nobody can have left."""
    day = ended_on or timezone.localdate()
    if row.customer_since is None or day < row.customer_since:
        raise Invalid(__("They cannot leave before they became a customer."), "ended_on")
    if day > timezone.localdate():
        raise Invalid(
            __("Say that they left once they have; until then a renewal can say that they will not renew."), "ended_on"
        )
    return day


def _moment(day: dt.date) -> dt.datetime | None:
    """When the story tells it: at noon of that day; None, now, for today."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12))) if day < timezone.localdate() else None


def _chance(name: str, row: Any) -> float | None:
    """How likely it was, as it stood: what plays are judged by."""
    care = Care.objects.filter(**{name: row}).only("chance").first()
    return care.chance if care is not None else None


def _with_us_on(name: str, row: Any, day: dt.date) -> list[Any]:
    """Their orders that ran until that day: those that run, and those that end then or later, as a lost renewal says."""
    orders = registry["order"].model._default_manager.filter(archived_at=None, yearly__gt=0)
    orders = orders.filter(Q(ended_on=None) | Q(ended_on__gte=day))
    return list(orders.filter(**{name: row}).order_by("pk"))


def worth(orders: list[Any]) -> Decimal:
    """What these orders bring a year, in the organisation's currency; those without a rate count nothing."""
    return sum(
        (convert(o.yearly, o.currency or home(), o.placed_on) or Decimal(0) for o in orders), Decimal(0)
    ).quantize(Decimal("0.01"))


def _end(orders: list[Any], day: dt.date, reason: ChurnReason, by: Actor) -> None:
    """Contracts end, by the verb that orders have for it."""
    for order in orders:
        ACTIONS["order.end"].run(order, on=max(day, order.placed_on), reason=reason.name, by=by)


def _close_renewals(name: str, row: Any, reason: ChurnReason, words: str, by: Actor) -> None:
    from kith.retention.renewals.deciding import lost

    for renewal in Renewal.objects.filter(GOING, **{name: row}):
        lost(renewal, reason=reason, words=words, by=by)


def _close_plays(name: str, row: Any, day: dt.date, by: Actor) -> None:
    for run in PlayRun.objects.filter(outcome=Outcome.RUNNING, archived_at=None, **{name: row}):
        with change(run, by=by) as c:
            c.row.outcome, c.row.ended_on = Outcome.LOST, day


def came_back(verb: str) -> bool:
    return verb in ("company.became_customer", "person.became_customer")


def welcome_back(entries: list[Entry], by: Actor) -> None:
    """Whoever is a customer again came back from their last leave-taking."""
    for e in entries:
        last = (
            Churn.objects.filter(**{e.record: e.record_id}, archived_at=None, returned_on=None)
            .order_by("-ended_on", "-pk")
            .first()
        )
        if last is None or not getattr(e.says, "again", False):
            continue
        with change(last, by=by) as c:
            c.row.returned_on = timezone.localdate(e.at) if e.at else timezone.localdate()
