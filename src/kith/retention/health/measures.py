"""What a part of health sees of many customers at once, as it stood at a moment: one statement for each part.

A customer of whom nothing is known is left out of the answer, so that it lowers how sure we are and not the score. Filters
and payment look at columns, of which only today's values are known; everything else can be asked of any day, which is what the
backtest does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.lookups.compile import filtered
from kith.kernel.lookups.conditions import tree_of, words_of
from kith.kernel.records.registry import registry
from kith.retention.customers import Batch, Key, told
from kith.retention.models import HealthPart, Source

TALKED = ("mail.received", "activity.called", "activity.met", "chat.held", "meeting.held", "ticket.customer_replied")
UNDONE = "NOT EXISTS (SELECT 1 FROM timeline_operation o WHERE o.id = e.operation AND o.undone_at IS NOT NULL)"
# Keys of the batch and their events: through the index of links, whatever the number of events of others.
LINKS = f"""
    FROM (SELECT 'company' AS record, unnest(%(companies)s::bigint[]) AS id UNION ALL SELECT 'person', unnest(%(people)s::bigint[])) g
    JOIN timeline_eventlink l ON l.record = g.record AND l.record_id = g.id AND l.at <= %(now)s
    JOIN timeline_event e ON e.id = l.event_id AND e.verb = ANY(%(verbs)s) AND {UNDONE}
"""
SPOKE = f"SELECT g.record, g.id, max(e.at) {LINKS} WHERE NOT (e.verb = 'activity.called' AND coalesce(e.payload->>'minutes', '1') = '0') GROUP BY 1, 2"
HAPPENED = f"SELECT g.record, g.id, count(*), max(e.at) {LINKS} AND l.at > %(since)s GROUP BY 1, 2"
ANSWERED = f"""
    SELECT record, id, avg(share), max(at), count(*) FROM (
        SELECT g.record, g.id, e.at, 100 * (e.payload->>'score')::float / nullif((e.payload->>'top')::float, 0) AS share,
               row_number() OVER (PARTITION BY g.record, g.id ORDER BY e.at DESC) AS n
        {LINKS} AND l.at > %(since)s
    ) a WHERE n <= 3 AND share IS NOT NULL GROUP BY 1, 2
"""  # noqa: S608
BEGAN = f"""
    SELECT g.record, g.id, coalesce(max(e.at) FILTER (WHERE e.verb IN ('onboarding.first_value', 'onboarding.completed')), '-infinity')
               > coalesce(max(e.at) FILTER (WHERE e.verb = 'onboarding.first_value_withdrawn'), '-infinity'),
           count(*) FILTER (WHERE e.verb IN ('onboarding.slipped', 'onboarding.check_in_skipped')), max(e.at) {LINKS} GROUP BY 1, 2
"""
ONBOARDING = (
    "onboarding.first_value", "onboarding.completed", "onboarding.first_value_withdrawn", "onboarding.slipped", "onboarding.check_in_skipped", "onboarding.started",
    "journey.handover_accepted",
)  # fmt: skip
# Asked of each type by itself, so that keys of a batch are looked up by their index.
TICKETS = """
    SELECT t.{record}_id, sum(CASE WHEN t.kind = 'complaint' OR t.priority = 'urgent' THEN 2 ELSE 1 END), max(t.opened_at),
           count(*), count(*) FILTER (WHERE t.kind = 'complaint')
    FROM support_ticket t
    WHERE t.{record}_id = ANY(%(ids)s) AND t.archived_at IS NULL AND t.opened_at > %(since)s AND t.opened_at <= %(now)s
    GROUP BY 1
"""
USED = """
    SELECT u.{record}_id, sum(u.amount) FILTER (WHERE u.day > %(today)s::date - 28),
           sum(u.amount) FILTER (WHERE u.day <= %(today)s::date - 28), min(u.day), max(u.day)
    FROM retention_usage u
    WHERE u.{record}_id = ANY(%(ids)s) AND u.counter = %(counter)s AND u.day <= %(today)s AND u.day > %(today)s::date - 112
    GROUP BY 1
