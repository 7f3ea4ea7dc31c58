"""What skipping each stage cost, worked out over night from all journeys of a process.

Those who passed a stage long enough ago, skipped or not, are followed for the same time: who is still with us, who came to
the last stage? They are compared within the same segment, source and band of size (amount of their first deal, in its
currency). `cost.py` says how, and when it says nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Definition
from kith.process.evidence.cost import Case, Cost, Silent, band_of, bands, hold_together, share_cost
from kith.process.evidence.models import Study
from kith.process.evidence.patience import waiting
from kith.process.evidence.walks import JOINED
from kith.process.models import Process
from kith.process.versions import in_use

FOLLOWED = (365, 180, 90)  # days; the longest for which enough have been followed
MOST = 100_000  # journeys compared for one stage, the latest ones
YEAR = 365
KEPT, ARRIVED = "kept", "arrived"

# Journeys that passed the stage within the window: whether they skipped it, when they came beyond, how it went on.
_PASSED = """
SELECT t.journey_id, %(stage)s = ANY(t.skipped), j.segment, j.company_id, j.person_id,
       NOT (j.closed_at IS NOT NULL AND j.outcome NOT IN ('', %(joined)s) AND j.closed_at < beyond.at + %(followed)s),
       last.came_at IS NOT NULL AND last.came_at < beyond.at + %(followed)s
FROM process_trail t
JOIN process_journey j ON j.id = t.journey_id
JOIN LATERAL (SELECT min(p.came_at) AS at FROM process_passage p
              WHERE p.journey_id = t.journey_id AND p.stage = ANY(%(later)s)) beyond ON true
LEFT JOIN process_passage last ON last.journey_id = t.journey_id AND last.stage = %(last)s
WHERE j.process_id = %(process)s AND j.outcome <> %(joined)s
  AND (%(stage)s = ANY(t.skipped) OR %(stage)s = ANY(t.path))
  AND beyond.at BETWEEN %(since)s AND %(until)s
ORDER BY beyond.at DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class Passed:
    journey: int
    skipped: bool
    segment: str
    company: int | None
    person: int | None
    kept: bool
    arrived: bool


def study(process: Process, definition: Definition, now: dt.datetime | None = None) -> list[dict[str, Any]]:
    """Compare for every stage that anybody skipped, and keep what was found. Largest effect first, silent ones last.

    A finding is a dict: stage, outcome, followed (days), since and until (days on which they came beyond), claim (may it be
    said beside the others?), and either cost or silent with the fields of `cost.Cost` and `cost.Silent`.
    """
    now = now or timezone.now()
    found = [finding for stage in definition.stages[:-1] for finding in _of_stage(process, definition, stage.key, now)]
    spoken = [one for one in found if "cost" in one]
    claims = hold_together([one.pop("_cost") for one in spoken])
    for one, claim in zip(spoken, claims, strict=True):
        one["claim"] = claim
    found.sort(key=lambda one: (not one.get("claim"), "silent" in one, -abs(one.get("cost", {}).get("difference", 0))))
    waits = waiting(process, now)
    Study.objects.update_or_create(process=process, defaults={"made_at": now, "findings": found, "waiting": waits})
    return found


def study_all() -> None:
    for one in in_use().values():
        study(one.process, one.definition)


def _of_stage(process: Process, definition: Definition, stage: str, now: dt.datetime) -> list[dict[str, Any]]:
    """The findings of one stage: over the longest time that enough were followed, else why it stays silent."""
    found: list[dict[str, Any]] = []
    for days in FOLLOWED:
        until = now - dt.timedelta(days)
        since = until - dt.timedelta(YEAR)
        rows = _passed(process, definition, stage, days, since, until)
        if not any(row.skipped for row in rows):
            continue
        about = {"stage": stage, "followed": days, "since": since.date().isoformat(), "until": until.date().isoformat()}
        strata = _strata(rows)
        last = definition.stages[-1].key
        outcomes = {KEPT: [row.kept for row in rows]} | (
            {ARRIVED: [row.arrived for row in rows]} if stage != last else {}
        )
        found = [{**about, **_compared(name, rows, values, strata)} for name, values in outcomes.items()]
        if any("cost" in one for one in found):
            break
    return found


def _compared(name: str, rows: Sequence[Passed], values: Iterable[bool], strata: Sequence[Any]) -> dict[str, Any]:
    cases = [Case(r.skipped, float(v), s) for r, v, s in zip(rows, values, strata, strict=True)]
    found: Cost | Silent = share_cost(cases)
    if isinstance(found, Silent):
        return {"outcome": name, "silent": asdict(found)}
    return {"outcome": name, "cost": asdict(found), "_cost": found}


def _passed(
    process: Process, definition: Definition, stage: str, days: int, since: dt.datetime, until: dt.datetime
) -> list[Passed]:
    later = [s.key for s in definition.stages[definition.order[stage] + 1 :]]
    args: dict[str, Any] = {
        "process": process.pk, "stage": stage, "later": later, "last": definition.stages[-1].key, "joined": JOINED,
        "followed": dt.timedelta(days), "since": since, "until": until, "most": MOST,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PASSED, args)
        return [Passed(*row) for row in cursor.fetchall()]


def _strata(rows: Sequence[Passed]) -> list[tuple[Any, ...]]:
    """Segment, source, currency and band of size of each journey's first deal; bands are cut for each currency."""
    deals = _first_deals(rows)
    known = [deals.get(row.journey, ("", "", None)) for row in rows]
    sizes: dict[str, list[float]] = defaultdict(list)
    for _source, currency, amount in known:
        if amount is not None:
            sizes[currency].append(amount)
    skipped = sum(row.skipped for row in rows)
    cuts = {currency: bands(amounts, skipped) for currency, amounts in sizes.items()}
    return [
        (row.segment, source, currency, band_of(amount, cuts.get(currency, ())))
        for row, (source, currency, amount) in zip(rows, known, strict=True)
    ]


def _first_deals(rows: Sequence[Passed]) -> dict[int, tuple[str, str, float | None]]:
    """{journey: (source, currency, amount)} of the customer's first deal. Read as the machine: only sums are shown."""
    out: dict[int, tuple[str, str, float | None]] = {}
    everything = registry["deal"].rows(system())
    for column, of in (("company", {r.company: r.journey for r in rows if r.company}),
                       ("contact", {r.person: r.journey for r in rows if r.person})):  # fmt: skip
        found = everything.filter(**{f"{column}__in": list(of)}).order_by("opened_on", "pk")
        for customer, source, currency, amount in found.values_list(column, "source", "currency", "amount"):
            out.setdefault(of[customer], (source, currency, None if amount is None else float(amount)))
    return out
