"""On which days colleagues are away, whoever knows it: rooms above register what they know, rooms beside them ask.

register_absences(fn)     fn(user ids, first day, last day) -> (user id, first day, last day) of each absence
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable

Away = Iterable[tuple[int, dt.date, dt.date]]
_known: list[Callable[[list[int], dt.date, dt.date], Away]] = []


def register_absences(know: Callable[[list[int], dt.date, dt.date], Away]) -> None:
    """Ask `know` when somebody is away."""
    if know not in _known:
        _known.append(know)


def days_away(users: Iterable[int], first: dt.date, last: dt.date) -> dict[int, set[dt.date]]:
    """{user id: days on which they are away} between two days, both included; one query for each room that knows."""
    asked = list(users)
    out: dict[int, set[dt.date]] = defaultdict(set)
    for know in _known:
        for user, begins, ends in know(asked, first, last):
            day = max(begins, first)
            while day <= min(ends, last):
                out[user].add(day)
                day += dt.timedelta(1)
    return out
