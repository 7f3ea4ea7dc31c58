"""Who of a team or a pool can take a lead now: not away, not full, at work. Everybody passed over has a reason in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.accounts.models import Role, User
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.database.together import update_together
from kith.kernel.turns import settled
from kith.qualification.assigning.load import open_leads
from kith.qualification.models import Absence, AssignmentRule, Member, Turn


@dataclass
class Candidates:
    """`shares`: {user id: share} of those who can; `told`: everybody with the reason why not ("" for those who can)."""

    basket: str = ""
    users: dict[int, User] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)

    def skip(self, user: User, why: str) -> None:
        self.told.append({"user": user.pk, "name": str(user), "why": why})


@dataclass(frozen=True)
class Seat:
    user: User
    share: int = 1
    most_open: int | None = None
    calendar: int | None = None


class Roster:
    """Who can take leads at one moment. Seats, absences, loads and credits are read once, for as many leads as are dealt out
    of it, and each that is given counts for the next."""

    def __init__(self, now: dt.datetime):
        self.now = now
        self._asked: dict[int, tuple[str, list[Seat]]] = {}  # by rule: its basket and seats
        self._away: dict[int, Absence] = {}
        self._load: dict[int, int] = {}
        self._begins: dict[int | None, dt.datetime] = {}  # when hours by this calendar begin
        self._turns: dict[str, dict[int, Turn]] = {}

    def candidates(self, rule: AssignmentRule) -> Candidates:
        """Who can take the next lead under this rule."""
        basket, seats = self._read(rule)
        found = Candidates(basket, {seat.user.pk: seat.user for seat in seats})
        able: list[Seat] = []
        for seat in seats:
            if why := _why_not(seat, self._away, self._load):
                found.skip(seat.user, why)
            else:
                able.append(seat)
        for seat in self._at_work(found, able):
            found.skip(seat.user, "")
            found.shares[seat.user.pk] = seat.share
        return found

    def _read(self, rule: AssignmentRule) -> tuple[str, list[Seat]]:
        if rule.pk not in self._asked:
            basket, seats = seats_of(rule)
            users = {seat.user.pk for seat in seats}
            self._away |= absent(users, self.now)
            self._load = dict.fromkeys(users, 0) | open_leads(users - self._load.keys()) | self._load
            self._asked[rule.pk] = (basket, sorted(seats, key=lambda s: (str(s.user), s.user.pk)))
        return self._asked[rule.pk]

    def _at_work(self, found: Candidates, able: list[Seat]) -> list[Seat]:
        """Those at work now; while nobody is, those who begin first, so that nothing waits for a decision overnight."""
        begins = {seat.user.pk: self._begin(seat.calendar) for seat in able}
        first = min(begins.values(), default=self.now)
        for seat in able:
            if (at := begins[seat.user.pk]) > first:
                found.skip(seat.user, _("works again on %s") % timezone.localtime(at).strftime("%Y-%m-%d %H:%M"))
        return [seat for seat in able if begins[seat.user.pk] <= first]

    def _begin(self, calendar: int | None) -> dt.datetime:
        if calendar not in self._begins:
            self._begins[calendar] = self.now if calendar is None else calendar_of(calendar).next_open(self.now)
        return self._begins[calendar]

    def is_away(self, user: User) -> bool:
        """Whether a colleague who may be in no rule's team or pool is away."""
        return bool(absent([user.pk], self.now))

    def credits(self, basket: str) -> dict[int, float]:
        """{user id: what they are owed} in a basket."""
        if basket not in self._turns:
            self._turns[basket] = {turn.user_id: turn for turn in Turn.objects.filter(basket=basket)}
        return {pk: turn.credit for pk, turn in self._turns[basket].items()}

    def give(self, found: Candidates, user: int) -> None:
        """They take a lead: everybody who could have is credited, and who took it pays."""
        if user in self._load:
            self._load[user] += 1
        if not found.basket or user not in found.shares:
            return
        owed = settled(found.shares, self.credits(found.basket), user)
        turns = self._turns[found.basket]
        for pk, credit in owed.items():
            turns.setdefault(pk, Turn(basket=found.basket, user_id=pk)).credit = credit
        turns[user].dealt += 1

    def keep(self) -> None:
        """Write what everybody is owed now. In the transaction, and under the lock, in which it was read."""
        turns = [turn for basket in self._turns.values() for turn in basket.values()]
        update_together([turn for turn in turns if turn.pk], ["credit", "dealt"])
        Turn.objects.bulk_create([turn for turn in turns if not turn.pk])


def seats_of(rule: AssignmentRule) -> tuple[str, list[Seat]]:
    if rule.user_id:
        assert rule.user is not None
        return "", [Seat(rule.user)]
    if rule.team_id:
        assert rule.team is not None
        return f"team:{rule.team_id}", [Seat(user) for user in rule.team.members.all()]
    members = Member.objects.filter(pool=rule.pool_id, archived_at=None).select_related("user")
    return f"pool:{rule.pool_id}", [Seat(m.user, m.share, m.most_open, m.calendar_id) for m in members]


def _why_not(seat: Seat, away: dict[int, Absence], load: dict[int, int]) -> str:
    user = seat.user
    if not user.is_active:
        return _("does not work here any more")
    if user.role == Role.READ_ONLY:
        return _("may only read")
    if user.pk in away:
        return _("away until %s") % away[user.pk].last_day.isoformat()
    if seat.most_open is not None and load.get(user.pk, 0) >= seat.most_open:
        return _("holds %(n)d open leads of at most %(most)d") % {"n": load.get(user.pk, 0), "most": seat.most_open}
    return ""


def absent(users: Any, now: dt.datetime) -> dict[int, Absence]:
    """{user id: the absence} of those who are away on that day."""
    day = timezone.localdate(now)
    rows = Absence.objects.filter(user__in=list(users), archived_at=None, first_day__lte=day, last_day__gte=day)
    return {row.user_id: row for row in rows.order_by("last_day")}


def absences(users: list[int], first: dt.date, last: dt.date) -> list[tuple[int, dt.date, dt.date]]:
    """(user id, first day, last day) of those that touch these days, for whoever plans with colleagues' time."""
    rows = Absence.objects.filter(user__in=users, archived_at=None, first_day__lte=last, last_day__gte=first)
    return list(rows.values_list("user_id", "first_day", "last_day"))
