"""Who could have taken a lead at moments gone by: turns, absences and loads go on from lead to lead in memory alone."""

from __future__ import annotations

import datetime as dt
import heapq

from django.utils import timezone

from kith.kernel.accounts.models import User
from kith.qualification.assigning.candidates import Candidates, Roster, Seat, seats_of
from kith.qualification.models import Absence, AssignmentRule


class Past(Roster):
    """A roster that is moved on through the time between two moments. Turns and loads begin at nothing; who was given a lead
    holds it until `ends` of it."""

    def __init__(self, first: dt.datetime, last: dt.datetime):
        super().__init__(first)
        self.counts_loads = False
        self._held: list[tuple[dt.datetime, int]] = []  # (until, whose), the next to end first
        days = timezone.localdate(first), timezone.localdate(last)
        rows = Absence.objects.filter(archived_at=None, first_day__lte=days[1], last_day__gte=days[0])
        self._absences = list(rows.order_by("last_day"))

    def move(self, now: dt.datetime) -> None:
        """Go on to that moment: who is away, when hours begin, and what is held no more."""
        self.now, day = now, timezone.localdate(now)
        self._begins = {}
        self._away = {row.user_id: row for row in self._absences if row.first_day <= day <= row.last_day}
        while self._held and self._held[0][0] <= now:
            self._load[heapq.heappop(self._held)[1]] -= 1

    def is_away(self, user: User) -> bool:
        return user.pk in self._away

    def take(self, found: Candidates, user: int, ends: dt.datetime | None) -> None:
        """They take a lead, and hold it until it was decided."""
        self.give(found, user)
        if ends is not None and user in self._load:
            heapq.heappush(self._held, (ends, user))

    def credits(self, basket: str) -> dict[int, float]:
        self._turns.setdefault(basket, {})
        return super().credits(basket)

    def _read(self, rule: AssignmentRule) -> tuple[str, list[Seat]]:
        if rule.pk not in self._asked:
            basket, seats = seats_of(rule)
            for seat in seats:
                self._load.setdefault(seat.user.pk, 0)
                self.counts_loads |= seat.most_open is not None
            self._asked[rule.pk] = (basket, sorted(seats, key=lambda s: (str(s.user), s.user.pk)))
        return self._asked[rule.pk]
