"""Asking: somebody is put down to be asked, and when the time has come a mail leaves, once.

Whoever cannot be asked (no address, no consent, resting) is kept as such with the reason; the contact budget only puts it
off. A question that the gates let through counts as outreach, like any mail a machine sends of its own accord.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.mail import is_configured
from kith.kernel.mail.clearing import Outreach
from kith.kernel.mail.leaving import try_to_leave
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry, write_events
from kith.surveys import sampling
from kith.surveys.events import SurveyAsked
from kith.surveys.letters import letter_to
from kith.surveys.models import Response, ResponseState, Survey

THROUGH = "survey"
GIVES_UP = dt.timedelta(days=14)  # a question so old is about nothing they remember
BATCH = 200


def put_down(
    survey: Survey,
    person: Any,
    *,
    by: Actor,
    due: dt.datetime | None = None,
    about: tuple[str, int] | None = None,
    event: UUID | None = None,
) -> Response:
    """Somebody is to be asked at `due`. `about`: the row it is about, besides the person; `event`: what it follows."""
    last = Response.objects.filter(person=person, state=ResponseState.ANSWERED).order_by("-answered_at")
    row = Response(
        survey=survey, person=person, company_id=person.company_id, address=person.email, language=person.language,
        record=about[0] if about else "", record_id=about[1] if about else None, event=event,
        due_at=due or timezone.now(), before=last.values_list("band", flat=True).first() or "",
        owner_id=person.owner_id, team_id=person.team_id,
    )  # fmt: skip
    with change(row, by=by):
        pass
    return row


def send_due(now: dt.datetime | None = None) -> int:
    """Ask everybody whose time has come; returns how many were asked. Running it twice at once asks nobody twice."""
    now = now or timezone.now()
    if not is_configured():
        return 0
    waiting = Response.objects.filter(state=ResponseState.WAITING, due_at__lte=now, archived_at=None)
    return sum(_send(pk, now) for pk in waiting.order_by("due_at").values_list("pk", flat=True)[:BATCH])


def _send(pk: int, now: dt.datetime) -> int:
    """Raises OSError when the server takes nothing now, so that it is tried again. Whom alone it refuses is left out with its
    words, or put off where it may take them later, and keeps nobody waiting."""
    with transaction.atomic():
        rows = Response.objects.select_for_update(of=("self",), skip_locked=True).select_related("survey", "person")
        row = rows.filter(pk=pk, state=ResponseState.WAITING).first()
        if row is None:
            return 0
        why = _refusal(row, now)
        if why:
            _leave_out(row, why)
            return 0
        outreach = Outreach(THROUGH, row.survey.name, "response", row.pk)
        how = {"purpose": row.survey.purpose, "person": row.person_id, "automatic": True, "outreach": outreach}
        kept = try_to_leave(letter_to(row), now=now, **how)
        if kept is None:
            asked(row, now)
            return 1
        if kept.until is None:
            _leave_out(row, kept.why)
        else:
            Response.objects.filter(pk=pk).update(due_at=kept.until)
    return 0


def _refusal(row: Response, now: dt.datetime) -> str:
    """Why they are not asked after all; "" where they are."""
    person, survey = row.person, row.survey
    if not survey.active or survey.archived_at is not None:
        return _("The survey stopped before it was their turn.")
    if person is None or person.archived_at is not None:
        return _("They are archived.")
    if not person.email:
        return _("They have no e-mail address.")
    if row.due_at is not None and now - row.created_at > GIVES_UP and now - row.due_at < GIVES_UP:
        return _("They heard from us often enough until it was too late to ask.")
    if now - (row.due_at or now) > GIVES_UP:
        return _("It was too late to ask.")
    others = Response.objects.filter(person=person).exclude(pk=row.pk)
    since = now - dt.timedelta(days=survey.rest_days)
    if survey.rest_days and others.filter(asked_at__gt=since).exclude(state=ResponseState.UNASKED).exists():
        return _("They were asked within the last %s days.") % survey.rest_days
    return ""


def _leave_out(row: Response, why: str) -> None:
    with change(row, by=system()) as c:
        c.row.state, c.row.why = ResponseState.UNASKED, why[:300]


def asked(row: Response, at: dt.datetime, *, by: Actor | None = None) -> None:
    """It has left, or was asked in person: the row says so, and the person's story."""
    by = by or system()
    with change(row, by=by) as c:
        c.row.state, c.row.asked_at = ResponseState.ASKED, at
        c.row.address = row.person.email if row.person is not None else row.address
    if row.person_id is not None:
        says = SurveyAsked(row.survey.name, row.survey.kind, row.pk)
        write_events([Entry("person", row.person_id, says, about=about_of(row), at=at)], by)


def about_of(row: Response) -> list[tuple[str, int]]:
    """Whose stories show what happens with a response besides the person's."""
    out = [("company", row.company_id)] if row.company_id else []
    if row.record and row.record_id and row.record in registry:
        out.append((row.record, row.record_id))
    return out


def plan(now: dt.datetime | None = None) -> int:
    """Put down those whose turn it is today, of every survey by the calendar; returns how many. Twice a day is once."""
    now, total = now or timezone.now(), 0
    rows = Survey.objects.filter(active=True, archived_at=None, every_days__isnull=False).select_related("segment")
    for survey in rows.order_by("pk"):
        with transaction.atomic():
            for person in sampling.due_today(survey, now):
                if sampling.drawn(survey, person.pk, f"{now:%Y}:{now.timetuple().tm_yday // (survey.every_days or 1)}"):
                    put_down(survey, person, by=system(), due=now)
                    total += 1
    return total
