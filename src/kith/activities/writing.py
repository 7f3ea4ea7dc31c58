"""What is written on a record page: note, e-mail, call, meeting, task. The first parameter is the page's own row."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities import actions
from kith.activities.mail import answerable, answers_to, write_mail
from kith.activities.models import Activity, ActivityKind, Message
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Bool, Colleague, Duration, Emails, Integer, LongText, Moment, Text
from kith.kernel.records.action import GIVEN, action
from kith.kernel.records.registry import registry

SOON = dt.timedelta(minutes=1)


def links(row: Any) -> dict[str, Any]:
    """What an entry about `row` is about: the row itself, a deal's contact, a person's company."""
    record = registry.by_model(type(row))
    assert record is not None
    found: dict[str, Any] = {record.name: row}
    if record.name == "deal" and row.contact_id:
        found["person"] = row.contact
    return found


def is_open(row: Any) -> bool:
    return row.archived_at is None


@action(
    "activity.write_note", needs="activity.create", label=_("Note"), icon="note", done=_("Note saved."), applies=is_open
)
def write_note(row: Any, *, body: Annotated[str, LongText(), _("Note")], by: Actor) -> Activity:
    return actions.create({"kind": ActivityKind.NOTE, "body": body, **links(row)}, by=by)


@action(
    "activity.log_call", needs="activity.create", label=_("Call"), icon="phone", done=_("Call logged."), applies=is_open
)
def log_call(
    row: Any,
    *,
    body: Annotated[str, LongText(), _("What was said")],
    minutes: Annotated[int | None, Duration(), _("Minutes")] = None,
    incoming: Annotated[bool, Bool(), _("They called")] = False,
    when: Annotated[dt.datetime | None, Moment(), _("When, if not just now")] = None,
    by: Actor,
) -> Activity:
    return _talked(ActivityKind.CALL, row, body, minutes, when, by, incoming=incoming)


@action(
    "activity.log_meeting",
    needs="activity.create",
    label=_("Meeting"),
    icon="calendar",
    done=_("Meeting saved."),
    applies=is_open,
)
def log_meeting(
    row: Any,
    *,
    body: Annotated[str, LongText(), _("What was agreed")] = "",
    subject: Annotated[str, Text(300), _("Subject")],
    when: Annotated[dt.datetime | None, Moment(), _("When")] = None,
    minutes: Annotated[int | None, Duration(), _("Minutes")] = None,
    location: Annotated[str, Text(300), _("Place")] = "",
    by: Actor,
) -> Activity:
    """A meeting ahead is planned, one in the past is logged."""
    if when is not None and when > timezone.now() + SOON:
        values = {
            "kind": ActivityKind.MEETING,
            "subject": subject,
            "body": body,
            "due_at": when,
            "minutes": minutes,
            "location": location,
        }
        return actions.create({**values, **links(row)}, by=by)
    return _talked(ActivityKind.MEETING, row, body, minutes, when, by, subject=subject, location=location)


def _talked(
    kind: str, row: Any, body: str, minutes: int | None, when: dt.datetime | None, by: Actor, **more: Any
) -> Activity:
    at = when or timezone.now()
    if at > timezone.now() + SOON:
        raise Invalid(__("That is in the future; plan it as a task or a meeting instead."), "when")
    values = {"kind": kind, "body": body, "due_at": at, "done_at": at, "minutes": minutes, **more}
    return actions.create({**values, **links(row)}, by=by, at=at)


@action(
    "activity.plan_task",
    needs="activity.create",
    label=_("Task"),
    icon="check",
    done=_("It is on the list."),
    applies=is_open,
)
def plan_task(
    row: Any,
    *,
    body: Annotated[str, LongText(), _("Details")] = "",
    subject: Annotated[str, Text(300), _("What")],
    due: Annotated[dt.datetime | None, Moment(), _("When")] = None,
    owner: Annotated[Any, Colleague(), _("Who")] = None,
    by: Actor,
) -> Activity:
    values: dict[str, Any] = {"kind": ActivityKind.TASK, "subject": subject, "body": body, "due_at": due}
    if owner is not None:
        values["owner"] = owner
    return actions.create({**values, **links(row)}, by=by)


@action(
    "activity.write_mail",
    needs="activity.create",
    label=_("E-mail"),
    icon="mail",
    undo=False,
    done=_("The mail is on its way, or in the outbox."),
    applies=is_open,
)
def compose_mail(
    row: Any,
    *,
    body: Annotated[str, LongText(), _("Message")],
    subject: Annotated[str, Text(300), _("Subject")],
    to: Annotated[list[dict[str, str]], Emails(), _("To, if not their main address")] = (),  # type: ignore[assignment]
    answers: Annotated[int | None, Integer(), GIVEN, _("Answers the message")] = None,
    by: Actor,
) -> Message:
    """To the row's main address unless others are given; a deal writes to its contact. An answer goes to whoever wrote,
    and stands in their conversation."""
    answered = answerable(row, answers, by) if answers else None
    person = links(row).get("person")
    main = getattr(row, "email", "") or getattr(person, "email", "")
    if answered is not None:
        main = answers_to(answered) or main
    addresses = [e["value"] for e in to] or ([main] if main else [])
    if not addresses:
        raise Invalid(__("No e-mail address is known here; write one under “To”."), "to")
    return write_mail(row, to=addresses, subject=subject, text=body, by=by, answers=answered)
