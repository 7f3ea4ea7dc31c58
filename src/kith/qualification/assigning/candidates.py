"""Who of a team or a pool can take a lead now: not away, not full, at work. Everybody passed over has a reason in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.accounts.models import Role, User
from kith.kernel.calendars.queries import calendar_of
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
class _Seat:
    user: User
    share: int = 1
    most_open: int | None = None
    calendar: int | None = None


def candidates(rule: AssignmentRule, now: dt.datetime) -> Candidates:
    """Who can take a lead under this rule at that moment."""
    basket, seats = _seats(rule)
    found = Candidates(basket, {seat.user.pk: seat.user for seat in seats})
    away = absent(found.users, now)
    load = open_leads(found.users)
    able: list[_Seat] = []
    for seat in sorted(seats, key=lambda s: (str(s.user), s.user.pk)):
        why = _why_not(seat, away, load)
        if why:
            found.skip(seat.user, why)
        else:
            able.append(seat)
    for seat in _at_work(found, able, now):
        found.skip(seat.user, "")
        found.shares[seat.user.pk] = seat.share
    return found


def _seats(rule: AssignmentRule) -> tuple[str, list[_Seat]]:
    if rule.user_id:
        assert rule.user is not None
        return "", [_Seat(rule.user)]
    if rule.team_id:
        assert rule.team is not None
        return f"team:{rule.team_id}", [_Seat(user) for user in rule.team.members.all()]
    members = Member.objects.filter(pool=rule.pool_id, archived_at=None).select_related("user")
    return f"pool:{rule.pool_id}", [_Seat(m.user, m.share, m.most_open, m.calendar_id) for m in members]


def _why_not(seat: _Seat, away: dict[int, Absence], load: dict[int, int]) -> str:
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


def _at_work(found: Candidates, able: list[_Seat], now: dt.datetime) -> list[_Seat]:
    """Those at work now; while nobody is, those who begin first, so that nothing waits for a decision overnight."""
    begins = {seat.user.pk: _begins(seat, now) for seat in able}
    first = min(begins.values(), default=now)
    for seat in able:
        if begins[seat.user.pk] > first:
            found.skip(
                seat.user, _("works again on %s") % timezone.localtime(begins[seat.user.pk]).strftime("%Y-%m-%d %H:%M")
            )
    return [seat for seat in able if begins[seat.user.pk] <= first]


def _begins(seat: _Seat, now: dt.datetime) -> dt.datetime:
    return now if seat.calendar is None else calendar_of(seat.calendar).next_open(now)


def absent(users: Any, now: dt.datetime) -> dict[int, Absence]:
    """{user id: the absence} of those who are away on that day."""
    day = timezone.localdate(now)
    rows = Absence.objects.filter(user__in=list(users), archived_at=None, first_day__lte=day, last_day__gte=day)
    return {row.user_id: row for row in rows.order_by("last_day")}


def absences(users: list[int], first: dt.date, last: dt.date) -> list[tuple[int, dt.date, dt.date]]:
    """(user id, first day, last day) of those that touch these days, for whoever plans with colleagues' time."""
    rows = Absence.objects.filter(user__in=users, archived_at=None, first_day__lte=last, last_day__gte=first)
    return list(rows.values_list("user_id", "first_day", "last_day"))


def credits(basket: str) -> dict[int, float]:
    """{user id: what they are owed} in a basket."""
    return dict(Turn.objects.filter(basket=basket).values_list("user_id", "credit"))
