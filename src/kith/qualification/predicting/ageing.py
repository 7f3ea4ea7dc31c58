"""How the chance of a lead wears off while nothing is decided, learned from how soon those ended who succeeded and those who
did not: when all who succeed do so within a month, whoever is still open after three is no longer as likely as on the first day.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from kith.qualification.models import Prediction, State, Target, Verdict
from kith.qualification.predicting.gathering import Table
from kith.qualification.predicting.outcomes import deals, ended_so

DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)
FEWEST = 40  # dated ends of either outcome, below which nothing is said of age
LEFT = 10  # leads without success that must still have been open, for a day to be told of
SEEN = 0.05  # of the score, from which on it stands among the reasons
REASONS = 5


def learn_age(prediction: Prediction, table: Table) -> dict[str, Any] | None:
    """What goes into the document: by how much the logarithm of the odds moves, from which day on. None where too few ends
    have a date."""
    ends, spans = _ends(prediction, table.people), {True: list[int](), False: list[int]()}
    for pk, won, came in zip(table.people, table.won, table.moments, strict=True):
        if pk in ends:
            spans[won].append(max((ends[pk] - came.date()).days, 0))
        elif not won and prediction.target != Target.FIELD:
            spans[won].append(prediction.within)  # nobody ever said anything
    if min(len(spans[True]), len(spans[False])) < FEWEST:
        return None
    days = [day for day in DAYS if sum(one > day for one in spans[False]) >= LEFT]
    shifts = [[day, round(_left(spans[True], day) - _left(spans[False], day), 4)] for day in days]
    return {"target": prediction.target, "label": _("Days without a decision"), "shifts": shifts}


def _left(spans: list[int], day: int) -> float:
    return math.log((sum(one > day for one in spans) + 0.5) / (len(spans) + 1))


def _ends(prediction: Prediction, people: list[int]) -> dict[int, dt.date]:
    """{person: the day on which it was decided}; nothing where the outcome is a field, which nobody dates."""
    if prediction.target == Target.FIELD:
        return {}
    if prediction.target == Target.WON:
        closed = deals().filter(contact__in=people, closed_on__isnull=False).values_list("contact")
        lost = dict(closed.filter(status="lost").annotate(day=Max("closed_on")))
        return lost | dict(closed.filter(status="won").annotate(day=Min("closed_on")))
    told = Verdict.objects.filter(archived_at=None, person__in=people).values_list("person")
    no = dict(told.filter(state=State.NOT_A_FIT).annotate(at=Max("created_at")))
    yes = dict(told.filter(state__in=[State.QUALIFIED, State.CONVERTED]).annotate(at=Min("created_at")))
    return {pk: at.date() for pk, at in (no | yes).items()}


def still_open(model: Mapping[str, Any], came: Mapping[int, dt.datetime], now: dt.datetime) -> dict[int, int]:
    """{person: days since they came to us} of those for whom nothing is decided. Two queries, none where age says nothing."""
    age = model.get("ageing")
    if not age:
        return {}
    decided = ended_so(age["target"], list(came))
    return {pk: (now.date() - at.date()).days for pk, at in came.items() if pk not in decided}


def aged(
    model: Mapping[str, Any], chance: float, reasons: list[dict[str, Any]], days: int
) -> tuple[float, list[dict[str, Any]]]:
    """The chance after so many days without a decision, and its reasons with that one among them."""
    shifts = model["ageing"]["shifts"]
    at = bisect_right(shifts, days, key=lambda one: one[0])
    shift = shifts[at - 1][1] if at else 0.0
    odds = chance / (1 - chance) * math.exp(shift) if chance < 1 else math.inf
    told = {"label": model["ageing"]["label"], "value": str(days), "effect": round(shift, 3)}
    if abs(shift) >= SEEN:
        reasons = sorted([*reasons, told], key=lambda one: -abs(one["effect"]))[:REASONS]
    return (round(odds / (1 + odds), 4) if chance < 1 else chance), reasons
