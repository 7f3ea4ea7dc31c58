"""Whose day it is, and which day: the edges of today on the reader's own clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from kith.kernel.access.actor import Actor

ME, TEAM = "me", "team"
STRUCK = dt.timedelta(seconds=4)  # how long a finished row stays, struck through


@dataclass(frozen=True)
class Scope:
    """`of`: "me" or "team"; `owners`: whose rows; `start` and `end`: midnights around `now`. struck: rows that were
    finished a moment ago still stand where they were."""

    of: str
    owners: tuple[int, ...]
    now: dt.datetime
    start: dt.datetime
    end: dt.datetime
    struck: bool = False
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # what sections read for each other

    @property
    def today(self) -> dt.date:
        return timezone.localtime(self.start).date()

    @property
    def owner_word(self) -> str:
        """Whose rows, as filters of lists say it."""
        return "me" if self.of == ME else "my_team"


def scope_of(actor: Actor, of: str = ME, *, struck: bool = False) -> Scope:
    """The actor's own day, or that of everyone in their teams. Who is in no team has only their own."""
    team = of == TEAM and has_team(actor)
    owners = tuple(sorted(actor.teammate_ids)) if team else (actor.user_id or 0,)
    now = timezone.now()
    today = timezone.localdate(now)
    start, end = (timezone.make_aware(dt.datetime.combine(today + dt.timedelta(n), dt.time())) for n in (0, 1))
    return Scope(TEAM if team else ME, owners, now, start, end, struck)


def has_team(actor: Actor) -> bool:
    """Is anybody else in the actor's teams?"""
    return len(actor.teammate_ids) > 1
