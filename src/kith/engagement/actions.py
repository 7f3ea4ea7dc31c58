"""What people do with sequences: publish a version, enrol somebody, pause, resume, stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from django.db import transaction
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.engagement import enrolling
from kith.engagement.checking import faults_of
from kith.engagement.events import SequencePublished
from kith.engagement.models import GOING, Enrolment, EnrolmentState, Outcome, Sequence, SequenceVersion
from kith.kernel.access.actor import Actor
from kith.kernel.errors import InvalidMany, KithError
from kith.kernel.kinds import Link, Text
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change


@action("sequence.publish", needs="sequence.edit", label=_("Publish"), icon="check", undo=False,
        done=_("Published. Those who are in it stay on their version."),
        applies=lambda s: bool(s.draft) and s.archived_at is None)  # fmt: skip
def publish(sequence: Sequence, *, by: Actor) -> Sequence:
    """The draft becomes the version that those enrolled from now on follow. Raises InvalidMany with every fault."""
    with change(sequence, by=by) as c:
        if faults := faults_of(c.row.draft, by):
            raise InvalidMany({"": faults})
        last = SequenceVersion.objects.filter(sequence=c.row).order_by("-number").first()
        if last is not None and last.document == c.row.draft:
            return c.row
        c.row.number = last.number + 1 if last else 1
        SequenceVersion.objects.create(sequence=c.row, number=c.row.number, document=c.row.draft, author_id=by.user_id)
        c.says(SequencePublished(c.row.number))
    return c.row


def _enrol_many(
    rows: list[Any], *, sequence: Any, by: Actor, refused: Callable[[Any, Exception], None] | None = None
) -> int:
    """Each of them, or why not; returns how many."""
    count = 0
    for person in rows:
        try:
            with transaction.atomic():
                enrolling.enrol(person, sequence, by=by)
            count += 1
        except KithError as problem:
            if refused is None:
                raise
            refused(person, problem)
    return count


@action("person.enrol", needs="activity.create", label=_("Enrol in a sequence"), icon="play", many=_enrol_many,
        applies=lambda p: p.archived_at is None,
        done=_("{row} is enrolled; the first step follows in a minute."))  # fmt: skip
def enrol(person: Any, *, sequence: Annotated[Any, Link("sequence"), _("Sequence")], by: Actor) -> Enrolment:
    """Into the version in use. Somebody is in one sequence at a time."""
    return enrolling.enrol(person, sequence, by=by)


def _goes(row: Any) -> bool:
    return row.state in GOING and row.archived_at is None


@action("enrolment.pause", needs="enrolment.edit", label=_("Pause"), icon="pause", many=True,
        applies=lambda e: _goes(e) and e.state == EnrolmentState.ACTIVE, done=_("{row} rests."))  # fmt: skip
def pause(enrolment: Enrolment, *, by: Actor) -> Enrolment:
    """It stays where it stands until it is resumed; what stops a sequence still stops it."""
    return enrolling.pause(enrolment, __("Paused by %s.") % by.name, by=by)


@action("enrolment.resume", needs="enrolment.edit", label=_("Let it go on"), icon="play", many=True,
        applies=lambda e: _goes(e) and e.state == EnrolmentState.PAUSED, done=_("{row} goes on."))  # fmt: skip
def resume(enrolment: Enrolment, *, by: Actor) -> Enrolment:
    return enrolling.resume(enrolment, by=by)


@action("enrolment.stop", needs="enrolment.edit", label=_("Stop"), icon="ban", many=True, applies=_goes,
        done=_("{row} is stopped."))  # fmt: skip
def stop(enrolment: Enrolment, *, why: Annotated[str, Text(200), _("Why")] = "", by: Actor) -> Enrolment:
    """No further step is done."""
    enrolling.stop(enrolment, Outcome.BY_HAND, why or __("Stopped by %s.") % by.name, by=by)
    enrolment.refresh_from_db()
    return enrolment
