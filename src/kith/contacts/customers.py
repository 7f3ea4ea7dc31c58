"""Who is a customer, since when and until when: the one way in and the one way out, for one row or for thousands.

The days stand on companies and people alike. Winning says the first (`conversion`), leaving the last (`retention`);
colleagues may say either by hand. Somebody who comes back keeps the first day and has no last one any more; what lies
between stands in the story.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.db.models.functions import Coalesce, Now, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.contacts.events import BecameCustomer, CompanyBecameCustomer, CompanyLeft, StoppedBeingCustomer
from kith.contacts.models import Company
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Bool, Day, Text
from kith.kernel.records.action import action
from kith.kernel.records.columns import FACES, Facts
from kith.kernel.timeline.change import change_many

AHEAD = dt.timedelta(hours=14)  # how far the clocks of the earliest places are before UTC
TODAY = TruncDate(Now())
BEGUN = TruncDate(Now() + Value(AHEAD), tzinfo=dt.UTC)
IS_CUSTOMER = Coalesce(
    ExpressionWrapper(
        Q(customer_since__lte=BEGUN) & (Q(customer_until__isnull=True) | Q(customer_until__gt=TODAY)), BooleanField()
    ),
    Value(False),
)
FIELDS = {
    "customer": Facts(kind=Bool(), label=_("Customer"), expr=IS_CUSTOMER, faces=frozenset({"list", "filter", "api"})),
    "customer_since": Facts(faces=FACES - {"form", "bulk"}),
    "customer_until": Facts(faces=FACES - {"form", "bulk"}),
}
Since = Annotated[dt.date | None, Day(), _("Since")]
Until = Annotated[dt.date | None, Day(), _("Until")]


def is_customer(row: Any, on: dt.date | None = None) -> bool:
    """Whether a company or person is a customer on that day; default now."""
    day = on or timezone.localdate()
    return bool(
        row.customer_since
        and row.customer_since <= (on or newest_day())
        and (row.customer_until is None or row.customer_until > day)
    )


def newest_day() -> dt.date:
    """The latest day that anybody calls today. A colleague further east wins a customer tomorrow, as seen from here, and
    what works here by itself must know them at once."""
    return (timezone.now().astimezone(dt.UTC) + AHEAD).date()


def become_customer(rows: Iterable[Any], *, since: dt.date | Mapping[int, dt.date] | None = None, by: Actor) -> int:
    """Companies or people (one type) are customers from that day, default today; returns how many this changed. since: one
    day for all, or each row's own by its id.

    An earlier day that is known stays; an end that was said is taken away, for whoever comes back.
    """

    def begin(row: Any) -> Any:
        first = (since[row.pk] if isinstance(since, Mapping) else since) or timezone.localdate()
        begun, until = row.customer_since, row.customer_until
        again = until is not None and until <= first
        if begun and begun <= first and not again:
            return []  # told already, or an older purchase of somebody who left since
        row.customer_since = min(begun or first, first)
        row.customer_until = None if again else until
        event = CompanyBecameCustomer if isinstance(row, Company) else BecameCustomer
        return [(event(since=first.isoformat(), again=again), _moment(first))]

    return change_many(rows, begin, by=by)


def end_customer(rows: Iterable[Any], *, until: dt.date | None = None, reason: str = "", by: Actor) -> int:
    """They are customers no more from that day, default today; who is none stays as they are. Returns how many this
    changed. Raises Invalid for a day before they became one."""
    last = until or timezone.localdate()

    def end(row: Any) -> Any:
        if row.customer_since is None or row.customer_until == last:
            return []
        row.customer_until = last
        event = CompanyLeft if isinstance(row, Company) else StoppedBeingCustomer
        return [(event(until=last.isoformat(), reason=reason), _moment(last))]

    return change_many(rows, end, by=by)


def unsay_customer(rows: Iterable[Any], *, reason: str = "", by: Actor) -> int:
    """They are no customers after all, since what had made them some is not so: both days go. Returns how many changed."""

    def forget(row: Any) -> Any:
        if row.customer_since is None:
            return []
        row.customer_since = row.customer_until = None
        return [(CompanyLeft if isinstance(row, Company) else StoppedBeingCustomer)(reason=reason)]

    return change_many(rows, forget, by=by)


def _moment(day: dt.date) -> dt.datetime:
    """When the story tells it: at noon of that day, never in the future."""
    noon = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
    return min(noon, timezone.now())


def _by_hand(name: str) -> tuple[Any, Any]:
    def begin(row: Any, *, since: Since = None, by: Actor) -> Any:
        """They buy from us, from that day."""
        become_customer([row], since=since, by=by)
        return type(row)._default_manager.get(pk=row.pk)

    def end(
        row: Any, *, until: Until = None, reason: Annotated[str, Text(500), _("Reason")] = "", by: Actor
    ) -> Any:  # fmt: skip
        """They buy from us no more; the days stay in the story."""
        if row.customer_since is None:
            raise Invalid(__("%s is no customer.") % row, "until")
        end_customer([row], until=until, reason=reason, by=by)
        return type(row)._default_manager.get(pk=row.pk)

    edits = f"{name}.edit"
    return (
        action(f"{name}.become_customer", needs=edits, label=_("Became a customer"), icon="check", many=True,
               applies=lambda row: not is_customer(row), done=_("{row} is a customer"))(begin),
        action(f"{name}.end_customer", needs=edits, label=_("Is a customer no more"), icon="x", many=True,
               applies=is_customer, done=_("Noted"))(end),
    )  # fmt: skip


BY_HAND = {name: _by_hand(name) for name in ("company", "person")}
