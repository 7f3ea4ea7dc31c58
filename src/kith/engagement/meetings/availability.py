"""When somebody can be met: working hours, less what stands in calendars here and elsewhere, absences, and what is enough.

Everything about all hosts of a page is read in a handful of queries; the rest is arithmetic in moments, so that a day on
which clocks change has its own number of hours.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from kith.activities.queries import busy_of
from kith.engagement.meetings.models import Booking, BookingPage, Busy, Host, State
from kith.kernel.accounts.models import Role
from kith.kernel.calendars.away import days_away
from kith.kernel.calendars.hours import Calendar
from kith.kernel.calendars.queries import calendar_of

Stretch = tuple[dt.datetime, dt.datetime]
LONGEST_LOOK = dt.timedelta(days=62)


@dataclass(frozen=True)
class Seat:
    """Somebody who can be met through a page."""

    user: Any
    share: int = 1
    most_a_day: int | None = None
    most_a_week: int | None = None
    calendar: int | None = None


@dataclass
class Times:
    """`free`: {moment: ids of those who can be met then}, in order of moments; `users`: {id: colleague}, `shares`: {id: share}."""

    free: dict[dt.datetime, list[int]] = field(default_factory=dict)
    users: dict[int, Any] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)


@dataclass
class _Diary:
    """What fills one colleague's time: stretches in order, days away, meetings by day and week."""

    busy: list[Stretch] = field(default_factory=list)
    away: set[dt.date] = field(default_factory=set)
    on_page: Counter[dt.date] = field(default_factory=Counter)
    days: Counter[dt.date] = field(default_factory=Counter)

    def settle(self) -> None:
        """Put stretches that touch into one."""
        merged: list[Stretch] = []
        for begins, until in sorted(self.busy):
            if merged and begins <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
            else:
                merged.append((begins, until))
        self.busy = merged

    def free(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Is nothing in the way? What ends as it begins is not. Asked once settled."""
        place = bisect_left(self.busy, (end,))
        return place == 0 or self.busy[place - 1][1] <= start


def seats_of(page: BookingPage) -> list[Seat]:
    """Hosts of a page who work here; the one it belongs to where none are named."""
    rows = Host.objects.filter(page=page, archived_at=None).select_related("user").order_by("pk")
    found = [Seat(h.user, h.share, h.most_a_day, h.most_a_week, h.calendar_id or page.calendar_id) for h in rows]
    if not found and page.owner is not None:
        found = [Seat(page.owner, calendar=page.calendar_id)]
    return [s for s in found if s.user.is_active and s.user.role != Role.READ_ONLY]


def times(
    page: BookingPage, minutes: int, start: dt.datetime, end: dt.datetime, *, leaving_out: int | None = None
) -> Times:
    """When one can begin to meet for so many minutes, from `start` until before `end`.

    leaving_out: a booking that is about to move, whose own time is free for it.
    """
    now = timezone.now()
    start = max(start, now + dt.timedelta(minutes=page.notice))
    end = min(end, now + dt.timedelta(days=page.ahead_days), start + LONGEST_LOOK)
    seats = seats_of(page)
    found = Times(users={s.user.pk: s.user for s in seats}, shares={s.user.pk: s.share for s in seats})
    if start >= end or not seats:
        return found
    diaries = _diaries(page, seats, start, end, leaving_out)
    free: dict[dt.datetime, list[int]] = defaultdict(list)
    length, before, after = (dt.timedelta(minutes=n) for n in (minutes, page.before, page.after))
    for seat in seats:
        hours, diary = calendar_of(seat.calendar), diaries[seat.user.pk]
        for begins in _starts(hours, length, dt.timedelta(minutes=page.every), start, end):
            day = begins.astimezone(hours.zone).date()
            if _enough(page, seat, diary, day) or day in diary.away:
                continue
            if diary.free(begins - before, begins + length + after):
                free[begins].append(seat.user.pk)
    found.free = dict(sorted(free.items()))
    return found


def _starts(
    hours: Calendar, length: dt.timedelta, every: dt.timedelta, start: dt.datetime, end: dt.datetime
) -> Iterator[dt.datetime]:
    """Moments at which something of that length fits into opening hours, counted from when they open."""
    day = start.astimezone(hours.zone).date() - dt.timedelta(1)
    at = dt.datetime.combine(day, dt.time(), hours.zone).astimezone(dt.UTC)
    while (opens := hours.next_open(at)) < end:
        closes = hours.closes(opens) or opens
        begins = opens
        while begins + length <= closes and begins < end:
            if begins >= start:
                yield begins
            begins += every
        at = closes if closes > opens else opens + every


def _enough(page: BookingPage, seat: Seat, diary: _Diary, day: dt.date) -> bool:
    """Have they as many meetings on that day, or in its week, as they take?"""
    if page.most_a_day is not None and diary.on_page[day] >= page.most_a_day:
        return True
    if seat.most_a_day is not None and diary.days[day] >= seat.most_a_day:
        return True
    if seat.most_a_week is None:
        return False
    monday = day - dt.timedelta(day.weekday())
    return sum(diary.days[monday + dt.timedelta(n)] for n in range(7)) >= seat.most_a_week


def _diaries(
    page: BookingPage, seats: list[Seat], start: dt.datetime, end: dt.datetime, leaving_out: int | None
) -> dict[int, _Diary]:
    """What fills the time of these colleagues; five queries."""
    ids = [s.user.pk for s in seats]
    zones = {s.user.pk: calendar_of(s.calendar).zone for s in seats}
    margin = dt.timedelta(days=8)  # a week may begin before, and what is long may
    first, last = start - margin, end + margin
    out: dict[int, _Diary] = {pk: _Diary() for pk in ids}
    moving = Booking.objects.filter(pk=leaving_out or 0).values_list("activity_id", "starts_at", "ends_at").first()
    booked = Booking.objects.filter(
        host__in=ids, state=State.BOOKED, archived_at=None, starts_at__lt=last, ends_at__gt=first
    )
    for row in booked.exclude(pk=leaving_out or 0).only("host_id", "page_id", "starts_at", "ends_at"):
        out[row.host_id].busy.append((row.starts_at, row.ends_at))
        day = row.starts_at.astimezone(zones[row.host_id]).date()
        out[row.host_id].days[day] += 1
        out[row.host_id].on_page[day] += row.page_id == page.pk
    own = set() if moving is None else {(moving[1], moving[2])}
    for user, begins, until in busy_of(ids, first, last):
        if (begins, until) not in own:
            out[user].busy.append((begins, until))
    for user, begins, until in _elsewhere(ids, first, last):
        if (begins, until) not in own:  # the invitation to the very meeting that moves
            out[user].busy.append((begins, until))
    for user, days in days_away(ids, (start - dt.timedelta(1)).date(), (end + dt.timedelta(1)).date()).items():
        out[user].away |= days
    for diary in out.values():
        diary.settle()
    return out


def _elsewhere(ids: list[int], start: dt.datetime, end: dt.datetime) -> list[tuple[int, dt.datetime, dt.datetime]]:
    rows = Busy.objects.filter(user__in=ids, starts_at__lt=end, ends_at__gt=start)
    return list(rows.values_list("user_id", "starts_at", "ends_at"))
