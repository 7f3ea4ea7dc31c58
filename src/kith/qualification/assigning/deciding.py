"""Carrying a choice out: the owner, the log, the turn that is paid for, the clock. One transaction, one lead at a time.

Choosing within one basket is put in a row by a lock that ends with the transaction, so that two leads that arrive together
never see the same credits.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import notify
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.models import Role, User
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.span import parse_span
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.turns import settled
from kith.qualification import events
from kith.qualification.assigning.candidates import credits
from kith.qualification.assigning.choosing import Choice, choose
from kith.qualification.models import AssignmentRule, Decision, Kind, Turn

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('kith.assigning', 0))"


@transaction.atomic
def assign(person: int, *, now: dt.datetime | None = None, by: Actor | None = None) -> Decision | None:
    """Give a person without owner to somebody; None when they have an owner or are gone. Running it twice changes nothing."""
    now, by = now or timezone.now(), by or system()
    in_a_row()
    row = _waiting(person)
    if row is None:
        return None
    return carry_out(row, choose(row.pk, now), Kind.ASSIGNED, now=now, by=by)


def _waiting(person: int) -> Any:
    rows = registry["person"].rows(system(), archived=False)
    return rows.select_for_update(of=("self",)).filter(pk=person, owner__isnull=True).first()


def in_a_row() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK)


def carry_out(
    person: Any, made: Choice, kind: str, *, now: dt.datetime, by: Actor, rounds: int = 0, why: str = ""
) -> Decision:
    """Write what was chosen: the new owner and the decision that tells of it."""
    if made.user is None:
        return _unrouted(person, made, now=now, by=by)
    before = person.owner
    with change(person, by=by) as c:
        c.row.owner = made.user
    _company_too(person.company, before if kind == Kind.REASSIGNED else None, made.user, by)
    _pay(made)
    decision = Decision(
        person=c.row, kind=kind, user=made.user, previous=before, rule=made.rule, why=why or made.why,
        candidates=made.candidates.told, passed=made.passed, rounds=rounds, created_at=now, due_at=due(made.rule, now),
    )  # fmt: skip
    name = made.rule.name if made.rule else ""
    with change(decision, by=by) as d:
        if before is None:
            d.says(events.LeadAssigned(str(made.user), name))
        else:
            d.says(events.LeadReassigned(str(made.user), str(before), why))
    _tell(made.user, _("A new lead for you: %s") % c.row, f"assigned:{d.row.pk}", c.row.pk, by)
    return d.row


def _company_too(company: Any, before: User | None, user: User, by: Actor) -> None:
    """Their company goes with them while nobody else looks after it: the relationship is the company's."""
    if company is None or company.archived_at is not None or company.owner_id not in (None, before and before.pk):
        return
    with change(company, by=by) as c:
        c.row.owner = user


def _pay(made: Choice) -> None:
    """Credit everybody who could have taken it, and let who took it pay."""
    found = made.candidates
    if not found.basket or made.user is None or made.user.pk not in found.shares:
        return
    owed = settled(found.shares, credits(found.basket), made.user.pk)
    for pk, credit in owed.items():
        Turn.objects.update_or_create(basket=found.basket, user_id=pk, defaults={"credit": credit})
    Turn.objects.filter(basket=found.basket, user=made.user).update(dealt=F("dealt") + 1)


def due(rule: AssignmentRule | None, start: dt.datetime) -> dt.datetime | None:
    """When somebody must have answered, on the clock of the rule's calendar."""
    if rule is None or not rule.answer_within:
        return None
    return parse_span(rule.answer_within).after(start, calendar_of(rule.calendar_id))


def _unrouted(person: Any, made: Choice, *, now: dt.datetime, by: Actor) -> Decision:
    """Nobody was found: said on the lead, on the list, and to everybody who can mend it."""
    last = Decision.objects.filter(person=person).order_by("-pk").first()
    if last is not None and last.kind == Kind.UNROUTED and last.stopped_at is None:
        return last
    decision = Decision(
        person=person, kind=Kind.UNROUTED, why=made.why, passed=made.passed, previous=person.owner, created_at=now
    )
    with change(decision, by=by) as d:
        d.says(events.LeadUnrouted(made.why))
    who = User.objects.filter(is_active=True, role__in=[Role.ADMINISTRATOR, Role.MANAGER])
    words = _("Nobody looks after %(lead)s: %(why)s") % {"lead": person, "why": made.why}
    notify(who, words, kind="lead", key=f"unrouted:{d.row.pk}", by=by, about=("person", person.pk), mail=True)
    return d.row


def _tell(user: User, words: str, key: str, person: int, by: Actor) -> None:
    notify([user], words, kind="lead", key=key, by=by, about=("person", person), mail=True)


def stop(decision: Decision, how: str, now: dt.datetime, by: Actor) -> None:
    """End the clock of a decision: somebody answered, or it is somebody else's now."""
    with change(decision, by=by) as d:
        if d.row.stopped_at is None:
            d.row.stopped_at, d.row.stopped_by = now, how[:200]
            d.says(events.LeadClockStopped(how))
