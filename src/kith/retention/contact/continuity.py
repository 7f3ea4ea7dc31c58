"""Whether care goes on after payment: how fast we answer, how often we speak and how hard it is for them, in the half year
before somebody became a customer and in the last one.

Kept with each customer's row at night; an alarm is told once when care falls, and again only after it rose.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.timeline.write import Entry, write_events
from kith.retention.customers import Batch, Key, batches, told
from kith.retention.events import CareFell
from kith.retention.health.computing import by_itself
from kith.retention.health.measures import UNDONE
from kith.retention.models import Care

HALF_YEAR = dt.timedelta(days=182)
SLOWER, HOURS = 2.0, 4.0  # answers take twice as long, and at least so many hours more
SELDOM = 0.5  # contacts fell to half of what they were
FEWEST = 3  # answers, or contacts, before that are enough to compare with
BATCH = 1000
THEIRS, OURS = (
    ["mail.received", "ticket.customer_replied"],
    ["mail.sent", "mail.written", "activity.called", "activity.met", "ticket.answered"],
)
EFFORT = ["ticket.reopened", "ticket.transferred", "ticket.reasked"]
HAPPENED = f"""
    SELECT record, id, at, theirs, effort, answered FROM (
        SELECT g.record, g.id, e.at, e.verb = ANY(%(theirs)s) AS theirs, e.verb = ANY(%(effort)s) AS effort,
               min(e.at) FILTER (WHERE e.verb = ANY(%(ours)s)) OVER (
                   PARTITION BY g.record, g.id ORDER BY e.at, e.id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS answered,
               g.since
        FROM (SELECT 'company' AS record, unnest(%(companies)s::bigint[]) AS id, unnest(%(company_since)s::date[]) AS since
              UNION ALL SELECT 'person', unnest(%(people)s::bigint[]), unnest(%(person_since)s::date[])) g
        JOIN timeline_eventlink l ON l.record = g.record AND l.record_id = g.id
             AND ((l.at >= g.since - 182 AND l.at < g.since) OR (l.at > %(then)s AND l.at >= g.since))
        JOIN timeline_event e ON e.id = l.event_id AND e.verb = ANY(%(every)s) AND {UNDONE}
    ) h
"""  # noqa: S608 - made of the constants above


@dataclass
class Side:
    """Before or after: hours to an answer, how often we spoke, what was laborious for them."""

    hours: list[float]
    contacts: int = 0
    effort: int = 0

    @property
    def answer(self) -> float | None:
        return round(median(self.hours), 1) if self.hours else None


def compare(batch: Batch, now: dt.datetime) -> dict[Key, tuple[Side, Side]]:
    """{customer: (before, after)} of those of whom anything is known. One query."""
    given: dict[str, Any] = {
        **batch.given(), "company_since": list(batch.companies.values()), "person_since": list(batch.people.values()),
        "then": now - HALF_YEAR, "theirs": THEIRS, "ours": OURS, "effort": EFFORT, "every": [*THEIRS, *OURS, *EFFORT],
    }  # fmt: skip
    out: dict[Key, tuple[Side, Side]] = {}
    for record, pk, at, theirs, effort, answered in told(HAPPENED, given):
        key = (record, pk)
        after = timezone.localdate(at) >= batch.since(key)
        side = out.setdefault(key, (Side([]), Side([])))[after]
        side.effort += effort
        side.contacts += not effort
        if theirs and answered is not None:
            side.hours.append((answered - at).total_seconds() / 3600)
    return out


def fell(before: Side, after: Side) -> list[str]:
    """What fell, in words; [] where care goes on or where there is too little to compare."""
    out = []
    known = (
        before.answer is not None and after.answer is not None and min(len(before.hours), len(after.hours)) >= FEWEST
    )
    if known and after.answer >= max(SLOWER * before.answer, before.answer + HOURS):  # type: ignore[operator]
        said = {"before": before.answer, "after": after.answer}
        out.append(_("answers took %(before)s hours before they paid and take %(after)s now") % said)
    if before.contacts >= 2 * FEWEST and after.contacts <= SELDOM * before.contacts:
        out.append(_("%(before)d contacts in the half year before they paid and %(after)d in the last one") % {
            "before": before.contacts, "after": after.contacts})  # fmt: skip
    return out


def everybody(now: dt.datetime | None = None) -> int:
    """Compare all customers of at least half a year, and tell of those for whom care fell; returns how many."""
    now, n = now or timezone.now(), 0
    for batch in batches(BATCH, timezone.localdate(now)):
        n += _keep(batch, now)
    return n


@transaction.atomic
def _keep(batch: Batch, now: dt.datetime) -> int:
    found, alarms, changed = compare(batch, now), [], []
    old_enough = timezone.localdate(now) - HALF_YEAR
    rows = [
        *Care.objects.filter(company__in=list(batch.companies)),
        *Care.objects.filter(person__in=list(batch.people)),
    ]
    for care in rows:
        key: Key = ("company", care.company_id) if care.company_id else ("person", care.person_id or 0)
        before, after = found.get(key, (Side([]), Side([])))
        words = fell(before, after) if batch.since(key) <= old_enough else []
        then = {
            "answer": [before.answer, after.answer], "contacts": [before.contacts, after.contacts], "effort": [before.effort, after.effort],
            "fell": words,
        }  # fmt: skip
        if care.before == then:
            continue
        if words and not care.before.get("fell"):
            alarms.append(Entry(*key, says=CareFell(what="; ".join(words)), at=now))
        care.before = then
        changed.append(care)
    Care.objects.bulk_update(changed, ["before"], batch_size=500)
    if alarms:
        write_events(alarms, by=by_itself())
    return len(alarms)


def overall(rows: Any) -> dict[str, tuple[float | None, float | None]]:
    """{"answer", "contacts", "effort": (before, after)} of some customers: the median of their answers, and means."""
    told = [care.before for care in rows if care.before]
    out: dict[str, tuple[float | None, float | None]] = {}
    for key in ("answer", "contacts", "effort"):
        both = [one[key] for one in told if key in one and (key != "answer" or None not in one[key])]
        if not both:
            out[key] = (None, None)
            continue
        sides = ([a for a, _b in both], [b for _a, b in both])
        out[key] = tuple(round(median(s), 1) if key == "answer" else round(sum(s) / len(s), 1) for s in sides)  # type: ignore[assignment]
    return out
