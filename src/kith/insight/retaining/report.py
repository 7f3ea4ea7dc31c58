"""The report of retention as its reader may see it: movements by month, net and gross retention, cohorts, why customers left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.insight.retaining.cohorts import STEPS, Cohort, cohorts
from kith.insight.retaining.movements import KINDS, Book, Month, Retained, months, retained
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.money.queries import home
from kith.kernel.records.registry import registry
from kith.retention.queries import brings, churns, customers

TITLE = gettext_lazy("Retention")
BY = {"month": gettext_lazy("Month"), "quarter": gettext_lazy("Quarter"), "year": gettext_lazy("Year")}
MONTHS, MOST = 12, 60


@dataclass(frozen=True)
class Ask:
    """The `months` that end with the month of `until`; cohorts by month, quarter or year."""

    until: dt.date
    months: int = MONTHS
    by: str = "quarter"

    @property
    def first(self) -> dt.date:
        return self.until.replace(day=1) - relativedelta(months=self.months - 1)


@dataclass
class Retention:
    """Worked out. `left_out`: values of orders without a customer or an exchange rate. `why`: (reason, kind, how many, yearly)."""

    ask: Ask
    currency: str
    months: list[Month]
    year: Retained
    cohorts: list[Cohort]
    customers: int
    now: int
    left_out: int
    why: list[tuple[str, str, int, Decimal]]


def read_ask(said: Mapping[str, str]) -> Ask:
    """Raises Invalid for a day, a number of months or cohorts that are none."""
    until, many, by = said.get("until") or "", said.get("months") or str(MONTHS), said.get("by") or "quarter"
    try:
        day = dt.date.fromisoformat(until) if until else timezone.localdate()
    except ValueError as problem:
        raise Invalid(_("“%s” is not a day; write it like 2026-06-30.") % until[:40], "until") from problem
    if not many.isdecimal() or not 1 <= int(many[:4]) <= MOST:
        raise Invalid(_("From 1 to %d months.") % MOST, "months")
    if by not in STEPS:
        raise Invalid(_("Cohorts go by %(known)s, not by “%(by)s”.") % {"known": ", ".join(STEPS), "by": by[:40]}, "by")
    return Ask(day, int(many), by)


def make(actor: Actor, ask: Ask) -> Retention:
    """Raises NotAllowed where orders are hidden."""
    actor.require("order.see")
    told, left_out = brings(actor)
    book = Book(told)
    everybody = customers(actor)
    start = ask.until - relativedelta(years=1)
    return Retention(
        ask, home(), months(book, ask.first, ask.until), retained(book, start, ask.until), cohorts(everybody, ask.by, ask.until),
        sum(since <= ask.until for _w, since, _u in everybody),
        sum(since <= ask.until and (until is None or until > ask.until) for _w, since, until in everybody), left_out, _why(actor, ask),
    )  # fmt: skip


def _why(actor: Actor, ask: Ask) -> list[tuple[str, str, int, Decimal]]:
    if not actor.can("churn.see"):
        return []
    rows = churns(actor).filter(ended_on__gte=ask.first, ended_on__lte=ask.until).order_by()
    told = (
        rows.values_list("reason__name", "kind")
        .annotate(n=Count("pk"), lost=Sum("yearly"))
        .order_by("-n", "reason__name")
    )
    return [(name or _("not said"), kind, n, lost or Decimal(0)) for name, kind, n, lost in told]


def named(actor: Actor, month: Month, kind: str) -> list[tuple[str, str, Decimal]]:
    """(name, address, how much) of the customers of one movement, the largest first."""
    found = []
    for record in ("company", "person"):
        wanted = {key[1]: amount for key, amount in month.who[kind] if key[0] == record}
        types = registry[record]
        for row in types.rows(actor).filter(pk__in=wanted):
            found.append((types.name_of(row), types.url(row.pk), wanted[row.pk]))
    return sorted(found, key=lambda one: (-one[2], one[0]))


def as_json(out: Retention) -> dict[str, Any]:
    """For programs. Amounts are decimals as text, yearly recurring revenue in `currency`."""
    year = out.year
    return {
        "report": "retention", "title": str(TITLE), "until": out.ask.until.isoformat(), "currency": out.currency, "left_out": out.left_out,
        "months": [
            {"month": m.first.strftime("%Y-%m"), "start": str(m.start), **{kind: str(m.moved[kind]) for kind in KINDS}, "end": str(m.end),
             "customers": m.customers, "moved_customers": {kind: len(m.who[kind]) for kind in KINDS}}
            for m in out.months
        ],
        "year": {"start": str(year.start), "customers": year.customers, "net": year.net, "gross": year.gross, "heads": year.heads},
        "customers": {"ever": out.customers, "now": out.now},
        "cohorts": [{"first": c.first.isoformat(), "customers": c.customers, "kept": c.kept, "now": c.now} for c in out.cohorts],
        "why": [{"reason": name, "kind": kind, "customers": n, "yearly": str(lost)} for name, kind, n, lost in out.why],
        "definition": str(_("Yearly recurring revenue of running orders at the end of each month, at the exchange rate of the day each order was placed. Each customer makes one movement a month; start and movements add up to end.")),
    }  # fmt: skip
