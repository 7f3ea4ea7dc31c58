"""Tickets like this one: those a customer may have opened twice, and solved ones whose answer may help again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.kernel.text import fold
from kith.support.models import UNSOLVED, Ticket, TicketState
from kith.support.reasking import PLAIN

MOST, LOOKED = 5, 200


def telling(text: str) -> set[str]:
    """The words by which a subject is known."""
    return {word.strip(".,!?:;()“”\"'#") for word in fold(text).split()} - PLAIN - {""}


def look_alikes(actor: Actor, values: dict[str, Any], own: int | None = None) -> list[tuple[Any, str]]:
    """Unsolved tickets of the same person or company with mostly the same words, while one types."""
    person, company = values.get("person"), values.get("company")
    words = telling(str(values.get("subject") or ""))
    if not words or (person is None and company is None):
        return []
    whose = Q(person=person) if person is not None else Q(company=company)
    rows = registry["ticket"].rows(actor, archived=False).filter(UNSOLVED, whose).exclude(pk=own or 0)
    return [
        (row, _("the same customer asks it already")) for row in rows.order_by("-opened_at")[:50]
        if len(words & telling(row.subject)) * 2 >= len(words | telling(row.subject))
    ][:MOST]  # fmt: skip


def solved_alike(actor: Actor, ticket: Ticket) -> list[Any]:
    """Solved tickets that share most of its telling words or its cause and say what helped, the likest first. At
    most two questions to the search index, of which a few hundred rows are looked at."""
    words = sorted(word for word in telling(ticket.subject) if len(word) > 3)[:8]
    rows = registry["ticket"].rows(actor, archived=False).filter(state__in=[TicketState.SOLVED, TicketState.CLOSED])
    rows = rows.exclude(pk=ticket.pk).exclude(Q(cause="") & Q(resolution=""))
    found: dict[int, tuple[int, Any]] = {}
    for query in _questions(words):
        near = list(
            rows.filter(tsv=query).order_by().values_list("pk", flat=True)[:LOOKED]
        )  # no order: nothing is sorted
        for row in rows.filter(pk__in=near).defer("request", "custom"):
            score = len(set(words) & telling(row.search))
            found[row.pk] = (score + 2 * (row.cause == ticket.cause != ""), row)
        if len(found) >= MOST:
            break
    if ticket.cause:
        for row in rows.filter(cause=ticket.cause).order_by("-solved_at")[:20]:
            found.setdefault(row.pk, (2, row))
    best = sorted(found.values(), key=lambda one: (-one[0], -one[1].pk))
    helped: dict[str, Any] = {}
    for score, row in best:
        if score >= min(2, len(words) or 2):
            helped.setdefault(fold(row.resolution or row.cause), row)  # the same answer is said once
    return list(helped.values())[:MOST]


def _questions(words: list[str]) -> list[SearchQuery]:
    """What the search index is asked, the narrowest first: all words together, then any two neighbours."""
    single = [SearchQuery(word, config="simple") for word in words]
    if len(single) < 2:
        return single
    every, pairs = single[0], single[0] & single[1]
    for query in single[1:]:
        every = every & query
    for one, other in zip(single[1:], single[2:], strict=False):
        pairs = pairs | (one & other)
    return [every, pairs]


def causes(actor: Actor, days: int = 90) -> list[dict[str, Any]]:
    """Causes that came again, with how many tickets and customers each had lately, the commonest first; `yearly`: {currency:
    what the running orders of these companies bring a year}, as far as the reader may see them."""
    since = timezone.now() - dt.timedelta(days=days)
    rows = registry["ticket"].rows(actor, archived=False).filter(opened_at__gte=since).exclude(cause="").order_by()
    counted = rows.values("cause").annotate(
        tickets=Count("pk"), companies=Count("company", distinct=True), people=Count("person", distinct=True)
    )  # fmt: skip
    found = list(counted.order_by("-tickets", "cause")[:30])
    yearly = _yearly(actor, rows.filter(cause__in=[one["cause"] for one in found], company__isnull=False))
    return [{**one, "yearly": yearly.get(one["cause"], {})} for one in found]


def _yearly(actor: Actor, tickets: Any) -> dict[str, dict[str, Decimal]]:
    """{cause: {currency: yearly}} of the companies of these tickets, each counted once for a cause. Two queries."""
    asked: dict[int, set[str]] = defaultdict(set)
    for cause, company in tickets.values_list("cause", "company").distinct():
        asked[company].add(cause)
    out: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    orders = registry["order"].rows(actor, archived=False).filter(company__in=list(asked), ended_on=None, yearly__gt=0)
    for company, currency, yearly in orders.order_by().values_list("company", "currency").annotate(n=Sum("yearly")):
        for cause in asked[company]:
            out[cause][currency] += yearly
    return {cause: dict(sorted(sums.items())) for cause, sums in out.items()}
