"""What comes in by other ways than forms and waits for a person: a mail from somebody nobody knows.

    incoming.register("mail", taken, put_away=…)         at start-up; taken(ref, person, by) once somebody is made of it,
                                                         put_away(ref, True, by) once it is discarded, False when that is undone
    incoming.register("chat", taken, told=…)             told(submission): the event that stands on their story, or None
    incoming.hold(through="mail", sender=…, name=…, subject=…, text=…, ref=message.pk, at=…)

One queue, whatever it is; the same keys accept, merge, discard and route it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.capture.events import Held
from kith.capture.models import State, Submission
from kith.contacts.arriving import ways
from kith.kernel.access.actor import Actor, system
from kith.kernel.text import clean_text
from kith.kernel.timeline.types import EventType
from kith.kernel.timeline.write import Entry, write_events

LONGEST = 20_000  # characters of what was written
Taken = Callable[[int, Any, Actor], None]
PutAway = Callable[[int, bool, Actor], None]
Told = Callable[[Submission], EventType | None]
_taken: dict[str, Taken] = {}
_put_away: dict[str, PutAway] = {}
_told: dict[str, Told] = {}
DISCARDED = "submission.discarded"


def register(through: str, taken: Taken, *, put_away: PutAway | None = None, told: Told | None = None) -> None:
    """Say what follows when something of this kind is accepted or discarded, in the same operation; `told(row)` is the event
    that then stands on the person's story, before that they came to us; None where both were told before."""
    _taken[through] = taken
    if put_away is not None:
        _put_away[through] = put_away
    if told is not None:
        _told[through] = told


def hold(
    *,
    through: str,
    sender: str,
    name: str = "",
    subject: str = "",
    text: str = "",
    ref: int,
    at: dt.datetime | None = None,
    phone: str = "",
    known: int | None = None,
    why: str | None = None,
    language: str = "",
) -> Submission:
    """Put something into the queue, once for each `ref` of a kind; whom it is perhaps from is looked up.

    known: the person whose own link was used. why: what is unsure, where it is not that nobody knows the sender. language: what they write in, where that is known.
    """
    from kith.capture.matching import learn, match

    with transaction.atomic():
        there = Submission.objects.select_for_update().filter(through=through, ref=ref).first()
        if there is not None:
            return there
        row = Submission(
            through=through, ref=ref, subject=_line(subject) or _("Mail"), name=_line(name) or _line(sender), email=_line(sender)[:254],
            reason=clean_text(text)[:LONGEST], state=State.REVIEW, why=_("nobody knows the sender") if why is None else why,
            facts={key: value for key, value in (("person.name", _line(name)), ("person.email", _line(sender))) if value},
            created_at=at or timezone.now(), phone=_line(phone)[:40], known=known, language=language[:12],
        )  # fmt: skip
        found = match(row, learn([row]))
        row.proposed = found.person or found.proposed
        if why is not None:
            row.why = found.why or why
        row.derive()
        row.save(force_insert=True)
        write_events([Entry("submission", row.pk, Held(row.why), actor_name=row.name[:200])], system("mail"))
    return row


def told_on(row: Submission) -> list[EventType] | None:
    """What the room it came from says on the story of whoever sent it: nothing where it stands there already, and None where
    the room has nothing to say."""
    if row.ref is None or row.through not in _told:
        return None
    told = _told[row.through](row)
    return [told] if told is not None else []


def told_taken(row: Submission, person: Any, by: Actor) -> None:
    """Let the room it came from know whose it is now."""
    taken = _taken.get(row.through) or ways().get(row.through)
    if row.ref is not None and taken is not None:
        taken(row.ref, person, by)


def hear_discarded(entries: list[Any], by: Actor) -> None:
    """The room it came from learns that nobody needs to look at it any more."""
    _tell_put_away([entry.record_id for entry in entries], True, by)


def unhear_discarded(events: list[Any], by: Actor) -> None:
    """It was brought back."""
    _tell_put_away([event.record_id for event in events], False, by)


def _tell_put_away(pks: list[int], away: bool, by: Actor) -> None:
    for row in Submission.objects.filter(pk__in=pks, ref__isnull=False, through__in=_put_away):
        _put_away[row.through](row.ref, away, by)  # type: ignore[arg-type]


def _line(words: str) -> str:
    return " ".join(clean_text(words).split())[:300]
