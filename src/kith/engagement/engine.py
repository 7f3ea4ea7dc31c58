"""Carrying enrolments on, a step with its note in one transaction, so that each is done once whatever dies or runs twice.

A worker takes up a row that nobody else has in hand. What a step wrote (a mail in its queue, a task) commits with the
note that it was done and with the row's new place, or not at all.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import logging
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kith.activities import actions as activities
from kith.activities.mail import write_mail
from kith.activities.notices import notify
from kith.engagement.budget.spending import may_call
from kith.engagement.definition import Definition
from kith.engagement.dressing import dress_up, signature_of
from kith.engagement.enclosing import along_with
from kith.engagement.enrolling import finish, pause, stop
from kith.engagement.goals import meets, reached, why_reached
from kith.engagement.letters import letter
from kith.engagement.models import Enrolment, EnrolmentState, Outcome, Step
from kith.engagement.placeholders import cast_of
from kith.engagement.queries import definition_of, template_of, window_of, zone_of
from kith.engagement.wording import current_version
from kith.kernel.access.actor import Actor, actor_for, system
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.calendars.span import parse_span
from kith.kernel.database.notify import announce
from kith.kernel.errors import Invalid, KithError
from kith.kernel.mail.clearing import NotNow, Outreach, Receiver, clear
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.steps import Instruction, program, standing
from kith.kernel.zones import zone

MOST = 500  # enrolments that one run of the job carries on
TRIES, AGAIN = 5, dt.timedelta(minutes=10)  # of a step that breaks in a way nobody foresaw
log = logging.getLogger("kith.engagement")


class Withheld(Exception):
    """They may not be written to; the message says why."""


def advance_due(most: int = MOST) -> int:
    """Carry on what is due, at most so many; returns how many were."""
    count = 0
    while count < most and advance_one():
        count += 1
    return count


def advance_one() -> bool:
    """The one that has been due longest and that nobody else has in hand; False when there is none. One that breaks is set
    aside, so that the others go on."""
    row = None
    try:
        with transaction.atomic():
            due = Enrolment.objects.filter(
                state=EnrolmentState.ACTIVE, archived_at__isnull=True, due_at__lte=timezone.now()
            )
            row = _held(due, skip_locked=True).order_by("due_at", "id").first()
            if row is None:
                return False
            _carry_on(row)
            announce(["enrolment", f"enrolment:{row.pk}", f"person:{row.person_id}"])
    except Exception as problem:
        if row is None:
            raise
        log.exception("The enrolment %s could not be carried on; it is set aside.", row.pk)
        _set_aside(row.pk, problem)
    return True


def _held(rows: QuerySet[Enrolment], *, skip_locked: bool = False) -> QuerySet[Enrolment]:
    locked = rows.select_for_update(of=("self",), skip_locked=skip_locked)
    return locked.select_related("sequence", "person", "owner")


@transaction.atomic
def _set_aside(pk: int, problem: Exception) -> None:
    """What broke is tried again later, and rests after some tries, with a sentence to whoever enrolled them."""
    row = _held(Enrolment.objects.filter(pk=pk, state=EnrolmentState.ACTIVE)).first()
    if row is None:
        return
    row.tries += 1
    row.due_at = timezone.now() + AGAIN
    row.save(update_fields=["tries", "due_at"])
    if row.tries >= TRIES:
        with as_the_owner_reads(row):
            why = f"{type(problem).__name__}: {problem}"[:200]
            _rest(
                row, _("Something unexpected went wrong %(n)d times: %(why)s") % {"n": row.tries, "why": why}, system()
            )


@contextlib.contextmanager
def as_the_owner_reads(row: Enrolment) -> Iterator[None]:
    """In the language and the time zone of whom it writes for."""
    language, place = (row.owner.language, row.owner.time_zone) if row.owner is not None else ("", "")
    with translation.override(language or None), timezone.override(zone(place or current().time_zone)):
        yield


def _carry_on(row: Enrolment) -> None:
    """As far as it goes now. A refusal lets it rest, says why, and tells whoever enrolled them."""
    kith = system()
    if row.owner is None or not row.owner.is_active:
        return stop(row, Outcome.OTHER, _("%s, in whose name it wrote, is not at work any more.") % row.owner, by=kith)
    by = actor_for(row.owner, "automation")
    with as_the_owner_reads(row):
        try:
            with transaction.atomic():
                became = _steps(row, definition_of(row.sequence_id, row.version_number), by)
        except Withheld as problem:
            return stop(row, Outcome.WITHHELD, str(problem), by=kith)
        except KithError as problem:
            return _rest(row, problem.message, kith)
        if became == EnrolmentState.STOPPED:
            return stop(row, Outcome.GOAL, why_reached(row), by=kith)
        if became == EnrolmentState.DONE:
            return finish(row, by=kith)
    return None


def _rest(row: Enrolment, why: str, by: Actor) -> None:
    row.refresh_from_db()
    pause(row, why, by=by)
    words = _("“%(name)s” rests: %(why)s") % {"name": row.name, "why": why}
    notify(
        [row.owner],
        words,
        kind="workflow",
        key=f"enrolment:{row.pk}:{row.version}",
        by=by,
        about=("person", row.person_id),
    )


def _steps(row: Enrolment, definition: Definition, by: Actor) -> EnrolmentState:
    """Do steps until one has to be waited for (active), the last one was done (done) or the goal is met (stopped)."""
    line = program(definition.steps)
    person = registry["person"].rows(by, archived=False).filter(pk=row.person_id).first()
    if person is None:
        raise Invalid(_("%s may not see them any more.") % row.owner)
    while True:
        row.at_step = here = standing(line, row.at_step)
        if reached(definition, row.person_id, by):
            _keep(row, None)
            return EnrolmentState.STOPPED
        if here >= len(line):
            _keep(row, None)
            return EnrolmentState.DONE
        try:
            until = _opens(definition, line[here], person) or _do(row, line[here], person, by)
        except NotNow as enough:  # before anything was written
            row.at_step = here
            _keep(row, enough.until, enough.message)
            return EnrolmentState.ACTIVE
        if until is not None:
            _keep(row, until)
            return EnrolmentState.ACTIVE


def _opens(definition: Definition, place: Instruction, person: Any) -> dt.datetime | None:
    """When the mail of this step may leave, None where it may now or where it is no mail."""
    if (place.step or {}).get("do") != "mail":
        return None
    opens = window_of(definition.window, zone_of(person)).next_open(timezone.now())
    return opens if opens > timezone.now() else None


def _keep(row: Enrolment, due: dt.datetime | None, why: str = "") -> None:
    """The place in the line; no event, because nothing that anybody would read about happened. why: what keeps it back."""
    row.due_at, row.why, row.tries = due, why[:500], 0
    row.save(update_fields=["at_step", "due_at", "mails", "message", "why", "tries"])


def _do(row: Enrolment, place: Instruction, person: Any, by: Actor) -> dt.datetime | None:
    """One step and the note of it; returns until when it waits."""
    step = place.step or {}
    note = Step(enrolment=row, position=row.at_step, number=place.number, do=step["do"])
    until = None
    row.at_step += 1
    if step["do"] == "wait":
        until = parse_span(step["for"]).after(timezone.now(), calendar_of())
    elif step["do"] == "mail":
        _write(row, step, note, person, by)
    elif step["do"] == "branch":
        met = meets(step.get("if", ""), person.pk, by)
        note.said = "a" if met else "b"
        row.at_step = row.at_step if met else place.target
    else:
        note.activity_id = _plan(step, person, by)
    note.save(force_insert=True)  # a second one at this place is refused by the database, with all that it wrote
    return until


def _write(row: Enrolment, step: dict[str, Any], note: Step, person: Any, by: Actor) -> None:
    note.variant = variant_of(row.pk, note.position) if step.get("other") else ""
    template = template_of(step["other"] if note.variant == "b" else step["template"])
    if not person.email:
        raise Invalid(_("No e-mail address of %s is known any more.") % person.name)
    outreach = Outreach("sequence", row.sequence.name, "enrolment", row.pk)
    found = clear([Receiver(person.email, person.pk)], template.purpose, outreach)
    if found.refused:
        raise Withheld(next(iter(found.refused.values())))
    if found.later:
        raise NotNow(next(iter(found.later.values())))
    version = current_version(template)
    text = version.in_language(person.language)
    enclosed = along_with(template)
    made = letter(
        text["subject"], text["body"], cast_of(person, row.owner, by), language=text["language"] or person.language,
        signature=signature_of(row.owner_id), also=(enclosed.words, enclosed.html),
    )  # fmt: skip
    message = write_mail(person, to=[person.email], subject=made.subject, text=made.text, by=by, answers=row.message)
    dress_up(message, version, made.html, template, enclosed)
    note.message_id, note.said = message.pk, made.subject[:300]
    row.message, row.mails = message, row.mails + 1


def variant_of(enrolment: int, position: int) -> str:
    """ "a" or "b", the same whenever it is asked, and as good as drawn by lot over many."""
    return "ab"[hashlib.blake2b(f"{enrolment}:{position}".encode(), digest_size=1).digest()[0] & 1]


def _plan(step: dict[str, Any], person: Any, by: Actor) -> int:
    """A call or task of the owner, due at once or within the time that the step says. Raises NotNow where they were called
    often enough."""
    if step["do"] == "call":
        may_call(person.pk)
    due = parse_span(step["within"]).after(timezone.now(), calendar_of()) if step.get("within") else timezone.now()
    values = {
        "kind": step["do"], "subject": step["subject"], "body": step.get("body", ""), "due_at": due, "person": person, "owner": by.user,
    }  # fmt: skip
    return int(activities.create(values, by=by).pk)
