"""Leads that nobody answered in time: passed on to the next one, or told to whoever the rule names.

The clock counts business time of the rule's calendar, begins with the assignment and ends with what a colleague really did.
Where the rule says nothing about leads that nobody answers, it runs on, and they are shown as late until somebody does.
Whoever had the lead before is not given it again; when nobody is left, it is told instead, so that it is never silent.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.queries import managers
from kith.kernel.timeline.change import change
from kith.qualification import events
from kith.qualification.assigning.choosing import Choosing
from kith.qualification.assigning.deciding import Dealt, carry_out, in_a_row, stop
from kith.qualification.assigning.telling import FEW, tell_late
from kith.qualification.models import Decision, Kind, Late

BATCH = 200


def sweep(now: dt.datetime | None = None) -> int:
    """Act on every clock that ran out; returns how many. Each is a transaction, and running it twice finds nothing left."""
    now = now or timezone.now()
    late = Decision.objects.filter(due_at__lte=now, stopped_at__isnull=True, archived_at=None)
    elsewhere = Q(person__archived_at__isnull=False) | ~Q(person__owner_id=F("user_id"))
    asked = late.filter(Q(rule__when_late__in=[Late.REASSIGN, Late.ESCALATE]) | elsewhere)
    pks = list(asked.order_by("due_at").values_list("pk", flat=True)[:BATCH])
    along = f"{now:%Y-%m-%dT%H}" if len(pks) > FEW else ""  # many at once are told of together
    return sum(_act(pk, now, along) for pk in pks)


@transaction.atomic
def _act(pk: int, now: dt.datetime, along: str) -> int:
    in_a_row()
    rows = Decision.objects.select_for_update(of=("self",)).select_related("person", "rule", "user")
    decision = rows.filter(pk=pk, stopped_at__isnull=True, archived_at=None).first()
    if decision is None:
        return 0
    by = system()
    rule = decision.rule
    if decision.person.archived_at or decision.person.owner_id != decision.user_id:
        stop(decision, _("it is with somebody else, or put away"), now, by)
        return 1
    if rule is None or not rule.when_late:
        return 0
    if rule.when_late == Late.REASSIGN and _pass_on(decision, now, by, along):
        return 1
    _escalate(decision, now, by, along)
    return 1


def _pass_on(decision: Decision, now: dt.datetime, by: Actor, along: str) -> bool:
    """To the next one who has not had it yet; False when nobody is left."""
    chain = Decision.objects.filter(person=decision.person, user__isnull=False, archived_at=None)
    had = frozenset(chain.values_list("user_id", flat=True))
    choosing = Choosing([decision.person_id], now)
    made = choosing.of(decision.person_id, had)
    if made.user is None:
        return False
    choosing.roster.give(made.candidates, made.user.pk)
    choosing.roster.keep()
    stop(decision, _("nobody answered in time"), now, by)
    why = _("nobody answered within %s") % (decision.rule.answer_within if decision.rule else "")
    carry_out([Dealt(decision.person, made, decision.rounds + 1, why)], Kind.REASSIGNED, now=now, by=by, along=along)
    return True


def _escalate(decision: Decision, now: dt.datetime, by: Actor, along: str) -> None:
    """Say it to whoever the rule names, else to every manager; the lead stays with whom it was given to."""
    stop(decision, _("nobody answered in time"), now, by)
    rule = decision.rule
    named = rule.escalate_to if rule is not None else None
    who = [named] if named else list(managers(administrators=True))
    names = ", ".join(str(user) for user in who) or _("nobody")
    told = Decision(
        person=decision.person, kind=Kind.ESCALATED, user=decision.user, previous=decision.user, rule=rule,
        rounds=decision.rounds, created_at=now, why=_("nobody answered in time; told %s") % names, stopped_at=now,
    )  # fmt: skip
    with change(told, by=by) as d:
        d.says(events.LeadEscalated(names))
    tell_late(d.row, who, by, along=along)
