"""Verdicts: qualify, nurture until a day, say honestly that we are not a fit, welcome back.

Every verdict is a row that stays; the latest one counts, and `settle` keeps it on the lead's own row however verdicts are
written or taken back. Whoever wakes up has a dated task, so that nobody is forgotten.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities.actions import create as plan
from kith.kernel.access.actor import Actor, system
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Link, LongText, Moment, Text
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.types import EventType
from kith.qualification import events
from kith.qualification.models import FitReason, Lead, State, Verdict
from kith.qualification.outcome import waiting
from kith.qualification.scoring.dirty import mark

WORDS = Annotated[str, LongText(5000), _("In words")]
CURRENT = """
    INSERT INTO qualification_lead (person_id, fit, engagement, total, band, lines, fades, scored_at, known, asked, missing, reasons,
                                    state, state_at, wake_at)
    SELECT p.id, 0, 0, 0, '', '[]', false, now(), 0, 0, '[]', '[]', coalesce(v.state, ''), v.created_at,
           CASE WHEN v.state = 'nurture' THEN v.wake_at END
    FROM contacts_person p LEFT JOIN LATERAL (
        SELECT state, created_at, wake_at FROM qualification_verdict
        WHERE person_id = p.id AND archived_at IS NULL ORDER BY id DESC LIMIT 1) v ON true
    WHERE p.id = ANY(%s) ORDER BY p.id
    ON CONFLICT (person_id) DO UPDATE SET state = excluded.state, state_at = excluded.state_at, wake_at = excluded.wake_at
"""


def settle(pairs: list[tuple[Verdict | None, Verdict]], by: Actor) -> None:
    """Put the latest verdict of these people on their leads' rows."""
    people = sorted({verdict.person_id for pair in pairs for verdict in pair if verdict is not None})
    with connection.cursor() as cursor:
        cursor.execute(CURRENT, [people])
    # A verdict that was taken back leaves nothing behind, where nothing else is known of the lead.
    blank = {"state": "", "lines": [], "asked": 0, "chance": None}
    Lead.objects.filter(person__in=people, **blank).delete()
    waiting.follow(people)
    mark(people)


def state_of(person: Any) -> str:
    """The verdict that counts now; "" while nobody decided."""
    return Lead.objects.filter(person=person).values_list("state", flat=True).first() or ""


def latest(person: Any, *states: str) -> Verdict | None:
    """The latest verdict, if it is one of these."""
    found = Verdict.objects.filter(person=person, archived_at=None).order_by("-pk").first()
    return found if found is not None and (not states or found.state in states) else None


def write(person: Any, state: str, says: EventType, *, by: Actor, **facts: Any) -> Verdict:
    """A verdict with its event, which stands on the person's timeline. It needs the right to change the person."""
    with change(person, by=by):  # in reach, and locked against a second verdict at the same time
        pass
    row = Verdict(person=person, state=state, user_id=by.user_id, source=person.source, **facts)
    with change(row, by=by) as c:
        c.says(says)
    return c.row


def _wake_ups() -> list[tuple[str, str]]:
    """(moment as forms write it, words): when plans that are not for now are mostly looked at again, in the morning."""
    days = {30: __("In a month"), 91: __("In three months"), 182: __("In half a year")}
    today = timezone.localdate()
    return [(f"{today + dt.timedelta(days=n):%Y-%m-%d}T09:00", words) for n, words in days.items()]


@action("person.qualify", needs="person.edit", label=_("Qualify"), icon="check",
        applies=lambda p: _stands(p, State.QUALIFIED, State.CONVERTED), done=_("{row} is qualified."))  # fmt: skip
def qualify(person: Any, *, words: WORDS = "", by: Actor) -> Any:
    """We can help, and they want it."""
    write(person, State.QUALIFIED, events.LeadQualified(words), by=by, words=words)
    return person


@action("person.nurture", needs="person.edit", label=_("Nurture"), icon="clock",
        applies=lambda p: _stands(p, State.CONVERTED), offers=lambda _p: {"wake_at": _wake_ups()},
        done=_("{row} wakes up on that day."))  # fmt: skip
def nurture(
    person: Any, *, wake_at: Annotated[dt.datetime, Moment(), _("Wake up on")], words: WORDS = "", by: Actor
) -> Any:
    """Not now. On that day somebody looks again: a task with its date, which stands as the next step."""
    if wake_at <= timezone.now():
        raise Invalid(__("Wake somebody up on a day to come."), "wake_at")
    told = events.LeadNurtured(Moment().show(wake_at), words)
    write(person, State.NURTURE, told, by=by, words=words, wake_at=wake_at)
    values = {"subject": __("Look again: is it time now?"), "due_at": wake_at, "kind": "task", "person": person}
    plan({**values, "body": words, "owner": person.owner or by.user}, by=by)
    return person


@action("person.not_a_fit", needs="person.edit", label=_("Not a fit"), icon="x",
        applies=lambda p: _stands(p, State.NOT_A_FIT, State.CONVERTED),
        done=_("Said honestly. If {row} comes back, it counts for you."))  # fmt: skip
def not_a_fit(
    person: Any,
    *,
    reason: Annotated[FitReason, Link("fit_reason"), _("Reason")],
    advised: Annotated[str, Text(300), _("Advised elsewhere: whom or what")] = "",
    words: WORDS = "",
    by: Actor,
) -> Any:
    """We cannot help them well, and say so; better still, we say who can."""
    told = events.LeadNotAFit(reason.name, advised, words)
    write(person, State.NOT_A_FIT, told, by=by, reason=reason, advised=advised, words=words)
    return person


@action("person.come_back", needs="person.edit", label=_("Came back"), icon="undo",
        applies=lambda p: not _stands(p, State.NOT_A_FIT, State.NURTURE))  # fmt: skip
def come_back(person: Any, *, words: WORDS = "", by: Actor) -> Any:
    """They are with us again; what was said before stays, and an honest no is credited."""
    before = latest(person, State.NOT_A_FIT, State.NURTURE)
    return returned(person, before, source="", words=words, by=by)


def returned(person: Any, before: Verdict | None, *, source: str, by: Actor, words: str = "") -> Any:
    """Note a return after this verdict, and credit it. The source somebody first came through stays on the person."""
    after = ""
    if before is not None:
        after = str(before.reason) if before.reason else str(before.get_state_display())
    write(person, State.BACK, events.LeadCameBack(after, source), by=by, words=words)
    if before is not None and before.returned_at is None:
        with change(before, by=by) as c:
            c.row.returned_at = timezone.now()
            c.says(events.LeadCredited(str(before.user or __("nobody"))))
    return person


def _stands(person: Any, *states: str) -> bool:
    """Is the verdict none of these? The lead's row is read once for however many verbs ask."""
    try:
        return not person.pk or person.lead.state not in states
    except Lead.DoesNotExist:
        return State.NEW not in states


ACTIONS = (qualify, nurture, not_a_fit, come_back)


def welcome(entries: list[Any], by: Actor) -> None:
    """Who comes to us again after a no or while asleep is back by themselves: hears `person.captured`."""
    people = {e.record_id: e for e in entries if e.says.verb_for(e.record) == "person.captured"}
    asleep = Lead.objects.filter(person__in=people, state__in=[State.NOT_A_FIT, State.NURTURE]).select_related("person")
    actor = system(by.channel).within(by.operation) if by.operation else system(by.channel)
    for lead in asleep:
        source = getattr(people[lead.person_id].says, "source", "")
        returned(lead.person, latest(lead.person), source=source, by=actor)
