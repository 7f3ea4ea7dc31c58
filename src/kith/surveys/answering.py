"""Answers: one for each time somebody was asked. A low one is followed up by a colleague, within the time that was said."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities import actions as activities
from kith.kernel.access.actor import Actor, system
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.span import parse_span
from kith.kernel.errors import Invalid
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry
from kith.kernel.text import brief, clean_text
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry, write_events
from kith.surveys.asking import about_of
from kith.surveys.events import LoopClosed, SurveyAnswered, SurveyCommented, SurveyForwarded
from kith.surveys.links import closed
from kith.surveys.models import Band, Loop, Response, ResponseState

LONGEST = 4_000  # characters of a comment


def answer(row: Response, score: int, comment: str = "", *, by: Actor | None = None) -> Response:
    """Keep an answer, or change it within its day. Raises Invalid for a score that is not on the scale, and once it is
    closed. What somebody answers to several mails are several answers."""
    scale = row.survey.scale
    if score not in scale.scores:
        raise Invalid(
            _("Choose a number from %(low)s to %(high)s.") % {"low": scale.bottom, "high": scale.top}, "score"
        )
    by = by or _them(row)
    with transaction.atomic():
        with change(row, by=by) as c:
            if why := closed(c.row):
                raise Invalid(why)
            words = clean_text(comment).strip()[:LONGEST]
            told = c.row.state == ResponseState.ANSWERED and c.row.score == score
            if told and c.row.comment == words:
                return c.row
            c.row.state, c.row.score, c.row.band = ResponseState.ANSWERED, score, scale.band(score)
            c.row.answered_at = c.row.answered_at or timezone.now()
            c.row.comment = words
        _tell(c.row, by, told)
        _loop(c.row)
    c.row.refresh_from_db()
    return c.row


def _them(row: Response) -> Actor:
    """Who answers: the person who was asked."""
    return system("web", name=(row.person.name if row.person is not None else row.address)[:200])


def _tell(row: Response, by: Actor, told: bool) -> None:
    """A score is told once; what they write to it afterwards is told as that."""
    if row.person_id is None or (told and not row.comment):
        return
    if told:
        wrote = SurveyCommented(row.survey.name, brief(row.comment, 200), row.pk)
        write_events([Entry("person", row.person_id, wrote, about=about_of(row))], by)
        return
    about = [row.record, row.record_id] if row.record and row.record_id else []
    words = f": “{brief(row.comment, 200)}”" if row.comment else ""
    says = SurveyAnswered(
        row.survey.name, row.survey.kind, row.score or 0, row.survey.scale.top, row.band, about, row.pk, words
    )
    write_events([Entry("person", row.person_id, says, about=about_of(row))], by)


def _loop(row: Response) -> None:
    """A task with a clock for a low answer; one that is open goes, if they changed their mind before anybody came to it, and
    comes again with them."""
    open_task = row.task if row.task is not None and row.task.done_at is None else None
    if row.band != Band.LOW:
        if row.loop == Loop.OPEN:
            close_loop(row, _("They changed their answer to %s.") % row.said, by=system())
            if open_task is not None:
                records.archive(registry["activity"], open_task, by=system())
        return
    if row.loop == Loop.OPEN and open_task is not None and open_task.body != row.comment:
        records.edit(registry["activity"], open_task, {"body": row.comment}, by=system())
    if row.loop and not (row.loop == Loop.CLOSED and open_task is not None):  # a colleague came to it
        return
    now = timezone.now()
    due = parse_span(row.survey.follow_within).after(now, calendar_of())
    values = {
        "kind": "task", "subject": _("Follow up %(score)s from %(who)s") % {"score": row.said, "who": row.person or row.address},
        "body": row.comment, "due_at": due, "priority": "high", "person": row.person, "company": row.company,
        "owner": looks_after(row),
    }  # fmt: skip
    task = activities.create(values, by=system())
    with change(row, by=system()) as c:
        c.row.loop, c.row.loop_due_at, c.row.loop_closed_at, c.row.outcome, c.row.task = Loop.OPEN, due, None, "", task
        c.row.owner = task.owner


def looks_after(row: Response) -> Any:
    """Who follows a low answer up: who looks after what it was about (the ticket), else after the person, else their company,
    else after the survey. Only colleagues who work here."""
    about = None
    if row.record in registry and row.record_id:
        about = registry[row.record].model._default_manager.filter(pk=row.record_id).first()
    for one in (about, row.person, row.company, row.survey):
        owner = getattr(one, "owner", None)
        if owner is not None and owner.is_active:
            return owner
    return None


def close_loop(row: Response, outcome: str, *, by: Actor) -> Response:
    """It was followed up, with what came of it; a second time says nothing new."""
    by = dataclasses.replace(by, role="system")
    with transaction.atomic():
        with change(row, by=by) as c:
            if c.row.loop != Loop.OPEN:
                return c.row
            now = timezone.now()
            c.row.loop, c.row.loop_closed_at, c.row.outcome = Loop.CLOSED, now, outcome.strip()[:300]
        late = row.loop_due_at is not None and now > row.loop_due_at
        if row.person_id is not None:
            says = LoopClosed(row.survey.name, c.row.outcome or _("done"), late, row.pk)
            write_events([Entry("person", row.person_id, says, about=about_of(row))], by)
    return c.row


def passed_on(row: Response, words: str) -> None:
    """Somebody else has the link and says so: their words stand on the story, and count as no answer. Raises Invalid."""
    words = clean_text(words).strip()[:LONGEST]
    if not words:
        raise Invalid(_("Write what you want to tell us; a number counts only from the person we asked."), "comment")
    if why := closed(row):
        raise Invalid(why)
    if row.person_id is not None:
        says = SurveyForwarded(row.survey.name, brief(words, 500), row.pk)
        write_events(
            [Entry("person", row.person_id, says, about=about_of(row))], system("web", name=_("Somebody else"))
        )
