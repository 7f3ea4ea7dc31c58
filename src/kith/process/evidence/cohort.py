"""Who came past a stage in some days, having skipped it or not, and what became of them: what costs are worked out from.

Read as the machine, over night: only sums and shares of it are shown.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from kith.kernel.access.actor import system
from kith.kernel.money.queries import rate
from kith.kernel.records.registry import registry
from kith.process.definition.shape import Definition
from kith.process.evidence.cost import band_of, bands
from kith.process.evidence.variants import goal_of
from kith.process.evidence.walks import JOINED
from kith.process.models import Process

MOST = 100_000  # journeys compared for one stage, the latest ones

Customer = tuple[str, int]  # "company" or "person", and its id

# Journeys that came past the stage within the days: whether they skipped it, when they came beyond, how it went on.
_BEYOND = """
FROM process_trail t
JOIN process_journey j ON j.id = t.journey_id
JOIN LATERAL (SELECT min(p.came_at) AS at, min(p.day) AS day FROM process_passage p
              WHERE p.journey_id = t.journey_id AND p.stage = ANY(%(later)s)) beyond ON beyond.day BETWEEN %(since)s AND %(until)s
"""
_WHOSE = """
WHERE j.process_id = %(process)s AND j.outcome <> %(joined)s
  AND (%(stage)s = ANY(t.skipped) OR %(stage)s = ANY(t.path))
"""
_LOST = "j.closed_at IS NOT NULL AND j.outcome NOT IN ('', %(joined)s)"
_PASSED = f"""
SELECT %(stage)s = ANY(t.skipped), j.segment, j.company_id, j.person_id, j.opened_at, beyond.at, won.came_at,
       NOT ({_LOST} AND j.closed_at < beyond.at + %(followed)s),
       last.came_at IS NOT NULL AND last.came_at < beyond.at + %(followed)s
{_BEYOND}
LEFT JOIN process_passage last ON last.journey_id = t.journey_id AND last.stage = %(last)s
LEFT JOIN process_passage won ON won.journey_id = t.journey_id AND won.stage = %(goal)s
{_WHOSE}
ORDER BY beyond.at DESC LIMIT %(most)s
"""
# (skipped, whole days seen, whether they were lost then, how many): who ended well was seen until then.
_SEEN = f"""
SELECT skipped, greatest(0, floor(extract(epoch FROM seen) / 86400))::int, lost, count(*) FROM (
    SELECT %(stage)s = ANY(t.skipped) AS skipped, least(coalesce(j.closed_at, %(now)s), %(now)s, beyond.at + %(followed)s) - beyond.at AS seen,
           {_LOST} AND j.closed_at < least(%(now)s, beyond.at + %(followed)s) AS lost
    {_BEYOND} {_WHOSE}
) one GROUP BY 1, 2, 3
"""  # noqa: S608 - made of the constants above


@dataclass(frozen=True)
class Window:
    """Came past `stage` from `since` to `until`, both included and on the organisation's clock; followed for `days` from then."""

    process: Process
    definition: Definition
    stage: str
    days: int
    since: dt.date
    until: dt.date

    def parameters(self) -> dict[str, Any]:
        definition = self.definition
        return {
            "process": self.process.pk, "stage": self.stage, "joined": JOINED, "followed": dt.timedelta(self.days),
            "later": [s.key for s in definition.stages[definition.order[self.stage] + 1 :]], "most": MOST,
            "last": definition.stages[-1].key, "goal": goal_of(definition), "since": self.since, "until": self.until,
        }  # fmt: skip

    @property
    def only_last(self) -> bool:
        """Is there but one stage after it, so that who came past it came to the last one?"""
        return self.stage == self.definition.stages[-2].key

    @property
    def won_before(self) -> bool:
        """Is a customer won before this stage, or in it?"""
        return self.definition.order[self.stage] >= self.definition.order[goal_of(self.definition)]


@dataclass(frozen=True)
class Passed:
    """One journey. `kept` and `arrived`: still with us, and come to the last stage, when it was no longer followed."""

    skipped: bool
    segment: str
    company: int | None
    person: int | None
    opened: dt.datetime
    beyond: dt.datetime
    won: dt.datetime | None
    kept: bool
    arrived: bool

    @property
    def customer(self) -> Customer:
        return ("company", self.company) if self.company else ("person", self.person or 0)


@dataclass(frozen=True)
class Bought:
    """A deal of a customer. `worth` is None unless it is won and its worth in the home currency is known."""

    source: str
    currency: str
    amount: float | None
    won_on: dt.date | None
    worth: float | None


def passed(window: Window) -> list[Passed]:
    with connection.cursor() as cursor:
        cursor.execute(_PASSED, window.parameters())
        return [Passed(*row) for row in cursor.fetchall()]


def seen(window: Window, now: dt.datetime) -> dict[bool, list[tuple[float, bool]]]:
    """{skipped: [(days seen, lost then)]} of all who came past the stage from the first day on, until now."""
    out: dict[bool, list[tuple[float, bool]]] = {True: [], False: []}
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, {**window.parameters(), "until": dt.date.max, "now": now})
        for skipped, days, lost, many in cursor.fetchall():
            out[skipped] += [(float(days), lost)] * many
    return out


def deals_of(rows: Sequence[Passed]) -> dict[Customer, list[Bought]]:
    """What these customers were offered and bought, first first. Two queries."""
    out: dict[Customer, list[Bought]] = defaultdict(list)
    everything = registry["deal"].rows(system())
    for kind, column in (("company", "company"), ("person", "contact")):
        of = {row.customer[1] for row in rows if row.customer[0] == kind}
        found = everything.filter(**{f"{column}__in": of}).order_by("opened_on", "pk")
        for pk, *deal in found.values_list(column, "source", "currency", "amount", "status", "closed_on"):
            out[kind, pk].append(_bought(*deal))
    return out


def _bought(source: str, currency: str, amount: Any, status: str, closed: dt.date | None) -> Bought:
    won = closed if status == "won" else None
    times = rate(currency, won) if won and amount is not None else None
    worth = float(amount * times) if times is not None else None
    return Bought(source, currency, None if amount is None else float(amount), won, worth)


def strata(rows: Sequence[Passed], deals: dict[Customer, list[Bought]]) -> list[tuple[Any, ...]]:
    """Segment, source, currency and band of size of each journey's first deal; bands are cut for each currency."""
    known = [(one[0].source, one[0].currency, one[0].amount) if (one := deals.get(row.customer)) else ("", "", None) for row in rows]  # fmt: skip
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


def worth_of(row: Passed, deals: Iterable[Bought], days: int) -> float | None:
    """What they bought until they were no longer followed, in the home currency; None where they bought nothing of known worth."""
    until = (row.beyond + dt.timedelta(days)).date()
    worths = [d.worth for d in deals if d.worth and d.won_on and row.opened.date() <= d.won_on <= until]
    return sum(worths) or None


def bought_again(row: Passed, deals: Iterable[Bought], days: int) -> bool:
    """Did they buy once more after they came past the stage, while they were followed?"""
    since, until = row.beyond.date(), (row.beyond + dt.timedelta(days)).date()
    return any(d.won_on and since < d.won_on <= until for d in deals)


def days_to_won(row: Passed, days: int) -> float | None:
    """From the beginning until they were won, of those who were while they were followed."""
    if row.won is None or row.won >= row.beyond + dt.timedelta(days):
        return None
    return max(0.0, (row.won - row.opened) / dt.timedelta(days=1))
