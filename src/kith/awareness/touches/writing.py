"""Writing touches: from forms, chats and whatever else makes somebody known, and from visits once we know whose they are.

Consent to visits is asked of `consenting`: without a purpose of that name nothing is stored of them, and the script for the
organisation's site does nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from kith.awareness.campaigns.actions import answered
from kith.awareness.campaigns.queries import campaign_for
from kith.awareness.events import TrailDeleted, Visited
from kith.awareness.models import ANSWERED, Known, Member, Touch, Visit
from kith.awareness.touches import consenting
from kith.awareness.touches.coming import Origin, read
from kith.kernel.access.actor import Actor, system
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from kith.kernel.timeline.forgetting import forget
from kith.kernel.timeline.write import Entry, write_events

VISIT, ONE_VISIT = "visit", dt.timedelta(minutes=30)
KEPT = dt.timedelta(days=90)  # visits of people who never became known


def because(by: Actor, event: Any) -> Actor:
    """Kith itself, because of an event, in the operation that is going on."""
    acting = system(by.channel, cause=event)
    return acting.within(by.operation) if by.operation is not None else acting


def erase(touches: Any) -> None:
    """The database asks to be told that touches go on purpose."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('kith.erasing', 'on', true)")
        touches.delete()
        cursor.execute("SELECT set_config('kith.erasing', '', true)")


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
    touches = Touch.objects.bulk_create([
        Touch(person_id=one.person, campaign=campaigns[one.origin.word], through=one.through, at=one.at, event=one.event,
              **one.origin.values())
        for one in came
    ])  # fmt: skip
    _tell_visits([touch for touch in touches if touch.through == VISIT], by)
    heard = _answered_already({c.pk for c in campaigns.values() if c is not None}, {one.person for one in came})
    for one in came:
        campaign = campaigns[one.origin.word]
        if campaign is not None and (campaign.pk, one.person) not in heard:
            answered(campaign, one.person, by=because(by, one.event) if one.event else by, at=one.at)


def _tell_visits(touches: Sequence[Touch], by: Actor) -> None:
    """Visits stand on the story of whoever they were, each when it was."""
    people = registry["person"].model._default_manager.in_bulk({one.person_id for one in touches}) if touches else {}
    entries = [
        Entry("person", who.pk, Visited(one.pk), about=who.about(), at=one.at, actor_name=str(who)[:200])
        for one in touches
        if (who := people[one.person_id])
    ]
    write_events(entries, because(by, touches[0].event if len({one.event for one in touches}) == 1 else None))


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


@dataclass(frozen=True)
class Reported:
    """A visit as the site's script reports it, of somebody who is not known yet."""

    visitor: str
    at: dt.datetime
    origin: Origin
    agreed: dt.datetime | None = None
    wording: str = ""


def report_many(visits: Iterable[Reported]) -> None:
    """Keep these visits until we know whose they are."""
    Visit.objects.bulk_create([
        Visit(visitor=digest(v.visitor), at=v.at, agreed_at=v.agreed, wording=v.wording, **v.origin.values()) for v in visits
    ])  # fmt: skip


def visited(visitor: str, page: Any, referrer: Any, agreed: dt.datetime | None = None, wording: str = "") -> bool:
    """A visit that the site reports with consent; returns whether anything was kept. A known person's own consent decides,
    and pages of the same half hour are one visit. `agreed` and `wording` are when the visitor said yes, and to which words."""
    if not consenting.asked():
        return False
    key, now, origin = digest(visitor), timezone.now(), read({}, page, referrer, "visit")
    known = Known.objects.filter(visitor=key).values_list("person_id", flat=True).first()
    if known is None:
        if not Visit.objects.filter(visitor=key, at__gt=now - ONE_VISIT).exists():
            report_many([Reported(visitor, now, origin, agreed, wording)])
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


def origin_of(v: Visit | Touch) -> Origin:
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
        erase(touches)
        forget("person", c.row.pk, (Visited.verb,))
        Visit.objects.filter(visitor__in=Known.objects.filter(person=c.row).values("visitor")).delete()
        Known.objects.filter(person=c.row).delete()
        if n:
            c.says(TrailDeleted(n))
    return n
