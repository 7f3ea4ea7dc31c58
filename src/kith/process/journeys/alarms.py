"""Whom a clock that warns or ran out is told to: whoever looks after the customer, or those who manage where nobody does.

A few are a line each in the inbox; many at once (a list was brought in, and nobody answered) are one line that leads to all.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kith.activities.notices import Telling, notify_many
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.accounts.queries import managers
from kith.ui.dates import full

KIND = "process"
FEW = 5  # of one kind for one colleague at once: these are a line each


@dataclass(frozen=True)
class Alarm:
    """The clock of a journey in a step: `over` when it ran out, else it warns. `entered_at` tells its stays apart."""

    journey: int
    name: str
    step: str
    owner: int | None
    entered_at: dt.datetime
    due_at: dt.datetime
    over: bool

    @property
    def key(self) -> str:
        return f"clock:{self.over:d}:{self.journey}:{self.entered_at:%Y%m%d%H%M%S}"

    @property
    def words(self) -> str:
        said = (
            _("%(name)s should have left %(step)s by %(when)s.")
            if self.over
            else _("%(name)s is to leave %(step)s by %(when)s.")
        )
        return said % {"name": self.name, "step": self.step, "when": full(self.due_at)}


def ring(alarms: Iterable[Alarm]) -> int:
    """Tell each once a stay and kind, in the caller's transaction; returns how many lines are new. As many queries however
    many ring."""
    found = list(alarms)
    if not found:
        return 0
    active = User.objects.filter(is_active=True)
    owners = active.in_bulk({one.owner for one in found if one.owner})
    alone = [one for one in found if one.owner not in owners]
    tellings = _tellings(list(managers()), alone, "") if alone else []
    by_owner: dict[int, list[Alarm]] = defaultdict(list)
    for one in found:
        if one.owner in owners:
            by_owner[one.owner].append(one)
    for pk, theirs in by_owner.items():
        tellings += _tellings([owners[pk]], theirs, ",owner.is:me")
    return notify_many(tellings, kind=KIND, by=system())


def _tellings(users: list[User], alarms: list[Alarm], whose: str) -> list[Telling]:
    out: list[Telling] = []
    for over in (True, False):
        some = [one for one in alarms if one.over == over]
        if len(some) > FEW:
            out.append(_together(users, some, f"{'late' if over else 'warns'}.is:1{whose}"))
        else:
            out += [Telling(users, one.words, one.key, ("journey", one.journey)) for one in some]
    return out


def _together(users: list[User], alarms: list[Alarm], where: str) -> Telling:
    first = alarms[0]
    said = (
        _("%d relationships should have left their step by now.")
        if first.over
        else _("%d relationships are to leave their step soon.")
    )
    path = f"/journeys/?filter={where}&sort=due_at&face=list"
    return Telling(users, said % len(alarms), f"{first.key}:{len(alarms)}", path=path)