"""
# What invoicing reported of orders: the longest that one of them is late, and how many are.
PAID = """
    SELECT o.{record}_id, max(CASE WHEN o.late_since IS NULL THEN 0 ELSE greatest(%(today)s::date - o.late_since, 0) END),
           count(*) FILTER (WHERE o.late_since IS NOT NULL), max(o.billed_at)
    FROM conversion_order o
    WHERE o.{record}_id = ANY(%(ids)s) AND o.archived_at IS NULL AND o.billing IN ('invoiced', 'paid', 'overdue')
    GROUP BY 1
"""
COUNTED = """
    SELECT DISTINCT ON (u.{record}_id) u.{record}_id, u.amount, u.day
    FROM retention_usage u
    WHERE u.{record}_id = ANY(%(ids)s) AND u.counter = %(counter)s AND u.day <= %(today)s AND u.day > %(today)s::date - %(days)s::int
    ORDER BY 1, u.day DESC
"""


@dataclass(frozen=True)
class Seen:
    """What a part sees of one customer: its figure, in words, and when that last changed."""

    figure: float
    words: str
    at: dt.date | dt.datetime | None = None


@dataclass(frozen=True)
class Look:
    """What measures are given: whom, as of when, and the gaps of their tiers."""

    batch: Batch
    now: dt.datetime
    spoke: dict[Key, dt.datetime]
    gaps: dict[Key, int]

    @property
    def today(self) -> dt.date:
        return timezone.localdate(self.now)

    def asked(self, part: HealthPart, verbs: tuple[str, ...] = ()) -> dict[str, Any]:
        since = self.now - dt.timedelta(days=part.days)
        return {
            **self.batch.given(), "now": self.now, "since": since, "verbs": list(verbs), "today": self.today,
            "counter": part.counter, "days": part.days,
        }  # fmt: skip


def by_type(sql: str, part: HealthPart, look: Look) -> list[tuple[Any, ...]]:
    """(type, id, …) of a statement that is asked of companies and of people by themselves."""
    given = look.asked(part)
    found: list[tuple[Any, ...]] = []
    for record, ids in (("company", given["companies"]), ("person", given["people"])):
        if ids:
            found += [(record, *row) for row in told(sql.format(record=record), {**given, "ids": ids})]
    return found


def spoke(batch: Batch, now: dt.datetime) -> dict[Key, dt.datetime]:
    """When each of these last said something to us, in a mail, a call, a meeting, a chat or a ticket."""
    given = {**batch.given(), "now": now, "verbs": list(TALKED)}
    return {(record, pk): at for record, pk, at in told(SPOKE, given)}


def _contact(part: HealthPart, look: Look) -> dict[Key, Seen]:
    out = {}
    for key in look.batch.every():
        gap, at = look.gaps.get(key), look.spoke.get(key)
        since = timezone.localdate(at) if at else look.batch.since(key)
        if gap is None:
            continue
        days = max((look.today - since).days, 0)
        words = ngettext(
            "%(n)d day since we spoke, every %(gap)d asked for",
            "%(n)d days since we spoke, every %(gap)d asked for",
            days,
        )
        if at is None:
            words = ngettext("%(n)d day a customer and never spoken", "%(n)d days a customer and never spoken", days)
        out[key] = Seen(days / gap, words % {"n": days, "gap": gap}, at)
    return out


def _tickets(part: HealthPart, look: Look) -> dict[Key, Seen]:
    if not registry["ticket"].model._default_manager.filter(opened_at__lte=look.now).exists():
        return {}  # nobody writes tickets here: that there are none says nothing
    out = {key: Seen(0.0, ngettext("%(n)d ticket", "%(n)d tickets", 0) % {"n": 0}) for key in look.batch.every()}
    for record, pk, figure, at, count, complaints in by_type(TICKETS, part, look):
        words = ngettext("%(n)d ticket", "%(n)d tickets", count) % {"n": count}
        if complaints:
            many = ngettext("%(n)d complaint among them", "%(n)d complaints among them", complaints)
            words += ", " + many % {"n": complaints}
        out[record, pk] = Seen(float(figure), words, at)
    return out


def _survey(part: HealthPart, look: Look) -> dict[Key, Seen]:
    rows = told(ANSWERED, look.asked(part, ("survey.answered",)))
    return {
        (record, pk): Seen(share, ngettext("%(p)d %% of the best, of %(n)d answer", "%(p)d %% of the best, of the last %(n)d answers", n) % {"p": share, "n": n}, at)
        for record, pk, share, at, n in rows
    }  # fmt: skip


def _onboarding(part: HealthPart, look: Look) -> dict[Key, Seen]:
    out = {}
    for record, pk, reached, slips, at in told(BEGAN, look.asked(part, ONBOARDING)):
        words = _("first value reached") if reached else _("no first value yet")
        if slips:
            words += ", " + ngettext("%(n)d slip", "%(n)d slips", slips) % {"n": slips}
        out[record, pk] = Seen(max((100 if reached else 50) - 20 * slips, 0), words, at)
    return out


def _usage(part: HealthPart, look: Look) -> dict[Key, Seen]:
    out = {}
    for record, pk, lately, before, first, last in by_type(USED, part, look):
        weeks = (look.today - dt.timedelta(days=28) - first).days / 7 + 1 / 7
        if not before or weeks < 2:
            continue  # too new for anything to be usual
        usual = before / weeks * 4
        share = (lately or 0.0) / usual
        out[record, pk] = Seen(100 * share, _("%(p)d %% of the usual in four weeks") % {"p": round(100 * share)}, last)
    return out


def _counter(part: HealthPart, look: Look) -> dict[Key, Seen]:
    rows = by_type(COUNTED, part, look)
    return {(record, pk): Seen(amount, f"{part.counter}: {amount:g}", day) for record, pk, amount, day in rows}


def _payment(part: HealthPart, look: Look) -> dict[Key, Seen]:
    """Nothing is known of whom invoicing never spoke. A counter beside it holds where it says more days."""
    out = _counter(part, look) if part.counter else {}
    for record, pk, days, late, at in by_type(PAID, part, look):
        other = out.get((record, pk))
        if other is not None and other.figure >= days and other.figure:
            continue
        words = (
            ngettext("%(n)d order overdue", "%(n)d orders overdue", late) % {"n": late}
            if late
            else _("nothing overdue")
        )
        if late:
            words += ", " + ngettext("for %(n)d day", "for %(n)d days", days) % {"n": days}
        out[record, pk] = Seen(float(days), words, at)
    return out


def _events(part: HealthPart, look: Look) -> dict[Key, Seen]:
    found = {(record, pk): (n, at) for record, pk, n, at in told(HAPPENED, look.asked(part, (part.verb,)))}
    label, out = words_of(part.verb), {}
    for key in look.batch.every():
        n, at = found.get(key, (0, None))
        out[key] = Seen(n, ngettext("%(n)d time: %(what)s", "%(n)d times: %(what)s", n) % {"n": n, "what": label}, at)
    return out


def _filter(part: HealthPart, look: Look) -> dict[Key, Seen]:
    """100 for companies that the filter fits, else 0; nothing is known of people, nor while it cannot be asked."""
    record = registry["company"]
    rows = record.model._default_manager.filter(pk__in=list(look.batch.companies))
    try:
        fitting = set(filtered(record, tree_of(part.where), system(), rows).values_list("pk", flat=True))
    except Invalid:
        return {}
    return {
        ("company", pk): Seen(100.0 if pk in fitting else 0.0, _("fits") if pk in fitting else _("does not fit"))
        for pk in look.batch.companies
    }


MEASURES: dict[str, Callable[[HealthPart, Look], dict[Key, Seen]]] = {
    Source.CONTACT: _contact, Source.TICKETS: _tickets, Source.SURVEY: _survey, Source.ONBOARDING: _onboarding,
    Source.USAGE: _usage, Source.COUNTER: _counter, Source.PAYMENT: _payment, Source.EVENTS: _events, Source.FILTER: _filter,
}  # fmt: skip
