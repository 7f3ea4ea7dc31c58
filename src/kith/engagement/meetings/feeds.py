"""Colleagues' other calendars, read from an iCalendar address: only when they are busy, nothing of what it is about.

The address may lead nowhere inside our own network (`kernel/outgoing.py`), answers are bounded, and a calendar that cannot
be read leaves what was read before: better to offer too little than the same hour twice.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Any

from dateutil.rrule import rruleset, rrulestr
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar

from kith.engagement.meetings.models import Busy, Feed
from kith.kernel.errors import Invalid
from kith.kernel.mail.secrets import seal, unseal
from kith.kernel.organisation.models import current
from kith.kernel.outgoing import CallFailed, check_address, fetch, resolve
from kith.kernel.zones import zone

EVERY = dt.timedelta(minutes=15)
BACK, AHEAD = dt.timedelta(days=2), dt.timedelta(days=370)
MOST_BYTES = 10 << 20
MOST_EVENTS, MOST_TIMES = 20_000, 2_000
log = logging.getLogger("kith.meetings")
Stretch = tuple[dt.datetime, dt.datetime]


def keep(user: int, address: str) -> None:
    """Read this calendar from now on, and once at once. Raises Invalid for an address that cannot be read."""
    address = "https://" + address.removeprefix("webcal://") if address.startswith("webcal://") else address
    _scheme, host, port = check_address(address)
    try:
        resolve(host, port)
        found = stretches(_content(address), zone(current().time_zone))
    except CallFailed as problem:
        raise Invalid(str(problem), "address") from None
    with transaction.atomic():
        feed, _made = Feed.objects.update_or_create(user_id=user, defaults={"address": seal({"address": address})})
        _put(feed, found)


def forget(user: int) -> None:
    with transaction.atomic():
        Busy.objects.filter(user=user).delete()
        Feed.objects.filter(user=user).delete()


def read_now(user: int) -> None:
    """Read it once more. Raises Invalid where it cannot be."""
    feed = Feed.objects.filter(user=user).first()
    if feed is not None:
        _read(feed)
        feed.refresh_from_db()
        if feed.problem:
            raise Invalid(feed.problem)


def read_due() -> int:
    """Read every calendar that was not looked at lately; returns how many."""
    old = Feed.objects.filter(user__is_active=True).exclude(tried_at__gt=timezone.now() - EVERY)
    rows = list(old.order_by("tried_at"))
    for feed in rows:
        _read(feed)
    return len(rows)


def _read(feed: Feed) -> None:
    try:
        found = stretches(
            _content(str(unseal(feed.address)["address"])), zone(feed.user.time_zone or current().time_zone)
        )
    except (CallFailed, Invalid) as problem:
        Feed.objects.filter(pk=feed.pk).update(tried_at=timezone.now(), problem=str(problem)[:500])
        log.info("The other calendar of colleague %s could not be read: %s", feed.user_id, problem)
        return
    with transaction.atomic():
        _put(feed, found)


def _content(address: str) -> bytes:
    return fetch(address, {"Accept": "text/calendar, */*;q=0.1"}, most=MOST_BYTES)


def _put(feed: Feed, found: list[Stretch]) -> None:
    now = timezone.now()
    Busy.objects.filter(user=feed.user_id).delete()
    Busy.objects.bulk_create([Busy(user_id=feed.user_id, starts_at=a, ends_at=b) for a, b in found], batch_size=2000)
    Feed.objects.filter(pk=feed.pk).update(read_at=now, tried_at=now, problem="")


def stretches(content: bytes, otherwise: Any) -> list[Stretch]:
    """When a calendar says that its owner is busy, from the day before yesterday for a year, in order; appointments marked
    as free, cancelled or declined are left out. otherwise: the zone of times that name none. Raises Invalid for what is no
    calendar."""
    try:
        read = Calendar.from_ical(content)
        events = list(read.walk("VEVENT"))[:MOST_EVENTS]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise Invalid(_("There is no calendar at this address (iCalendar, .ics).")) from None
    start, end = timezone.now() - BACK, timezone.now() + AHEAD
    apart = {
        (str(e.get("uid", "")), _moment(e.get("recurrence-id").dt, otherwise)) for e in events if e.get("recurrence-id")
    }
    out: set[Stretch] = set()
    for event in events:
        try:
            for begins, until in _of(event, otherwise, apart, start, end):
                if begins < end and until > start and until > begins:
                    out.add((begins, until))
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
        ):  # one broken entry does not hide the others
            log.info("An entry of a calendar could not be read.")
    return sorted(out)


def _of(event: Any, otherwise: Any, apart: set[Any], start: dt.datetime, end: dt.datetime) -> Iterator[Stretch]:
    if str(event.get("status", "")).upper() == "CANCELLED" or str(event.get("transp", "")).upper() == "TRANSPARENT":
        return
    if str(event.get("x-microsoft-cdo-busystatus", "")).upper() in ("FREE", "WORKINGELSEWHERE"):
        return
    first = event["dtstart"].dt
    begins = _moment(first, otherwise)
    length = _length(event, first, begins, otherwise)
    if not event.get("rrule") and not event.get("rdate"):
        yield begins, begins + length
        return
    uid, there = str(event.get("uid", "")), getattr(first, "tzinfo", None) or otherwise
    for wall in _walls(event, begins.astimezone(there), there, start - length, end):
        at = wall.replace(tzinfo=there).astimezone(dt.UTC)
        if (uid, at) not in apart:
            yield at, at + length


def _walls(event: Any, first: dt.datetime, there: Any, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """When it repeats, as its own clock shows: a meeting at nine is at nine in summer and in winter."""
    made = rruleset()
    wall = first.replace(tzinfo=None)
    made.rdate(wall)
    rules = event.get("rrule") or []
    for rule in rules if isinstance(rules, list) else [rules]:
        words = rule.to_ical().decode()
        made.rrule(rrulestr(_floating(words, there), dtstart=wall))
    for key, add in (("rdate", made.rdate), ("exdate", made.exdate)):
        given = event.get(key) or []
        for many in given if isinstance(given, list) else [given]:
            for one in many.dts:
                add(_moment(getattr(one.dt, "start", one.dt), there).astimezone(there).replace(tzinfo=None))
    low, high = (at.astimezone(there).replace(tzinfo=None) for at in (start, end))
    return [at for at in made.xafter(low, count=MOST_TIMES, inc=True) if at <= high]


def _floating(rule: str, there: Any) -> str:
    """A rule whose UNTIL is on the same clock as its beginning, as dateutil wants it."""
    parts = []
    for part in rule.split(";"):
        if part.upper().startswith("UNTIL=") and part.endswith("Z"):
            until = dt.datetime.strptime(part[6:], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC).astimezone(there)
            part = f"UNTIL={until:%Y%m%dT%H%M%S}"
        parts.append(part)
    return ";".join(parts)


def _length(event: Any, first: Any, begins: dt.datetime, otherwise: Any) -> dt.timedelta:
    if event.get("dtend"):
        return _moment(event["dtend"].dt, otherwise) - begins
    if event.get("duration"):
        return event["duration"].dt
    return dt.timedelta() if isinstance(first, dt.datetime) else dt.timedelta(days=1)


def _moment(value: Any, otherwise: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    return (value if value.tzinfo is not None else value.replace(tzinfo=otherwise)).astimezone(dt.UTC)
