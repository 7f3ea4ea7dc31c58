"""References go one way: proposed, asked, agreed, drafted, approved, published, and over one day. What is skipped is refused
in words. Nobody is asked or called too often.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.advocacy import events, limits
from kith.advocacy.models import Asked, Call, Reference, ReferenceKind, ReferenceState
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change

HOLDS = dt.timedelta(days=730)
OPEN = (
    ReferenceState.PROPOSED,
    ReferenceState.ASKED,
    ReferenceState.AGREED,
    ReferenceState.DRAFT,
    ReferenceState.APPROVED,
)


def of_customer(row: Reference) -> Q:
    """References of the same customer: of the company, else of the person."""
    return Q(company=row.company_id) if row.company_id else Q(person=row.person_id)


def tired(row: Reference) -> str:
    """Why this customer is not asked now; "" where they may be."""
    if row.person_id is None and row.company_id is None:
        return ""
    today = timezone.localdate()
    others = Reference.objects.filter(of_customer(row), asked_on__isnull=False, archived_at=None).exclude(pk=row.pk)
    asked = {day: name for day, name in others.order_by("pk").values_list("asked_on", "name") if day is not None}
    if (last := limits.near(Asked.REFERENCE, asked, today)) is not None:
        return _("This customer was asked on %(day)s (%(what)s); they are left alone for %(days)s days.") % {
            "day": f"{last:%Y-%m-%d}", "what": asked[last], "days": limits.limit_of(Asked.REFERENCE).rest}  # fmt: skip
    if (n := limits.full(Asked.REFERENCE, asked, today)) is not None:
        return _("This customer was asked for %s references within a year, which is as many as we ask for.") % n
    return limits.had_enough(row.person_id, today)


def no_more_calls(row: Reference, on: dt.date) -> str:
    """Why this customer takes no reference call on that day; "" where they do."""
    calls = Call.objects.filter(reference__in=Reference.objects.filter(of_customer(row)))
    days = list(calls.values_list("on", flat=True))
    if limits.near(Asked.CALL, days, on) is not None:
        rest = limits.limit_of(Asked.CALL).rest
        return _("This customer had a reference call within %s days; somebody else may speak for us.") % rest
    if (n := limits.full(Asked.CALL, days, on)) is not None:
        return _("This customer had %s reference calls within a year, which is as many as we ask for.") % n
    return limits.had_enough(row.person_id, on)


def move(row: Reference, to: str, *, by: Actor, needs: tuple[str, ...], **values: Any) -> Reference:
    """One step on. Raises Invalid where a step before is missing."""
    with change(row, by=by) as c:
        if c.row.state not in needs:
            raise Invalid(_("“%(name)s” is %(now)s; that comes before or after this step.") % {
                "name": c.row, "now": c.row.get_state_display().lower()})  # fmt: skip
        c.row.state = to
        for key, value in values.items():
            setattr(c.row, key, value)
        c.says(events.ReferenceMoved(c.row.name, str(ReferenceState(to).label), to))
    return c.row


def expire(today: dt.date | None = None) -> int:
    """What held until yesterday holds no more; returns how many."""
    over = Reference.objects.filter(
        state=ReferenceState.PUBLISHED, expires_on__lt=today or timezone.localdate(), archived_at=None
    )
    rows = list(over.order_by("pk"))
    for row in rows:
        move(row, ReferenceState.EXPIRED, by=system(), needs=(ReferenceState.PUBLISHED,))
    return len(rows)


def propose(person: Any, why: str, *, by: Actor) -> Reference | None:
    """A colleague may ask this customer for something; None where one is open already, or they are tired of us."""
    row = Reference(
        name=_("A word of %s") % person, kind=ReferenceKind.QUOTE, person=person, company_id=person.company_id, why=why[:300],
        owner_id=person.owner_id, team_id=person.team_id,
    )  # fmt: skip
    there = Reference.objects.filter(of_customer(row), archived_at=None)
    if there.filter(state__in=OPEN).exists() or tired(row):
        return None
    with change(row, by=by):
        pass
    return row


def customers_record(row: Reference) -> tuple[Any, int] | None:
    """Whose page shows it: the company's, else the person's."""
    if row.company_id:
        return registry["company"], row.company_id
    return (registry["person"], row.person_id) if row.person_id else None
