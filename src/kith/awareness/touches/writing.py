"""Writing touches: from forms, chats and whatever else makes somebody known, and from visits once we know whose they are.

Consent to visits is asked of `consenting`: without a purpose of that name nothing is stored of them, and the script for the
organisation's site does nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from kith.awareness.campaigns.actions import answered
from kith.awareness.campaigns.queries import campaign_for
from kith.awareness.events import TrailDeleted, VisitsJoined
from kith.awareness.models import ANSWERED, Known, Member, Touch, Visit
from kith.awareness.touches import consenting
from kith.awareness.touches.coming import Origin, read
from kith.kernel.access.actor import Actor, system
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.types import EVENTS

FORM, CAPTURED = "form.submitted", "person.captured"
# What tells more than that somebody came: where from, with which words, known to the site by which key.
SENT = {FORM: "form", "chat.held": "chat"}
ONE_VISIT = dt.timedelta(minutes=30)
KEPT = dt.timedelta(days=90)  # visits of people who never became known
# --- what makes somebody known ----------------------------------------------------------------------------------------


def handles(verb: str) -> bool:
    return verb == CAPTURED or verb in SENT


def hear(entries: list[Any], by: Actor) -> None:
    """A touch for each form and chat and for each person who came to us otherwise; one that made somebody known is one touch."""
    came: list[Came] = []
    told = {(_person(one), SENT.get(one.says.verb_for(one.record))) for one in entries}
    for entry in entries:
        person, said = _person(entry), entry.says.payload()
        if person is None:
            continue
        at, verb = entry.at or timezone.now(), entry.says.verb_for(entry.record)
        if verb in SENT:
            utm = said.get("utm") if isinstance(said.get("utm"), dict) else {}
            origin, through = read(utm, said.get("page"), said.get("referrer"), SENT[verb]), SENT[verb]
        elif (said.get("through") == "form" and FORM in EVENTS) or (person, said.get("through")) in told:
            continue
        else:
            through = str(said.get("through") or "")[:20]
            origin = read({"source": said.get("source"), "campaign": said.get("campaign")}, through=through)
        came.append(Came(person, origin, through, at, entry.id))
        if verb in SENT and said.get("visitor"):
            join(person, str(said["visitor"]), by=_because(by, entry.id), event=entry.id)
    write_many(came, by=by)


def _because(by: Actor, event: Any) -> Actor:
    """Kith itself, because of an event, in the operation that is going on."""
    acting = system(by.channel, cause=event)
    return acting.within(by.operation) if by.operation is not None else acting


def unhear(events: list[Any], _by: Actor) -> None:
    """What made somebody known was taken back, and so are its touches: the log is one of what happened. Visits of their
    site that became touches by it wait again for who they are."""
    touches = Touch.objects.filter(event__in=[event.id for event in events])
    visits = {
        touch: event for event in events for touch in touches if touch.event == event.id and touch.through == "visit"
    }
    for touch, event in visits.items():
        key = digest(str(event.payload.get("visitor") or ""))
        Visit.objects.create(visitor=key, at=touch.at, **_origin(touch).values())
    _erase(touches)
    for event in events:
        if event.payload.get("visitor"):
            Known.objects.filter(
                visitor=digest(str(event.payload["visitor"])), person=event.record_id, since__gte=event.at
            ).delete()


def _erase(touches: Any) -> None:
    """The database asks to be told that touches go on purpose."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('kith.erasing', 'on', true)")
        touches.delete()
        cursor.execute("SELECT set_config('kith.erasing', '', true)")


def _person(entry: Any) -> int | None:
    if entry.record == "person":
        return int(entry.record_id)
    return next((pk for record, pk in entry.about if record == "person"), None)


@dataclass(frozen=True)
class Came:
    """How a known person came to us, when, and which event tells of it."""

    person: int
    origin: Origin
    through: str
    at: dt.datetime
    event: Any = None


