"""What stops a sequence at once, in the transaction in which it happens: a reply, a meeting, an opt-out, a step onward.
It stops whole, so that neither a mail nor a call or a task follows.

Rooms above are heard by the verbs of their events; nothing of them is imported.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.engagement.enrolling import stop
from kith.engagement.goals import reached_by_event
from kith.engagement.models import GOING, Enrolment, Outcome, Step
from kith.engagement.tracking.listening import about_tracking
from kith.kernel.access.actor import Actor, system
from kith.kernel.mail.models import Reason, Suppressed
from kith.kernel.mail.suppression import sentence
from kith.kernel.timeline.write import Entry

STOPS: dict[str, tuple[str, Any]] = {
    "mail.received": (Outcome.REPLIED, _("They wrote to us.")),
    "activity.met": (Outcome.MET, _("A meeting took place.")),
    "activity.planned": (Outcome.MET, _("A meeting was made.")),
    "meeting.booked": (Outcome.MET, _("They booked a meeting.")),
    "person.consent_withdrawn": (Outcome.OPTED_OUT, _("They withdrew their consent.")),
    "journey.moved": (Outcome.MOVED, _("The relationship moved on.")),
    "journey.closed": (Outcome.MOVED, _("The relationship ended.")),
    "person.archived": (Outcome.ARCHIVED, _("They were put away.")),
    "mail.bounced": (Outcome.BOUNCED, _("A mail to them came back.")),
    "mail.complained": (Outcome.OPTED_OUT, _("They called a mail unwanted.")),
    "mailing.bounced": (Outcome.BOUNCED, _("A mail to them came back.")),
    "mailing.complained": (Outcome.OPTED_OUT, _("They called a mail unwanted.")),
}
SUPPRESSED = frozenset({"suppressed.created", "suppressed.restored"})  # an address that is written to no more
OF_COMPANY = frozenset({"journey.moved", "journey.closed"})  # that which concerns a company concerns everybody there
ONWARD = (Outcome.MET, Outcome.MOVED)  # what a goal is mostly made of
# What we do ourselves brings a relationship on too; that is no reason to stop, or the first mail would be the last.
OUR_OWN = frozenset({"mail.written", "mail.sent", "activity.called", "activity.planned", "person.captured"})


def handles(verb: str) -> bool:
    return verb in STOPS or verb in SUPPRESSED


def hear(entries: list[Entry], by: Actor) -> None:
    """Stop those whom these events concern. One query where nobody of them is in a sequence."""
    _silence({e.record_id: e for e in entries if _verb(e) in SUPPRESSED}, by)
    told = [e for e in entries if _verb(e) in STOPS and _counts(e)]
    people = {pk for e in told for name, pk in _refs(e) if name == "person"}
    companies = {pk for e in told if _verb(e) in OF_COMPANY for name, pk in _refs(e) if name == "company"}
    if not people and not companies:
        return
    rows = Enrolment.objects.filter(
        Q(person__in=people) | Q(person__company__in=companies), state__in=GOING, archived_at__isnull=True
    )
    for row in rows.select_related("person", "owner").order_by("pk"):
        event = next(e for e in told if _concerns(e, row))
        outcome, why = STOPS[_verb(event)]
        actor = dataclasses.replace(system(cause=event.id), operation=by.operation)
        _note(row, outcome)
        goal = reached_by_event(row) if outcome in ONWARD else ""
        stop(row, Outcome.GOAL if goal else outcome, goal or __(str(why)), by=actor, on=_verb(event))


def _silence(told: dict[int, Entry], by: Actor) -> None:
    """Stop whoever has an address that is suppressed from now on, whether a colleague or a machine said so."""
    if not told:
        return
    reasons = {row.address: row for row in Suppressed.objects.filter(pk__in=told)}
    rows = Enrolment.objects.annotate(address=Lower("person__email")).filter(
        address__in=reasons, state__in=GOING, archived_at__isnull=True
    )
    for row in rows.select_related("person").order_by("pk"):
        cause = reasons[row.address]
        outcome = Outcome.BOUNCED if cause.reason == Reason.BOUNCED else Outcome.OPTED_OUT
        actor = dataclasses.replace(system(cause=told[cause.pk].id), operation=by.operation)
        stop(row, outcome, sentence(cause), by=actor, on=_verb(told[cause.pk]))


def _verb(entry: Entry) -> str:
    return entry.says.verb_for(entry.record)


def _counts(entry: Entry) -> bool:
    """A task is no meeting, what may still arrive did not come back, and a step onward is theirs, not ours."""
    verb = _verb(entry)
    if verb == "journey.moved":
        return getattr(entry.says, "on", "") not in OUR_OWN
    if verb == "person.consent_withdrawn":
        return not about_tracking(entry.says)  # they may be written to as before
    if verb == "activity.planned":
        return getattr(entry.says, "kind", "") == "meeting"
    return verb not in ("mail.bounced", "mailing.bounced") or getattr(entry.says, "hard", True)


def _refs(entry: Entry) -> set[tuple[str, int]]:
    return {(entry.record, entry.record_id), *entry.about}


def _concerns(entry: Entry, row: Enrolment) -> bool:
    refs = _refs(entry)
    company = ("company", row.person.company_id) in refs and _verb(entry) in OF_COMPANY
    return ("person", row.person_id) in refs or company


def _note(row: Enrolment, outcome: str) -> None:
    """The answer, or the return, belongs to the mail that was sent last."""
    field = {Outcome.REPLIED: "replied", Outcome.BOUNCED: "bounced"}.get(Outcome(outcome))
    last = Step.objects.filter(enrolment=row, do="mail").order_by("-position").first() if field else None
    if last is not None and field is not None:
        setattr(last, field, True)
        last.save(update_fields=[field])
