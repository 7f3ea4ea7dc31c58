"""Scores of the sample company, worked out by the product's own scoring: now for everybody, and as they stood when Tidewell
began to score, a minute after each of those came who came since, and a month ago. So their history is one that happened.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction

from kith.awareness.profiles.fitting import in_force, store
from kith.qualification.scoring.computing import keep
from kith.qualification.scoring.dirty import forget
from kith.qualification.scoring.sweeping import everybody
from kith.starters.tidewell.house import House

REPLAYED = 120  # who came since Tidewell began to score; a moment of its own for each
AT_ONCE = 20_000  # a larger company is scored by the worker, as after any change of rules
BATCH, MINUTE, MONTH = 500, dt.timedelta(minutes=1), dt.timedelta(days=30)


def score(house: House, came: list[tuple[dt.datetime, int]], people: int, now: dt.datetime) -> None:
    """Let rules, profiles and segments be there, and everybody be looked at. `came`: (when, person) of whoever came by
    themselves."""
    with transaction.atomic():
        house.listen()
    if people <= AT_ONCE:
        _replay(sorted(came), now)
        everybody()
        forget()  # those named while the house was being set up; everybody was just looked at
        for one in in_force():
            store(one)
    with transaction.atomic():
        house.segments(look=people <= AT_ONCE)


def _replay(came: list[tuple[dt.datetime, int]], now: dt.datetime) -> None:
    since = came[-REPLAYED:]
    if not since:
        return
    _at(since[0][0], [person for at, person in came if at < since[0][0]])
    moments: dict[dt.datetime, list[int]] = defaultdict(list)
    for at, person in since:
        moments[at].append(person)
    for at in sorted(moments):
        keep(moments[at], at + MINUTE)
    _at(now - MONTH, [person for at, person in came if at + MINUTE < now - MONTH])


def _at(moment: dt.datetime, people: list[int]) -> None:
    for start in range(0, len(people), BATCH):
        keep(people[start : start + BATCH], moment)
