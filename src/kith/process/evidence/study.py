"""What skipping each stage cost, worked out over night from all journeys of a process.

Those who passed a stage long enough ago, skipped or not, are followed for the same time: who is still with us, bought again,
came to the last stage, what did they buy, how long until they were won? They are compared within the same segment, source and
band of size (amount of their first deal, in its currency). `cost.py` says how, and when it says nothing. Where there is
something to say, the curve of those still with us goes with it, month by month (`survival.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from django.utils import timezone

from kith.kernel.organisation.models import current
from kith.kernel.zones import zone
from kith.process.definition.shape import Definition
from kith.process.evidence.advice import advice
from kith.process.evidence.cohort import (
    Bought,
    Passed,
    Window,
    bought_again,
    days_to_won,
    deals_of,
    passed,
    seen,
    strata,
    worth_of,
)
from kith.process.evidence.cost import Case, Cost, Silent, amount_cost, hold_together, ratio_cost, share_cost
from kith.process.evidence.models import Study
from kith.process.evidence.patience import waiting
from kith.process.evidence.survival import MONTH, by_month
from kith.process.models import Process
from kith.process.versions import in_use

FOLLOWED = (365, 180, 90)  # days; the longest for which enough have been followed
YEAR = 365
KEPT, AGAIN, ARRIVED, WORTH, DAYS = "kept", "again", "arrived", "worth", "days"
OUTCOMES = (KEPT, AGAIN, ARRIVED, WORTH, DAYS)  # in the order in which they are shown
SHARES = (KEPT, AGAIN, ARRIVED)


@dataclass(frozen=True)
class Measure:
    """An outcome of each of the rows, None of those who have none, and how sides are compared."""

    outcome: str
    values: list[float | None]
    compare: Callable[[Sequence[Case]], Cost | Silent]


def study(process: Process, definition: Definition, now: dt.datetime | None = None) -> list[dict[str, Any]]:
    """Compare for every stage that anybody skipped, and keep what was found. Largest effect first, silent ones last.

    A finding is a dict: stage, outcome, followed (days), since and until (days on which they came beyond), claim (may it be
    said beside the others?), and either cost or silent with the fields of `cost.Cost` and `cost.Silent`. Costs are
    differences of shares; of "days" differences in days, of "worth" ratios. That of "worth" has the `medians` of both sides; that of "kept"
    has the `curve`, {"others", "skipped": what `survival.by_month` gives}.
    """
    now = now or timezone.now()
    found = [finding for stage in definition.stages[:-1] for finding in _of_stage(process, definition, stage.key, now)]
    spoken = [one for one in found if "cost" in one]
    claims = hold_together([one.pop("_cost") for one in spoken])
    for one, claim in zip(spoken, claims, strict=True):
        one["claim"] = claim
    found.sort(key=lambda one: (not one.get("claim"), "silent" in one, -_size(one)))
    waits = waiting(process, now)
    told = {"made_at": now, "findings": found, "waiting": waits, "advice": advice(process, definition, now)}
    Study.objects.update_or_create(process=process, defaults=told)
    return found


def study_all() -> None:
    for one in in_use().values():
        study(one.process, one.definition)


def _size(one: dict[str, Any]) -> float:
    """How large an effect is beside others; amounts stand behind shares, which can be told from each other."""
    return abs(one["cost"]["difference"]) if "cost" in one and one["outcome"] in SHARES else 0.0


def _of_stage(process: Process, definition: Definition, stage: str, now: dt.datetime) -> list[dict[str, Any]]:
    """The findings of one stage: over the longest time that enough were followed, else why it stays silent."""
    found: list[dict[str, Any]] = []
    today = now.astimezone(zone(current().time_zone)).date()
    for days in FOLLOWED:
        until = today - dt.timedelta(days + 1)  # the last day that is wholly that long ago
        window = Window(process, definition, stage, days, until - dt.timedelta(YEAR - 1), until)
        rows = passed(window)
        if not any(row.skipped for row in rows):
            continue
        about = {"stage": stage, "followed": days, "since": window.since.isoformat(), "until": until.isoformat()}
        found = [{**about, **one} for one in _compared(window, rows, now)]
        if any("cost" in one for one in found):
            break
    return found


def _compared(window: Window, rows: Sequence[Passed], now: dt.datetime) -> Iterator[dict[str, Any]]:
    deals = deals_of(rows)
    for measure in _measures(window, rows, [deals.get(row.customer, []) for row in rows]):
        known = [(row, value) for row, value in zip(rows, measure.values, strict=True) if value is not None]
        alike = strata([row for row, _value in known], deals)  # bands as wide as those who have the outcome allow
        cases = [Case(row.skipped, value, stratum) for (row, value), stratum in zip(known, alike, strict=True)]
        cost = measure.compare(cases)
        one: dict[str, Any] = {"outcome": measure.outcome}
        if measure.outcome == WORTH:
            one["medians"] = {side: _median(cases, side == "skipped") for side in ("skipped", "others")}
        if isinstance(cost, Silent):
            yield {**one, "silent": asdict(cost)}
            continue
        if measure.outcome == KEPT:
            one["curve"] = _curve(window, now)
        yield {**one, "cost": asdict(cost), "_cost": cost}


def _measures(window: Window, rows: Sequence[Passed], deals: Sequence[list[Bought]]) -> Iterator[Measure]:
    yield Measure(KEPT, [float(row.kept) for row in rows], share_cost)
    if window.won_before:
        again = (bought_again(row, own, window.days) for row, own in zip(rows, deals, strict=True))
        yield Measure(AGAIN, [float(one) for one in again], share_cost)
    if not window.only_last:
        yield Measure(ARRIVED, [float(row.arrived) for row in rows], share_cost)
    yield Measure(WORTH, [worth_of(row, own, window.days) for row, own in zip(rows, deals, strict=True)], ratio_cost)
    if not window.won_before:
        yield Measure(DAYS, [days_to_won(row, window.days) for row in rows], amount_cost)


def _median(cases: Sequence[Case], skipped: bool) -> float | None:
    values = [case.outcome for case in cases if case.skipped == skipped]
    return round(median(values), 2) if values else None


def _curve(window: Window, now: dt.datetime) -> dict[str, dict[str, list[float | None]]]:
    months, sides = round(window.days / MONTH), seen(window, now)
    return {"others": by_month(sides[False], months), "skipped": by_month(sides[True], months)}
