"""What makes somebody known, heard as it is told: forms and chats with the visitor's key, whoever came otherwise, and a yes to
being known again, which lets visits count that waited for it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kith.awareness.models import Known, Touch, Visit
from kith.awareness.touches import consenting
from kith.awareness.touches.coming import read
from kith.awareness.touches.joining import Told, join_many, told_lately
from kith.awareness.touches.writing import Came, digest, erase, origin_of, write_many
from kith.kernel.access.actor import Actor
from kith.kernel.timeline.types import EVENTS

FORM, CAPTURED = "form.submitted", "person.captured"
# What tells more than that somebody came: where from, with which words, known to the site by which key.
SENT = {FORM: "form", "chat.held": "chat"}
AGREED = frozenset({"person.consent_given", "person.consent_confirmed"})


def handles(verb: str) -> bool:
    return verb == CAPTURED or verb in SENT


def hear(entries: list[Any], by: Actor) -> None:
    """A touch for each form and chat and for each person who came to us otherwise; one that made somebody known is one touch."""
    came: list[Came] = []
    known: list[Told] = []
    told = {(_person(one), SENT.get(one.says.verb_for(one.record))) for one in entries}
    for entry in entries:
        person, said = _person(entry), entry.says.payload()
        if person is None:
            continue
        at, verb = entry.at or timezone.now(), entry.says.verb_for(entry.record)
        if verb in SENT:
            utm = said.get("utm") if isinstance(said.get("utm"), dict) else {}
            origin, through = read(utm, said.get("page"), said.get("referrer"), SENT[verb]), SENT[verb]
            known.append(Told(person, str(said.get("visitor") or ""), entry.id, at))
        elif (said.get("through") == "form" and FORM in EVENTS) or (person, said.get("through")) in told:
            continue
        else:
            through = str(said.get("through") or "")[:20]
            origin = read({"source": said.get("source"), "campaign": said.get("campaign")}, through=through)
        came.append(Came(person, origin, through, at, entry.id))
    join_many(known, by=by)
    write_many(came, by=by)


def unhear(events: list[Any], _by: Actor) -> None:
    """What made somebody known was taken back, and so are its touches: the log is one of what happened. Visits of their
    site that became touches by it wait again for who they are."""
    touches = Touch.objects.filter(event__in=[event.id for event in events])
    visits = {
        touch: event for event in events for touch in touches if touch.event == event.id and touch.through == "visit"
    }
    agreed = consenting.noted_because_of([event.id for event in events])
    for touch, event in visits.items():
        key, said = digest(str(event.payload.get("visitor") or "")), agreed.get(str(event.id))
        counted = said is not None and said.at <= touch.at
        Visit.objects.create(
            visitor=key, at=touch.at, agreed_at=said.at if said and counted else None,
            wording=said.wording if said and counted else "", **origin_of(touch).values(),
        )  # fmt: skip
    erase(touches)
    for event in events:
        if event.payload.get("visitor"):
            Known.objects.filter(
                visitor=digest(str(event.payload["visitor"])), person=event.record_id, since__gte=event.at
            ).delete()


def _person(entry: Any) -> int | None:
    if entry.record == "person":
        return int(entry.record_id)
    return next((pk for record, pk in entry.about if record == "person"), None)


def agrees(verb: str) -> bool:
    return verb in AGREED


def agreed(entries: list[Any], by: Actor) -> None:
    """They agree to be known again, a moment after the form that said who they are or days after it, by the link in a mail:
    the visits of the browsers that they wrote from are theirs now."""
    people = {int(entry.record_id) for entry in entries if entry.says.payload().get("purpose") == consenting.PURPOSE}
    if people:
        join_many(told_lately(people, tuple(SENT)), by=by)
