"""Verbs of activities: plan, log, note, finish, reopen, postpone; and what follows from every write (`settle`).

Creating and editing activities through any face ends here too (`ActivityRecord.create` and `edit`).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from dateutil.rrule import rrulestr
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities import events, touches
from kith.activities.later import later
from kith.activities.mentions import note_mentions
from kith.activities.models import Activity, ActivityKind, Attendee
from kith.activities.nextsteps import refresh, refs_of, waits
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.kinds import Moment, Text
from kith.kernel.records.action import action
from kith.kernel.records.actions import adopt, fill, put_values
from kith.kernel.timeline.change import change
from kith.kernel.timeline.types import EventType


def create(
    values: dict[str, Any], *, by: Actor, at: dt.datetime | None = None, attendees: list[Any] | None = None
) -> Activity:
    """A new activity from typed values; `done_at` given means it is logged, not planned. Raises InvalidMany."""
    from kith.activities.records import ActivityRecord

    row = Activity()
    fill(ActivityRecord, row, values, by=by)
    if row.kind == ActivityKind.NOTE and row.done_at is None:
        row.done_at = at or timezone.now()
    check(row)
    complete_links(row)
    with change(row, by=by, at=at or (row.done_at if row.done_at and row.done_at <= timezone.now() else None)) as c:
        adopt(c.row, by)
        c.says(said(c.row))
    for person in attendees or []:
        Attendee.objects.create(activity=row, **{"user" if person._meta.model_name == "user" else "person": person})
    return row


def edit(row: Activity, values: dict[str, Any], *, by: Actor, base: dict[str, Any] | None = None) -> Activity:
    """Change an activity; rows it was or is about get their next steps afresh."""
    from kith.activities.records import ActivityRecord

    with change(row, by=by) as c:
        put_values(ActivityRecord, c.row, values, base)
        check(c.row)
        complete_links(c.row)
    return c.row


def complete_links(row: Activity) -> None:
    """An activity about a person or deal is about their company too, unless another one was named."""
    for near in (row.deal, row.person):
        if row.company_id is None and near is not None and near.company_id is not None:
            known = type(near).company.is_cached(near)  # then nobody has to read it again to say its name
            row.company_id = near.company_id
            if known:
                row.company = near.company


def settle(pairs: list[tuple[Activity | None, Activity]], by: Actor) -> None:
    """What follows from written activities, whichever way they were written: next steps, last touch, mentions."""
    refresh(refs_of(*(a for pair in pairs for a in pair if waits(a))))
    touches.follow(pairs)
    for old, row in pairs:
        if "@" in row.body and (old is None or old.body != row.body):
            note_mentions(row, by=by)


def check(row: Activity) -> None:
    if row.repeat:
        try:
            rrulestr(row.repeat.removeprefix("RRULE:"), dtstart=timezone.now().replace(tzinfo=None))
        except (ValueError, TypeError, AttributeError):
            raise InvalidMany(
                {"repeat": [__("“%s” is not a repeat rule; write it like FREQ=WEEKLY;INTERVAL=2.") % row.repeat]}
            ) from None
        if row.due_at is None:
            raise InvalidMany({"due_at": [__("What repeats needs a first date.")]})


def said(row: Activity) -> EventType:
    if row.kind == ActivityKind.NOTE:
        return events.NoteWritten()
    if row.done_at is None:
        return events.TaskPlanned(subject=str(row), kind=row.kind, due=row.due_at.isoformat() if row.due_at else "")
    if row.kind == ActivityKind.CALL:
        return events.CallLogged(minutes=row.minutes, incoming=row.incoming)
    if row.kind == ActivityKind.MEETING:
        return events.MeetingLogged(subject=str(row), minutes=row.minutes)
    return events.ActivityDone(subject=str(row), kind=row.kind, outcome=row.outcome)


def _open(row: Any) -> bool:
    return row.done_at is None and row.archived_at is None


@action("activity.finish", needs="activity.edit", label=_("Done"), icon="check", key="Space", applies=_open, many=True)
def finish(
    activity: Activity,
    *,
    outcome: Annotated[str, Text(300), _("Outcome")] = "",
    next_subject: Annotated[str, Text(300), _("And next")] = "",
    next_due: Annotated[dt.datetime | None, Moment(), _("When")] = None,
    by: Actor,
) -> Activity:
    """Tick it off; what repeats opens again on its next date, and a next step may be set in the same breath."""
    with change(activity, by=by) as c:
        if c.row.done_at is not None:
            return c.row
        c.row.done_at = timezone.now()
        c.row.outcome = outcome or c.row.outcome
        told = (
            said(c.row)
            if c.row.kind != ActivityKind.TASK
            else events.ActivityDone(str(c.row), c.row.kind, c.row.outcome)
        )
        c.says(told)
    row: Activity = c.row
    if row.repeat and (due := next_date(row)):
        _follow(row, row.subject or row.body[:300], due, by, kind=row.kind, repeat=row.repeat)
    if next_subject or next_due:
        if not (next_subject and next_due):
            raise Invalid(
                __("A next step needs a few words and a date."), "next_due" if next_subject else "next_subject"
            )
        _follow(row, next_subject, next_due, by)
    return row


def _follow(row: Activity, subject: str, due: dt.datetime, by: Actor, **more: Any) -> None:
    links = {"person": row.person, "company": row.company, "deal": row.deal, "owner": row.owner}
    create({"subject": subject, "due_at": due, "kind": more.pop("kind", "task"), **links, **more}, by=by)


def next_date(row: Activity) -> dt.datetime | None:
    """The first date of the repeat rule after now, in the time zone that is active; None when the rule has ended."""
    assert row.due_at is not None
    start = timezone.localtime(row.due_at)
    rule = rrulestr(row.repeat.removeprefix("RRULE:"), dtstart=start.replace(tzinfo=None))
    found = rule.after(max(timezone.localtime().replace(tzinfo=None), start.replace(tzinfo=None)))
    return timezone.make_aware(found) if found else None


@action("activity.reopen", needs="activity.edit", label=_("Open again"), icon="undo",
        applies=lambda a: a.done_at is not None and a.kind != ActivityKind.NOTE, many=True)  # fmt: skip
def reopen(activity: Activity, *, by: Actor) -> Activity:
    with change(activity, by=by) as c:
        if c.row.done_at is None:
            return c.row
        c.row.done_at = None
        c.says(events.ActivityReopened(subject=str(c.row)))
    return c.row


@action("activity.postpone", needs="activity.edit", label=_("Later"), icon="clock", key="H", applies=_open, many=True,
        offers=lambda activity: {"due": later(activity)})  # fmt: skip
def postpone(activity: Activity, *, due: Annotated[dt.datetime, Moment(), _("Until")], by: Actor) -> Activity:
    """A new date for the same thing; how often it moved stays countable in its story."""
    with change(activity, by=by) as c:
        old = Moment().show(c.row.due_at) or __("no date")
        c.row.due_at = due
        c.says(events.Postponed(subject=str(c.row), old=old, new=Moment().show(due)))
    return c.row


def set_next_step(record: Any, row: Any, *, subject: str, due: dt.datetime | None, by: Actor) -> Activity:
    """The next step of a person, company or deal: a task for whoever sets it."""
    errors: dict[str, list[str]] = {}
    if not subject.strip():
        errors["subject"] = [__("Say in a few words what happens next.")]
    if due is None:
        errors["due"] = [__("A next step has a date.")]
    if errors:
        raise InvalidMany(errors)
    values: dict[str, Any] = {"subject": subject, "due_at": due, "kind": ActivityKind.TASK, record.name: row}
    if record.name == "deal" and getattr(row, "contact_id", None):
        values["person"] = row.contact
    return create(values, by=by)
