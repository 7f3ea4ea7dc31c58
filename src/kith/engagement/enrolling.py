"""Putting somebody into a sequence, and taking them out: the one way each happens, whichever face asks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.engagement.events import Enrolled, SequenceEnded, SequencePaused, SequenceResumed, SequenceStopped
from kith.engagement.models import GOING, Enrolment, EnrolmentState, Outcome, Sequence
from kith.engagement.queries import definition_of, going_of, zone_of
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.mail.leaving import Receiver, withheld
from kith.kernel.steps import every_step
from kith.kernel.timeline.change import change

GRACE = dt.timedelta(
    minutes=1
)  # before the first step, so that an enrolment can be taken back before anything was sent


def enrol(person: Any, sequence: Sequence, *, by: Actor) -> Enrolment:
    """A new way through the version in use. Mails leave in the name of whoever enrols, else of who looks after the person.
    Raises Invalid, naming the sequence they are in already where there is one."""
    if person.archived_at is not None or sequence.archived_at is not None:
        raise Invalid(_("What is put away takes no part in sequences; bring it back first."))
    definition = definition_of(sequence.pk, sequence.number)
    if (other := going_of(person.pk)) is not None:
        raise Invalid(_("%(who)s is in the sequence “%(other)s” already; stop that one first.") % {
            "who": person.name, "other": other.sequence.name}, "sequence")  # fmt: skip
    owner_id = by.user_id or person.owner_id
    if owner_id is None:
        raise Invalid(_("Nobody looks after %s, so nobody could write to them.") % person.name)
    zone_of(person)
    if any(step["do"] == "mail" for _number, step in every_step(definition.steps)):
        _may_be_written_to(person)
    row = Enrolment(
        sequence=sequence, version_number=sequence.number or 0, person=person, owner_id=owner_id, team_id=min(by.team_ids, default=None), due_at=timezone.now() + GRACE,
    )  # fmt: skip
    with change(row, by=by) as c:
        c.says(Enrolled(sequence.name))
    return row


def _may_be_written_to(person: Any) -> None:
    if not person.email:
        raise Invalid(_("No e-mail address of %s is known, and this sequence writes mails.") % person.name, "sequence")
    if refused := withheld([Receiver(person.email, person.pk)]):
        raise Invalid(next(iter(refused.values())), "sequence")


def stop(row: Enrolment, outcome: str, why: str, *, by: Actor, on: str = "") -> None:
    """End it before its end. Once it has ended nothing more happens. on: the verb of the event that stopped it."""
    with change(row, by=by) as c:
        if c.row.state not in GOING:
            return
        c.row.state, c.row.outcome, c.row.why = EnrolmentState.STOPPED, outcome, why[:500]
        c.row.ended_at, c.row.due_at = timezone.now(), None
        c.says(SequenceStopped(c.row.sequence.name, outcome, why[:200], on))


def finish(row: Enrolment, *, by: Actor) -> None:
    """Its last step was done."""
    with change(row, by=by) as c:
        c.row.state, c.row.ended_at, c.row.due_at = EnrolmentState.DONE, timezone.now(), None
        c.says(SequenceEnded(c.row.sequence.name))


def pause(row: Enrolment, why: str, *, by: Actor) -> Enrolment:
    with change(row, by=by) as c:
        if c.row.state == EnrolmentState.ACTIVE:
            c.row.state, c.row.why = EnrolmentState.PAUSED, why[:500]
            c.says(SequencePaused(c.row.sequence.name, why[:200]))
    return c.row


def resume(row: Enrolment, *, by: Actor) -> Enrolment:
    """On from where it rested, at once where its moment has passed."""
    with change(row, by=by) as c:
        if c.row.state == EnrolmentState.PAUSED:
            c.row.state, c.row.why, c.row.tries = EnrolmentState.ACTIVE, "", 0
            c.row.due_at = max(c.row.due_at or timezone.now(), timezone.now())
            c.says(SequenceResumed(c.row.sequence.name))
    return c.row


def stop_before_merge(record: Any, keep: Any, others: list[Any], by: Actor) -> None:
    """Two who become one are in one sequence at most: that of the row that stays, else the one begun first."""
    if record.name != "person":
        return
    rows = list(
        Enrolment.objects.filter(
            person__in=[keep.pk, *(o.pk for o in others)], state__in=GOING, archived_at__isnull=True
        )
    )
    for row in sorted(rows, key=lambda r: (r.person_id != keep.pk, r.pk))[1:]:
        stop(row, Outcome.OTHER, _("They were merged with somebody who is in a sequence."), by=by)