def write_many(came: Sequence[Came], *, by: Actor) -> None:
    """A touch for each; a campaign that one names counts the person among those who responded. Each campaign is looked up
    once, and all touches are one insert."""
    named = {one.origin.word for one in came}
    campaigns = {word: campaign_for(word) for word in named}
    Touch.objects.bulk_create([
        Touch(person_id=one.person, campaign=campaigns[one.origin.word], through=one.through, at=one.at, event=one.event,
              **one.origin.values())
        for one in came
    ])  # fmt: skip
    heard = _answered_already({c.pk for c in campaigns.values() if c is not None}, {one.person for one in came})
    for one in came:
        campaign = campaigns[one.origin.word]
        if campaign is not None and (campaign.pk, one.person) not in heard:
            answered(campaign, one.person, by=_because(by, one.event) if one.event else by, at=one.at)


def _answered_already(campaigns: set[int], people: set[int]) -> set[tuple[int, int]]:
    """(campaign, person) of those who answered before: nothing changes for them."""
    if not campaigns:
        return set()
    rows = Member.objects.filter(campaign__in=campaigns, person__in=people, state__in=ANSWERED)
    return set(rows.values_list("campaign_id", "person_id"))


# --- visits -----------------------------------------------------------------------------------------------------------


def digest(visitor: str) -> str:
    """What is kept of a visitor's key: enough to know it again, not enough to be it."""
    return hmac.new(settings.SECRET_KEY.encode(), b"kith.visitor:" + visitor.encode(), hashlib.sha256).hexdigest()


def visited(visitor: str, page: Any, referrer: Any) -> bool:
    """A visit that the site reports with consent; returns whether anything was kept. A known person's own consent decides,
    and pages of the same half hour are one visit."""
    if not consenting.asked():
        return False
    key, now, origin = digest(visitor), timezone.now(), read({}, page, referrer, "visit")
    known = Known.objects.filter(visitor=key).values_list("person_id", flat=True).first()
    if known is None:
        if not Visit.objects.filter(visitor=key, at__gt=now - ONE_VISIT).exists():
            Visit.objects.create(visitor=key, at=now, **origin.values())
            return True
        return False
    since = consenting.since(known)
    if (
        since is None
        or since > now
        or Touch.objects.filter(person_id=known, through="visit", at__gt=now - ONE_VISIT).exists()
    ):
        return False
    with transaction.atomic():
        write_many([Came(known, origin, "visit", now)], by=system("web"))
    return True


def join(person: int, visitor: str, *, by: Actor, event: Any = None) -> int:
    """We learn who a visitor is: visits since their consent become touches, earlier ones are dropped. Logged on the person.
    `event` is what told us. Returns how many became touches."""
    since = consenting.since(person)
    if since is None or not 8 <= len(visitor) <= 64:
        return 0
    key = digest(visitor)
    visits = list(Visit.objects.filter(visitor=key).order_by("at", "pk"))
    kept = [v for v in visits if v.at >= since]
    with transaction.atomic():
        Known.objects.update_or_create(visitor=key, defaults={"person_id": person, "since": timezone.now()})
        write_many([Came(person, _origin(v), "visit", v.at, event) for v in kept], by=by)
        Visit.objects.filter(visitor=key).delete()
        with change(registry["person"].model(pk=person), by=by) as c:
            c.says(VisitsJoined(len(kept), len(visits) - len(kept)))
    return len(kept)


def _origin(v: Visit | Touch) -> Origin:
    return Origin(v.channel, v.source, v.medium, v.word, v.content, v.term, v.landing, v.referrer)


def purge() -> int:
    """Visits of people who never became known go after 90 days; returns how many."""
    n, _each = Visit.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return n


def delete_trail_of(person: Any, *, by: Actor) -> int:
    """Delete somebody's touches and forget their visitors: the one exception to a log that never changes. What is left is
    an event that says how many there were. Returns that number."""
    with change(person, by=by) as c:
        touches = Touch.objects.filter(person=c.row)
        n = touches.count()
        _erase(touches)
        Visit.objects.filter(visitor__in=Known.objects.filter(person=c.row).values("visitor")).delete()
        Known.objects.filter(person=c.row).delete()
        if n:
            c.says(TrailDeleted(n))
    return n
